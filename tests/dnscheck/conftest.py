"""A name server on loopback for one test, and a resolver on it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

import dns.name
import pytest

from webapp.demo.nameserver import NameServer
from webapp.dnscheck.resolver import Answer, Outcome, Resolver

T = TypeVar("T")
Serve = Callable[..., NameServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(zone, faults=..., delays=...)` starts a name server that lives as long as the test."""
    with ExitStack() as stack:
        yield lambda zone, **options: stack.enter_context(NameServer(zone, **options))


def asked(server: NameServer, work: Callable[[Resolver], Awaitable[T]], **options: Any) -> T:
    """What `work(resolver)` returns, with a resolver on that server."""

    async def run() -> T:
        async with Resolver([server.address], **options) as resolver:
            return await work(resolver)

    return asyncio.run(run())


class Silenced:
    """A resolver for which these names, and those below them, time out at once: no test waits for silence."""

    def __init__(self, resolver: Resolver, *names: str) -> None:
        self._resolver, self._names = resolver, names

    async def lookup(self, name: str | dns.name.Name, rdtype: str) -> Answer:
        """What the resolver answers, or that nobody did."""
        text = str(name).rstrip(".").lower()
        if any(text == silent or text.endswith(f".{silent}") for silent in self._names):
            return Answer(name=text, rdtype=rdtype, outcome=Outcome.TIMEOUT)
        return await self._resolver.lookup(name, rdtype)
