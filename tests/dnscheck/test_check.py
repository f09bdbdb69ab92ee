"""Many domains at once."""

import asyncio

from tests.dnscheck.conftest import Serve, asked
from webapp.demo.nameserver import Fault
from webapp.dnscheck.check import DomainCheck, Subject, check_domain, check_domains, graders
from webapp.dnscheck.findings import Grade, Status
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.sources import Origin, Source

SERVER = Source(address="192.0.2.1", origin=Origin.SERVER)


def subject(domain: str) -> Subject:
    return Subject(domain=domain, sources=(SERVER,))


def test_a_dead_name_server_delays_no_other_domain(serve: Serve) -> None:
    names = {f"d{number}.example" for number in range(5)}
    zone = {name: {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]} for name in names}
    dead = [f"dead{number}.example" for number in range(5)]
    server = serve(zone, faults=dict.fromkeys(dead, Fault.SILENCE))
    ended: list[str] = []

    async def run(resolver: Resolver) -> None:
        subjects = map(subject, [*dead, *names])
        await check_domains(subjects, resolver, lambda check: ended.append(check.domain), graders())

    asked(server, run, lifetime=3.0)
    assert set(ended[:5]) == names
    assert set(ended[5:]) == set(dead)


def test_slow_look_ups_make_way_for_those_that_were_just_asked(serve: Serve) -> None:
    zone = {"living.example": {"TXT": ["v=spf1 -all"]}}
    server = serve(zone, faults={"dead.example": Fault.SILENCE})
    ended: list[str] = []

    async def look(resolver: Resolver, name: str) -> None:
        await resolver.lookup(name, "TXT")
        ended.append(name)

    async def run(resolver: Resolver) -> None:
        waits = [look(resolver, f"{number}.dead.example") for number in range(2)]
        await asyncio.gather(*waits, look(resolver, "living.example"))

    asked(server, run, lifetime=3.0, at_once=2)
    assert ended[0] == "living.example"


def test_a_check_that_never_ends_is_given_up() -> None:
    async def endless(_: Subject, __: Resolver) -> Grade:
        await asyncio.Event().wait()
        raise AssertionError

    async def run() -> DomainCheck:
        async with Resolver(["127.0.0.1:9"]) as resolver:
            return await check_domain(subject("a.example"), resolver, {"spf": endless}, deadline=0.1)

    found = asyncio.run(run())
    assert found.grades["spf"].status is Status.UNKNOWN
    assert found.unanswered == ("spf",)
