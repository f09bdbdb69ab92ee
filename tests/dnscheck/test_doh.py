"""DNS over HTTPS: one connection for many questions, and an HTTP error is no answer."""

import asyncio
import ssl
from pathlib import Path

import pytest

from tests.dnscheck.certs import authority, certificate, chain_file
from tests.dnscheck.loopback import Loopback
from webapp.demo.nameserver import NameServer
from webapp.dnscheck.resolver import Answer, Outcome, Resolver

ZONE = {f"n{number}.example": {"TXT": [f"text {number}"]} for number in range(20)}


class Doh:
    """RFC 8484 by POST over HTTP/1.1; `status` is what every request is answered with."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.names = NameServer(ZONE)

    async def __call__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback
    ) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].split()[0])
            reply = await self.names.reply(await reader.readexactly(length)) or b""
            lines = [f"HTTP/1.1 {self.status} x", "content-type: application/dns-message"]
            start = "\r\n".join([*lines, f"content-length: {len(reply)}", "", ""])
            await server.send(writer, start.encode() + reply)


def context(folder: Path) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(chain_file(folder, certificate("localhost")))
    return found


def asked(server: Loopback, names: list[str], lifetime: float = 5.0) -> list[Answer]:
    async def run() -> list[Answer]:
        async with Resolver([f"https://localhost:{server.port}/dns-query"], lifetime=lifetime) as resolver:
            first = await resolver.lookup(names[0], "TXT")
            rest = [await resolver.lookup(name, "TXT") for name in names[1:]]
            return [first, *rest]

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _trust(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(authority().pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))


def test_many_questions_need_one_connection(tmp_path: Path) -> None:
    with Loopback(Doh(), tls=context(tmp_path)) as server:
        answers = asked(server, list(ZONE))
    assert [answer.texts for answer in answers] == [(f"text {number}",) for number in range(20)]
    assert server.connections == 1


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_an_error_of_http_is_no_answer(tmp_path: Path, status: int) -> None:
    with Loopback(Doh(status), tls=context(tmp_path)) as server:
        (answer,) = asked(server, ["n1.example"])
    assert answer.outcome is Outcome.SERVFAIL
    assert not answer.known


def test_a_server_that_cannot_be_reached_is_no_answer() -> None:
    async def run() -> Answer:
        async with Resolver(["https://127.0.0.1:9/dns-query"], lifetime=1.0) as resolver:
            return await resolver.lookup("n1.example", "TXT")

    assert not asyncio.run(run()).known
