"""An MTA-STS policy comes by verified HTTPS from a public address, bounded in size and time, or not."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.dnscheck.certs import authority, certificate, chain_file
from tests.dnscheck.loopback import HOST, Handler, Loopback
from webapp.dnscheck.hosts import is_internal, is_public
from webapp.dnscheck.policyfetch import LARGEST, Fetch, Fetched, PolicyFetch

NAME = "mta-sts.example.com"
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n"
Start = Callable[..., Loopback]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(handler, name=..., expired=...)`: an HTTPS server with a certificate of that name."""
    with ExitStack() as stack:

        def started(handler: Handler, name: str = NAME, *, expired: bool = False) -> Loopback:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(chain_file(tmp_path, certificate(name, expired=expired)))
            return stack.enter_context(Loopback(handler, tls))

        yield started


def anywhere(address: str) -> bool:
    return bool(address)


def trust() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority().pem.decode())


def fetched(server: Loopback, *, patience: float = 20.0, addresses: tuple[str, ...] = (HOST,)) -> Fetched:
    fetch = PolicyFetch(port=server.port, trust=trust(), allowed=anywhere, patience=patience)
    return asyncio.run(fetch(NAME, addresses))


def answering(head: str, body: bytes = b"") -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await server.send(writer, head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        writer.close()
        await writer.wait_closed()

    return handler


def test_a_policy_is_read(start: Start) -> None:
    server = start(
        answering(
            f"HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\nContent-Length: {len(POLICY)}", POLICY
        )
    )
    assert fetched(server) == Fetched(outcome=Fetch.TEXT, text=POLICY.decode(), media="text/plain")


def test_the_host_is_asked_by_its_name_for_the_policy_alone(start: Start) -> None:
    heads: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        await server.send(writer, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    assert fetched(start(handler)) == Fetched(outcome=Fetch.STATUS, detail="404")
    head = heads[0].decode().lower()
    assert head.startswith("get /.well-known/mta-sts.txt http/1.1")
    assert f"host: {NAME}\r\n" in head
    assert "accept-encoding: identity" in head


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(start: Start, status: int) -> None:
    server = start(
        answering(f"HTTP/1.1 {status} Elsewhere\nLocation: https://{HOST}/other\nContent-Length: 0")
    )
    assert fetched(server) == Fetched(outcome=Fetch.REDIRECT, detail=f"https://{HOST}/other")
    assert server.connections == 1


@pytest.mark.parametrize("status", [204, 404, 500])
def test_anything_but_200_is_no_policy(start: Start, status: int) -> None:
    assert fetched(start(answering(f"HTTP/1.1 {status} x\nContent-Length: 0"))).outcome is Fetch.STATUS


@pytest.mark.parametrize(("name", "expired"), [("other.example.com", False), (NAME, True)])
def test_a_certificate_must_be_valid_for_the_name(start: Start, name: str, expired: bool) -> None:
    assert fetched(start(answering("HTTP/1.1 200 OK"), name, expired=expired)).outcome is Fetch.CERTIFICATE


def test_an_unknown_authority_is_not_trusted(start: Start) -> None:
    server = start(answering("HTTP/1.1 200 OK\nContent-Length: 0"))
    fetch = PolicyFetch(port=server.port, allowed=anywhere)
    assert asyncio.run(fetch(NAME, [HOST])).outcome is Fetch.CERTIFICATE


async def _endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await server.send(writer, b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    for _ in range(100 * 1024):
        await server.send(writer, b"mx: *.example.com" + b"x" * 1007)


async def _endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await server.send(writer, b"HTTP/1.1 200 OK\r\n")
    for number in range(1024 * 1024):
        await server.send(writer, b"X-%d: %s\r\n" % (number, b"y" * 90))


async def _compressed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
    await reader.readuntil(b"\r\n\r\n")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
    await server.send(writer, head + b"\x1f\x8b\x08" + b"\x00" * 17)


def test_what_never_ends_is_left_after_the_largest_policy(start: Start) -> None:
    server = start(_endless)
    assert fetched(server).outcome is Fetch.TOO_LARGE
    assert server.sent < 100 * LARGEST  # of 100 MB; what lies in the sockets' buffers is sent too


def test_a_head_that_never_ends_is_left_too(start: Start) -> None:
    server = start(_endless_head)
    assert fetched(server).outcome is Fetch.BROKEN
    assert server.sent < 100 * LARGEST


def test_nothing_is_unpacked(start: Start) -> None:
    found = fetched(start(_compressed))
    assert (found.outcome, len(found.text) <= 20) == (Fetch.TEXT, True)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
    await reader.read()


async def _dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await server.send(writer, b"HTTP/1.1 200 OK\r\n\r\n")
    await reader.read()


@pytest.mark.parametrize("handler", [_silent, _dripping])
def test_who_says_nothing_more_is_left_in_time(start: Start, handler: Handler) -> None:
    assert fetched(start(handler), patience=0.3).outcome in (Fetch.TIMEOUT, Fetch.UNREACHABLE)


@pytest.mark.parametrize(
    "reply", [b"220 mail.example.com ESMTP\r\n", b"\x00" * 100, b"", b"HTTP/9.9 abc\r\n\r\n"]
)
def test_what_is_no_http_is_no_policy(start: Start, reply: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
        await server.send(writer, reply)
        writer.close()

    assert fetched(start(handler)).outcome is Fetch.BROKEN


def test_a_host_that_cannot_be_reached_is_passed_over(start: Start) -> None:
    server = start(answering("HTTP/1.1 200 OK\nContent-Length: 0"))
    assert fetched(server, addresses=("127.0.0.9", HOST)).outcome is Fetch.TEXT
    assert fetched(server, addresses=("127.0.0.9",)).outcome is Fetch.UNREACHABLE


INTERNAL = [
    "127.0.0.1",
    "10.1.2.3",
    "172.22.1.5",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "ff02::1",
    "nonsense",
]


@pytest.mark.parametrize("address", INTERNAL)
def test_only_public_addresses_are_connected_to(start: Start, address: str) -> None:
    server = start(answering("HTTP/1.1 200 OK\nContent-Length: 0"))
    found = asyncio.run(PolicyFetch(port=server.port, trust=trust())(NAME, [address, HOST]))
    assert found.outcome is Fetch.NO_ADDRESS
    assert server.connections == 0


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "1.1.1.1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)
    assert not is_internal(address)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_addresses_kept_for_examples_are_neither(address: str) -> None:
    assert not is_public(address)
    assert not is_internal(address)
