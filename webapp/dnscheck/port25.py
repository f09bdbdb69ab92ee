"""Asks a mail server for its certificate by port 25 and STARTTLS: bounded in time, lines and place."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.dnscheck.hosts import is_public

PATIENCE = 15.0  # seconds for everything; a mail server may let a client wait some for its greeting
LONGEST_LINE = 2_048  # bytes
MOST_LINES = 60  # lines of one reply
MOST_TRIED = 2  # addresses of the host


@dataclass(frozen=True)
class Served:
    """The certificates a server showed (DER, its own first); without any `detail` says why."""

    chain: tuple[bytes, ...] = ()
    detail: str = ""


Probe = Callable[[str, Sequence[str]], Awaitable[Served]]


class _Refused(Exception):
    """The server does not do what is needed; the text is a part of a sentence."""


@dataclass(frozen=True, kw_only=True)
class Port25:
    """Gets the chain of a mail host at given addresses; port and allowed addresses vary in tests."""

    port: int = 25
    allowed: Callable[[str], bool] = is_public
    patience: float = PATIENCE

    async def __call__(self, host: str, addresses: Sequence[str]) -> Served:
        """The chain from the first public address that shows one; a server makes it raise nothing."""
        public = [address for address in addresses if self.allowed(address)]
        last = Served(detail="it has no public address")
        try:
            async with asyncio.timeout(self.patience):
                for address in public[:MOST_TRIED]:
                    last = await self._asked(host, address)
                    if last.chain:
                        break
        except TimeoutError:
            return Served(detail=f"no certificate within {self.patience:g} s")
        return last

    async def _asked(self, host: str, address: str) -> Served:
        try:
            async with asyncio.timeout(self.patience / MOST_TRIED):
                reader, writer = await asyncio.open_connection(address, self.port, limit=LONGEST_LINE)
                try:
                    return Served(chain=await _chain(reader, writer, host))
                finally:
                    writer.transport.abort()
        except TimeoutError:
            return Served(detail=f"{address} port {self.port} does not answer in time")
        except (OSError, EOFError, ValueError, _Refused) as error:
            return Served(detail=f"{address} port {self.port}: {str(error)[:120] or type(error).__name__}")


class Remembered:
    """A probe that asks each host once, and few at the same time: domains share their mail server."""

    def __init__(self, probe: Probe, at_once: int = 10) -> None:
        self._probe = probe
        self._bound = asyncio.Semaphore(at_once)
        self._asked: dict[tuple[str, tuple[str, ...]], asyncio.Task[Served]] = {}

    async def __call__(self, host: str, addresses: Sequence[str]) -> Served:
        """What the host showed, asked now or remembered."""
        key = (host, tuple(addresses))
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._bounded(*key))
        return await asyncio.shield(self._asked[key])

    async def _bounded(self, host: str, addresses: tuple[str, ...]) -> Served:
        async with self._bound:
            return await self._probe(host, addresses)


async def _chain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> tuple[bytes, ...]:
    """Raises _Refused, OSError (TLS too), EOFError, and ValueError for a line that is too long."""
    await _reply(reader, "220")
    writer.write(f"EHLO {_literal(writer)}\r\n".encode())
    offered = await _reply(reader, "250")
    if "STARTTLS" not in (line[4:].strip().upper() for line in offered):
        raise _Refused("it offers no STARTTLS")
    writer.write(b"STARTTLS\r\n")
    await _reply(reader, "220")
    await writer.start_tls(_any_certificate(), server_hostname=host)
    return _shown(writer.get_extra_info("ssl_object"))


async def _reply(reader: asyncio.StreamReader, wanted: str) -> list[str]:
    lines: list[str] = []
    for _ in range(MOST_LINES):
        line = (await reader.readline()).decode("ascii", "replace").rstrip("\r\n")
        if not line:
            raise EOFError("it closes the connection")
        lines.append(line)
        if line[3:4] != "-":
            break
    if not lines[-1].startswith(wanted) or lines[-1][3:4] == "-":
        raise _Refused(f"it answers {lines[-1][:60]!r}")
    return lines


def _literal(writer: asyncio.StreamWriter) -> str:
    own = str(writer.get_extra_info("sockname")[0])
    return f"[IPv6:{own}]" if ":" in own else f"[{own}]"


def _any_certificate() -> ssl.SSLContext:
    """Takes every certificate: DANE compares it with DNS instead of trusting authorities."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _shown(tls: Any) -> tuple[bytes, ...]:
    """The whole chain; before Python 3.13 the library kept it to itself."""
    if hasattr(tls, "get_unverified_chain"):
        return tuple(tls.get_unverified_chain())
    inner = getattr(tls, "_sslobj", None)
    if inner is not None and hasattr(inner, "get_unverified_chain"):
        return tuple(ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_unverified_chain())
    return (tls.getpeercert(binary_form=True),)
