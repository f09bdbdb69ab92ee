"""DANE: TLSA records count when they were validated, and must match what port 25 shows."""

import asyncio
import hashlib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.dnscheck.certs import NOW, Signed, authority, certificate, chain_file
from tests.dnscheck.conftest import Serve, asked
from tests.dnscheck.loopback import HOST, Handler, Loopback
from webapp.demo.nameserver import Fault
from webapp.dnscheck.dane import grade_dane
from webapp.dnscheck.findings import Grade, Status
from webapp.dnscheck.nameservers import NameServers
from webapp.dnscheck.port25 import Port25, Remembered, Served
from webapp.dnscheck.tlsa import TlsaRecord, matches

NAME, PLACE = "mail.example.com", "_25._tcp.mail.example.com"
SIGNED = frozenset({"example.com", NAME, PLACE})


def anywhere(address: str) -> bool:
    return bool(address)


def own() -> Signed:
    return certificate(NAME)


def chain(signed: Signed) -> tuple[bytes, ...]:
    return (signed.der, authority().der)


def spki(signed: Signed) -> bytes:
    return signed.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tlsa(usage: int, selector: int, matching: int, signed: Signed) -> TlsaRecord:
    whole = spki(signed) if selector == 1 else signed.der
    digest = {0: whole, 1: sha256(whole), 2: hashlib.sha512(whole).digest()}[matching]
    return TlsaRecord(usage, selector, matching, digest)


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching", [0, 1, 2])
@pytest.mark.parametrize("usage", [2, 3])
def test_every_form_matches_its_own_chain_and_no_other(usage: int, selector: int, matching: int) -> None:
    subject, other = (own(), certificate("other.example.com")) if usage == 3 else (authority(), own())
    assert matches(tlsa(usage, selector, matching, subject), chain(own()), NAME, NOW)
    assert not matches(tlsa(usage, selector, matching, other), chain(own()), NAME, NOW)


def test_a_trust_anchor_needs_name_date_and_signature() -> None:
    anchor = tlsa(2, 1, 1, authority())
    assert not matches(anchor, chain(certificate("other.example.com")), NAME, NOW)
    assert not matches(anchor, chain(certificate(NAME, expired=True)), NAME, NOW)
    assert not matches(anchor, (own().der, certificate("x.example.com").der, authority().der), NAME, NOW)


def test_the_servers_own_key_needs_neither_name_nor_date() -> None:
    expired = certificate("other.example.com", expired=True)
    assert matches(tlsa(3, 1, 1, expired), chain(expired), NAME, NOW)


@pytest.mark.parametrize(
    "record",
    [
        TlsaRecord(0, 1, 1, b"x" * 32),
        TlsaRecord(1, 1, 1, b"x" * 32),
        TlsaRecord(3, 9, 1, b"x" * 32),
        TlsaRecord(3, 1, 9, b"x" * 32),
        TlsaRecord(3, 1, 1, b"x" * 31),
        TlsaRecord(3, 1, 0, b""),
    ],
)
def test_what_mail_servers_do_not_heed_is_unusable(record: TlsaRecord) -> None:
    assert not record.usable


@pytest.mark.parametrize("junk", [(), (b"",), (b"\x30\x80" * 100,), (b"x" * 60000, b"y")])
def test_certificates_that_are_none_match_nothing(junk: tuple[bytes, ...]) -> None:
    for record in (tlsa(3, 1, 1, own()), tlsa(2, 1, 1, authority()), tlsa(2, 0, 1, authority())):
        assert not matches(record, junk, NAME, NOW)


def graded(
    serve: Serve,
    records: Sequence[TlsaRecord] = (),
    served: Served | None = None,
    signed: frozenset[str] = SIGNED,
    patience: float = 5.0,
    **options: Any,
) -> Grade:
    zone: dict[str, Any] = {
        "example.com": {"MX": [f"10 {NAME}."]},
        NAME: {"A": ["192.0.2.1"]},
    }
    if records:
        zone[PLACE] = {"TLSA": [record.text() for record in records]}

    async def probe(host: str, addresses: Sequence[str]) -> Served:
        assert (host, list(addresses)) == (NAME, ["192.0.2.1"])
        return served or Served(chain=chain(own()))

    server = serve(zone, signed=signed, **options)
    return asked(server, lambda resolver: grade_dane("example.com", resolver, probe=probe), lifetime=patience)


def codes(grade: Grade) -> set[str]:
    return {finding.code.removeprefix("dane-") for finding in grade.findings}


NEXT = TlsaRecord(3, 1, 1, b"n" * 32)


@pytest.mark.parametrize(
    ("records", "signed", "status", "code"),
    [
        ([tlsa(3, 1, 1, own()), NEXT], SIGNED, Status.SUCCESS, None),
        ([tlsa(3, 1, 1, own())], SIGNED, Status.SUCCESS, "one-record"),
        ([NEXT], SIGNED, Status.ERROR, "mismatch"),
        ([TlsaRecord(1, 1, 1, b"x" * 32)], SIGNED, Status.WARNING, "unusable"),
        (
            [tlsa(3, 1, 1, own()), NEXT, TlsaRecord(1, 1, 1, b"x" * 32)],
            SIGNED,
            Status.SUCCESS,
            "unusable-too",
        ),
        ([tlsa(3, 1, 1, own())], SIGNED - {PLACE}, Status.WARNING, "unsigned"),
        ([tlsa(3, 1, 1, own()), NEXT], SIGNED - {"example.com"}, Status.WARNING, "mx-unsigned"),
        ([], SIGNED, Status.SUCCESS, "missing"),
        ([], frozenset(), Status.SUCCESS, "unsigned-zone"),
    ],
)
def test_validated_and_matching_is_a_success(
    serve: Serve, records: list[TlsaRecord], signed: frozenset[str], status: Status, code: str | None
) -> None:
    grade = graded(serve, records, signed=signed)
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


@pytest.mark.parametrize("records", [[], [NEXT]])
def test_the_record_to_publish_is_that_of_the_certificate(serve: Serve, records: list[TlsaRecord]) -> None:
    publish = graded(serve, records).findings[0].publish
    assert publish is not None
    assert (publish.name, publish.type) == (PLACE, "TLSA")
    assert publish.value == f"3 1 1 {sha256(spki(own())).hex()}"


def test_without_a_certificate_to_compare_nothing_is_said_to_be_right(serve: Serve) -> None:
    grade = graded(serve, [tlsa(3, 1, 1, own()), NEXT], Served(detail="port 25 does not answer"))
    assert (grade.status, codes(grade)) == (Status.UNKNOWN, {"unchecked"})
    assert "port 25 does not answer" in grade.message


def test_over_a_way_that_is_not_trusted_it_cannot_be_told(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NameServers, "trusted", False)
    assert graded(serve, [tlsa(3, 1, 1, own()), NEXT]).status is not Status.SUCCESS


@pytest.mark.parametrize("name", ["example.com", PLACE])
def test_no_answer_is_unknown(serve: Serve, name: str) -> None:
    grade = graded(serve, [NEXT], patience=0.3, faults={name: Fault.SERVFAIL})
    assert (grade.status, grade.findings) == (Status.UNKNOWN, ())


Start = Callable[[Handler], Loopback]


@pytest.fixture
def start() -> Iterator[Start]:
    """A server on loopback."""
    with ExitStack() as stack:
        yield lambda handler: stack.enter_context(Loopback(handler))


def mail_server(
    folder: Path, greeting: bytes = b"220-please wait\r\n220 mail.example.com ESMTP\r\n"
) -> Handler:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(chain_file(folder, own()))

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
        await server.send(writer, greeting)
        assert (await reader.readline()).startswith(b"EHLO [127.0.0.1]")
        await server.send(
            writer, b"250-mail.example.com\r\n250-SIZE 1000\r\n250-starttls\r\n250 8BITMIME\r\n"
        )
        assert await reader.readline() == b"STARTTLS\r\n"
        await server.send(writer, b"220 go ahead\r\n")
        await writer.start_tls(tls)
        await reader.read()

    return handler


def shown(server: Loopback, patience: float = 20.0) -> Served:
    return asyncio.run(Port25(port=server.port, allowed=anywhere, patience=patience)(NAME, [HOST]))


def test_the_whole_chain_is_shown_after_starttls(start: Start, tmp_path: Path) -> None:
    assert shown(start(mail_server(tmp_path))).chain == chain(own())


def replying(*replies: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
        for reply in replies:
            await server.send(writer, reply)
            await reader.readline()

    return handler


async def _endless_greeting(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback
) -> None:
    for _ in range(1_000_000):
        await server.send(writer, b"220-more\r\n" * 100)


HOSTILE = [
    replying(b"554 go away\r\n"),
    replying(b"220 x\r\n", b"250 no tls here\r\n"),
    replying(b"220 x\r\n", b"250 STARTTLS\r\n", b"454 not now\r\n"),
    replying(b"220 x\r\n", b"250 STARTTLS\r\n", b"220 go\r\n", b"this is no TLS at all\r\n" * 10),
    replying(b"220 " + b"x" * 1_000_000),
    replying(b"\x00\xff\r\n"),
    replying(),
    _endless_greeting,
]


@pytest.mark.parametrize("handler", HOSTILE)
def test_a_server_that_misbehaves_shows_nothing(start: Start, handler: Handler) -> None:
    server = start(handler)
    found = shown(server)
    assert (found.chain, bool(found.detail)) == ((), True)
    assert server.sent < 10_000_000


def test_a_silent_server_is_left_in_time(start: Start) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Loopback) -> None:
        await reader.read()

    found = shown(start(silent), patience=0.4)
    assert (found.chain, bool(found.detail)) == ((), True)


def test_a_host_of_many_domains_is_asked_once() -> None:
    asked_for: list[str] = []

    async def probe(host: str, addresses: Sequence[str]) -> Served:
        asked_for.append(host)
        return Served(detail=host)

    async def all_domains() -> list[Served]:
        remembered = Remembered(probe)
        hosts = [NAME, "other.example.com"] * 50
        return await asyncio.gather(*(remembered(host, [HOST]) for host in hosts))

    found = asyncio.run(all_domains())
    assert [one.detail for one in found[:2]] == asked_for == [NAME, "other.example.com"]


def test_internal_addresses_are_not_connected_to(start: Start) -> None:
    server = start(replying(b"220 x\r\n"))
    found = asyncio.run(Port25(port=server.port)(NAME, [HOST, "10.0.0.1", "::1"]))
    assert (found.chain, server.connections) == ((), 0)
