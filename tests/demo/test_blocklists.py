"""The simulated Internet has every list that is asked, so that a demo needs no outside DNS."""

import asyncio

from webapp.demo import blocklists, cast, zones
from webapp.demo.nameserver import NameServer
from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.lookup import Listing, look_up
from webapp.dnscheck.blocklist.verdict import State
from webapp.dnscheck.resolver import Resolver


async def _looked(address: str) -> list[Listing]:
    async with Resolver([address]) as resolver:
        return await look_up([cast.SERVER_IP, cast.SERVER_IPV6], LISTS, resolver)


def test_every_list_is_simulated() -> None:
    simulated = {*blocklists.ZONES, blocklists.ONLY_IPV6, blocklists.REFUSING}
    assert simulated == {one.zone for one in LISTS}


def test_the_server_is_on_one_list_and_another_refuses() -> None:
    with NameServer(zones.zone()) as server:
        found = asyncio.run(_looked(server.address))
    told = {one.blocklist.name: one.verdict.state for one in found if one.verdict.state is not State.CLEAN}
    assert told == {
        "Hostkarma": State.LISTED,
        "UCEPROTECT Level 3": State.LISTED,
        "Barracuda": State.REFUSED,
    }
    assert [one.blocklist.name for one in found if one.verdict.state is State.CLEAN and one.verdict.why] == []
