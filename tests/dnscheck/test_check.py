"""Many domains at once."""

import asyncio
import time

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
    names = [f"d{number}.example" for number in range(20)]
    zone = {name: {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]} for name in names}
    server = serve(zone, faults={f"dead{number}.example": Fault.SILENCE for number in range(20)})
    ended: list[tuple[str, float]] = []

    async def run(resolver: Resolver) -> None:
        begin = time.monotonic()
        dead = [subject(f"dead{number}.example") for number in range(20)]
        await check_domains(
            [*dead, *map(subject, names)],
            resolver,
            lambda check: ended.append((check.domain, time.monotonic() - begin)),
            graders(),
        )

    asked(server, run, lifetime=3.0, at_once=10)
    assert {name for name, _ in ended[:20]} == set(names)
    assert {name.startswith("dead") for name, _ in ended[20:]} == {True}


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
