"""`python -m benchmarks.blocklists`: how long 50 lists and 4 addresses take against a DNS server of 50 ms.

Five of the lists never answer. Never fails because of a figure.
"""

import asyncio
import time
from collections import Counter

from webapp.demo.nameserver import Fault, NameServer
from webapp.dnscheck.blocklist.look import AT_ONCE
from webapp.dnscheck.blocklist.lookup import Listing, look_up
from webapp.dnscheck.blocklist.verdict import Blocklist, query_name
from webapp.dnscheck.resolver import Resolver

LISTS, DEAD = 50, 5
DELAY = 0.05  # seconds for each answer
ADDRESSES = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")


def _lists() -> list[Blocklist]:
    return [
        Blocklist(name=zone, operator="", policy="", zone=zone, page="")
        for zone in (f"list{number}.example" for number in range(LISTS))
    ]


async def _measure(server: str) -> tuple[float, list[Listing]]:
    async with Resolver([server], at_once=AT_ONCE) as resolver:
        began = time.monotonic()
        found = await look_up(ADDRESSES, _lists(), resolver)
        return time.monotonic() - began, found


def main() -> None:
    """Starts the name server, looks up, prints."""
    entry = {"A": ["127.0.0.2"], "TXT": ["because"]}
    zone = {query_name(ADDRESSES[0], f"list{number}.example"): entry for number in range(0, LISTS, 7)}
    for dead in (0, DEAD):
        faults = {f"list{LISTS - 1 - number}.example": Fault.SILENCE for number in range(dead)}
        with NameServer(zone, faults=faults, delay=DELAY) as server:
            seconds, found = asyncio.run(_measure(server.address))
            states = Counter(str(one.verdict.state) for one in found)
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        print(f"{LISTS} lists ({dead} silent) x {len(ADDRESSES)} addresses: {seconds:.2f} s; {told}")


if __name__ == "__main__":
    main()
