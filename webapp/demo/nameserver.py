"""A name server on loopback that answers from a dictionary, by UDP and TCP: for the demo's domains and for
tests."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from webapp.demo.ownloop import OwnLoop

HOST = "127.0.0.1"
TTL = 300
UDP_SIZE = 1232  # bytes; what is larger is cut, so that the asker comes back by TCP
TCP_SIZE = 65535
CHAIN = 8  # CNAMEs followed within one answer

Value = str | bytes | tuple[str | bytes, ...]
Zone = Mapping[str, Mapping[str, Iterable[Value]]]
T = TypeVar("T")


class Fault(StrEnum):
    """What a broken name server does instead of answering."""

    SILENCE = "silence"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    GARBAGE = "garbage"  # bytes that are no DNS message


@dataclass
class NameServer(OwnLoop):
    """Serves `zone`: name -> type -> values. Use as a context manager; `.address` is `127.0.0.1:PORT`.

    A TXT value is its text (cut into strings of 255 bytes), bytes, or a tuple of strings as they stand in
    the record; every other value is in zone-file form. `*.name` is a wildcard. `faults` and `delays`
    (seconds) hold for a name and everything below it, and `(name, type)` for one type at one name; `signed`
    names get the AD bit. All of these may be changed while it runs. `questions` collects what was asked.
    """

    zone: Zone = field(default_factory=dict)
    faults: Mapping[str | tuple[str, str], Fault] = field(default_factory=dict)
    delays: Mapping[str | tuple[str, str], float] = field(default_factory=dict)
    delay: float = 0.0
    signed: frozenset[str] = frozenset()
    port: int = 0
    questions: list[tuple[str, str]] = field(default_factory=list, init=False)

    @property
    def address(self) -> str:
        """Address and port as DNS_RESOLVERS takes them."""
        return f"{HOST}:{self.port}"

    async def _listen(self) -> None:
        self._tcp = await asyncio.start_server(self._by_tcp, HOST, self.port)
        self.port = self._tcp.sockets[0].getsockname()[1]
        self._udp, _ = await self._loop.create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(HOST, self.port)
        )

    def _close(self) -> None:
        self._udp.close()
        self._tcp.close()

    async def _by_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                reply = await self.reply(await reader.readexactly(size))
                if reply is not None:
                    writer.write(len(reply).to_bytes(2, "big") + reply)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def reply(self, wire: bytes, limit: int = TCP_SIZE) -> bytes | None:
        """The answer to one question as bytes, at most `limit` of them; None for silence."""
        try:
            question = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        asked = question.question[0]
        name, rdtype = _plain(asked.name), dns.rdatatype.to_text(asked.rdtype)
        self.questions.append((name, rdtype))
        await asyncio.sleep(_about(self.delays, name, rdtype) or self.delay)
        fault = _about(self.faults, name, rdtype)
        if fault is Fault.SILENCE:
            return None
        return b"\x00garbage" if fault is Fault.GARBAGE else self._answer(question, fault, limit)

    def _answer(self, question: dns.message.Message, fault: Fault | None, limit: int) -> bytes:
        reply = dns.message.make_response(question, recursion_available=True)
        if fault is not None:
            reply.set_rcode(dns.rcode.REFUSED if fault is Fault.REFUSED else dns.rcode.SERVFAIL)
            return reply.to_wire()
        asked = question.question[0]
        if _plain(asked.name) in self.signed:
            reply.flags |= dns.flags.AD
        self._fill(reply, asked.name, asked.rdtype)
        try:
            return reply.to_wire(max_size=limit)
        except dns.exception.TooBig:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            return reply.to_wire()

    def _fill(self, reply: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> None:
        for _ in range(CHAIN):
            node = self._node(_plain(name))
            if node is None:
                reply.set_rcode(dns.rcode.NXDOMAIN)
                return
            if "CNAME" not in node or rdtype == dns.rdatatype.CNAME:
                break
            alias = _rrset(name, dns.rdatatype.CNAME, node["CNAME"])
            reply.answer.append(alias)
            name = alias[0].target
        values = list((node or {}).get(dns.rdatatype.to_text(rdtype), ()))
        if values:
            reply.answer.append(_rrset(name, rdtype, values))

    def _node(self, name: str) -> Mapping[str, Iterable[Value]] | None:
        """What stands at that name, by a wildcard above it too; empty where only names below it exist."""
        if name in self.zone:
            return self.zone[name]
        if any(other.endswith(f".{name}") for other in self.zone):
            return {}
        labels = name.split(".")
        for depth in range(1, len(labels)):
            above = ".".join(labels[depth:])
            if f"*.{above}" in self.zone:
                return self.zone[f"*.{above}"]
            if above in self.zone:
                return None
        return None


class _Datagrams(asyncio.DatagramProtocol):
    """Questions by UDP."""

    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._running: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.get_running_loop().create_task(self._reply(data, addr))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _reply(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = await self._server.reply(data, UDP_SIZE)
        if reply is not None:
            self._transport.sendto(reply, addr)


def _plain(name: dns.name.Name) -> str:
    """The name as the zone has it, without the escapes of zone files."""
    return b".".join(label for label in name.labels if label).decode("latin-1").lower()


def _about(table: Mapping[str | tuple[str, str], T], name: str, rdtype: str) -> T | None:
    if (name, rdtype) in table:
        return table[name, rdtype]
    labels = name.split(".")
    for depth in range(len(labels)):
        above = ".".join(labels[depth:])
        if above in table:
            return table[above]
    return None


def _rrset(name: dns.name.Name, rdtype: dns.rdatatype.RdataType, values: Iterable[Value]) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(name, TTL, [_rdata(rdtype, value) for value in values])


def _rdata(rdtype: dns.rdatatype.RdataType, value: Value) -> dns.rdata.Rdata:
    if rdtype not in (dns.rdatatype.TXT, dns.rdatatype.SPF):
        text = value if isinstance(value, str) else str(value)
        return dns.rdata.from_text(dns.rdataclass.IN, rdtype, text, origin=dns.name.root, relativize=False)
    if isinstance(value, tuple):
        strings = [_bytes(part) for part in value] or [b""]
    else:
        whole = _bytes(value)
        strings = [whole[start : start + 255] for start in range(0, len(whole), 255)] or [b""]
    wire = b"".join(bytes([len(part)]) + part for part in strings)
    return dns.rdata.from_wire(dns.rdataclass.IN, rdtype, wire, 0, len(wire))


def _bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text
