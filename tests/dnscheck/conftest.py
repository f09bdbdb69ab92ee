"""A name server on loopback for one test, and a resolver on it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

import pytest

from webapp.demo.nameserver import NameServer
from webapp.dnscheck.resolver import Resolver

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
