"""Fetches an MTA-STS policy by HTTPS from a host that a zone names: bounded in size, time and place."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import httpx2

from webapp.dnscheck.hosts import is_public

PATH = "/.well-known/mta-sts.txt"
LARGEST = 65_536  # bytes (RFC 8461 3.3 lets receivers stop there)
PATIENCE = 10.0  # seconds for everything: connection, TLS, headers and text
MOST_TRIED = 2  # addresses of the host


class Fetch(StrEnum):
    """How a fetch ended."""

    TEXT = "text"
    NO_ADDRESS = "no public address"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "invalid certificate"
    TIMEOUT = "timeout"
    TOO_LARGE = "too large"
    REDIRECT = "redirect"
    STATUS = "status"
    BROKEN = "no valid HTTP"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """The end of a fetch; `text` and `media` (the content type) only where it brought a text."""

    outcome: Fetch
    text: str = ""
    media: str = ""
    detail: str = ""


Fetcher = Callable[[str, Sequence[str]], Awaitable[Fetched]]


@dataclass(frozen=True, kw_only=True)
class PolicyFetch:
    """Fetches `https://HOST/.well-known/mta-sts.txt` from given addresses; port and trust vary in tests."""

    port: int = 443
    trust: ssl.SSLContext | None = None
    allowed: Callable[[str], bool] = is_public
    patience: float = PATIENCE
    largest: int = LARGEST

    async def __call__(self, host: str, addresses: Sequence[str]) -> Fetched:
        """The policy text from the first public address that can be reached; nothing raises."""
        public = [address for address in addresses if self.allowed(address)]
        last = Fetched(outcome=Fetch.NO_ADDRESS)
        try:
            async with asyncio.timeout(self.patience):
                for address in public[:MOST_TRIED]:
                    last = await self._fetched(host, address)
                    if last.outcome is not Fetch.UNREACHABLE:
                        break
        except TimeoutError:
            return Fetched(outcome=Fetch.TIMEOUT, detail=f"no end within {self.patience:g} s")
        return last

    async def _fetched(self, host: str, address: str) -> Fetched:
        try:
            return await self._read(host, address)
        except httpx2.ConnectTimeout:
            return Fetched(outcome=Fetch.UNREACHABLE, detail="no connection in time")
        except httpx2.TimeoutException:
            return Fetched(outcome=Fetch.TIMEOUT)
        except httpx2.ConnectError as error:
            wrong = isinstance(_root(error), ssl.SSLError)
            return Fetched(outcome=Fetch.CERTIFICATE if wrong else Fetch.UNREACHABLE, detail=str(error)[:200])
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError) as error:
            return Fetched(outcome=Fetch.BROKEN, detail=str(error)[:200])

    async def _read(self, host: str, address: str) -> Fetched:
        """Connects to the address, so that no second look-up leads elsewhere; verifies the host's name."""
        place = f"[{address}]" if ":" in address else address
        trust = self.trust or _system_trust()
        patience = httpx2.Timeout(self.patience, connect=self.patience / (MOST_TRIED + 1))
        async with (
            httpx2.AsyncClient(verify=trust, trust_env=False, timeout=patience) as client,
            client.stream(
                "GET",
                f"https://{place}:{self.port}{PATH}",
                headers={"Host": host, "Accept": "text/plain", "Accept-Encoding": "identity"},
                extensions={"sni_hostname": host},
            ) as reply,
        ):
            if reply.is_redirect:
                return Fetched(outcome=Fetch.REDIRECT, detail=reply.headers.get("location", "")[:200])
            if reply.status_code != 200:
                return Fetched(outcome=Fetch.STATUS, detail=str(reply.status_code))
            return await self._text(reply)

    async def _text(self, reply: httpx2.Response) -> Fetched:
        """Reads raw bytes: what would have to be unpacked first is no policy."""
        body = bytearray()
        async for chunk in reply.aiter_raw():
            body += chunk
            if len(body) > self.largest:
                return Fetched(outcome=Fetch.TOO_LARGE, detail=f"more than {self.largest} bytes")
        media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()[:100]
        return Fetched(outcome=Fetch.TEXT, text=bytes(body).decode("utf-8", "replace"), media=media)


@lru_cache(maxsize=1)
def _system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return error
