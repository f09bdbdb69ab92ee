"""`python -m benchmarks.domains`: how long 200 domains take against a DNS server that answers in 50 ms.

The name server stands in another process. One of the domains has a dead name server; the figure without it
shows that
it delays no other. Never fails because of a figure.
"""

import asyncio
import multiprocessing
import resource
import time
from base64 import b64encode
from multiprocessing.connection import Connection

from webapp.demo.nameserver import Fault, NameServer
from webapp.dnscheck.check import DomainCheck, Subject, check_domains, graders
from webapp.dnscheck.dkim import ExpectedKey
from webapp.dnscheck.port25 import Port25, Remembered
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.sources import Origin, Source

DOMAINS = 200
DELAY = 0.05  # seconds for each answer
DEAD = "dead.example"
KEY = "v=DKIM1;k=rsa;t=s;s=email;p=" + b64encode(bytes(range(256)) + bytes(38)).decode()
SENDERS = tuple(Source(address=address, origin=Origin.SERVER) for address in ("8.8.4.4", "2600::4"))


def zone(count: int) -> dict[str, dict[str, list[str]]]:
    """`count` domains as a hoster's customers have them: their own records, the same providers."""
    nodes = {
        "mail.host.example": {"A": ["8.8.4.4"], "AAAA": ["2600::4"]},
        "4.4.8.8.in-addr.arpa": {"PTR": ["mail.host.example."]},
        "_dmarc.host.example": {"TXT": ["v=DMARC1; p=reject"]},
        "*._report._dmarc.host.example": {"TXT": ["v=DMARC1"]},
    }
    for number in range(count):
        name, provider = f"customer{number}.example", f"_spf.provider{number % 5}.example"
        nodes |= {
            name: {
                "TXT": [f"v=spf1 mx include:{provider} -all", "some-verification=1"],
                "MX": ["10 mail.host.example."],
                "A": ["8.8.4.5"],
            },
            provider: {"TXT": [f"v=spf1 include:a.{provider} include:b.{provider} ~all"]},
            f"a.{provider}": {"TXT": ["v=spf1 ip4:192.0.2.0/24 ~all"]},
            f"b.{provider}": {"TXT": ["v=spf1 ip4:198.51.100.0/24 ~all"]},
            f"dkim._domainkey.{name}": {"TXT": [KEY]},
            f"_dmarc.{name}": {"TXT": ["v=DMARC1; p=quarantine; rua=mailto:reports@host.example"]},
        }
    return nodes


def _serve(pipe: Connection) -> None:
    with NameServer(zone(DOMAINS), faults={DEAD: Fault.SILENCE}, delay=DELAY) as server:
        pipe.send(server.address)
        pipe.recv()
        pipe.send(len(server.questions))


def _subject(domain: str) -> Subject:
    key = ExpectedKey(selector="dkim", record=KEY)
    return Subject(domain=domain, sources=SENDERS, key=key, host="mail.host.example")


async def _measure(address: str, names: list[str]) -> list[tuple[str, float, int]]:
    """Name, seconds since the start and number of checks without an answer, of each domain as it is ready."""
    ready: list[tuple[str, float, int]] = []
    began = time.monotonic()

    def done(check: DomainCheck) -> None:
        ready.append((check.domain, time.monotonic() - began, len(check.unanswered)))

    async with Resolver([address]) as resolver:
        await check_domains((_subject(name) for name in names), resolver, done, graders(Remembered(Port25())))
    return ready


def main() -> None:
    """Starts the name server, checks, prints."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there,), daemon=True)
    server.start()
    names = [DEAD, *(f"customer{number}.example" for number in range(DOMAINS))]
    ready = asyncio.run(_measure(here.recv(), names))
    here.send("stop")
    questions = here.recv()
    server.join()
    ends = {name: seconds for name, seconds, _ in ready}
    missing = sum(count for name, _, count in ready if name != DEAD)
    slowest = max(end for name, end in ends.items() if name != DEAD)
    print(f"{DOMAINS} domains: {slowest:.2f} s (target under 15 s)")
    print(f"questions: {questions:,}, each answered in {DELAY * 1000:.0f} ms")
    print(f"domain with a dead name server: {ends[DEAD]:.2f} s")
    print(f"checks without an answer: {missing} (target 0)")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
