"""Mail addresses and domains in one spelling for comparison (RFC 5321 section 2.4, RFC 5891)."""

import re
from functools import lru_cache

from webapp.parse.identity import digest64

SRS0 = re.compile(r"srs0[=+-][^=@]*=[^=@]*=([^=@]+)=([^@]+)@")
NEAR = 4096  # addresses of late, as a portion of lines has them: each is compared several times for its mail
FULL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")


@lru_cache(maxsize=NEAR)
def bare_address(address: str | None) -> str:
    """An envelope address for comparison: lower case, no angle brackets or quotes; '' is the null sender."""
    return (address or "").strip("<>").replace('"', "").replace("\\", "").lower()


def full_address(typed: str) -> str | None:
    """The one spelling of a whole address, or None where only a part of one was typed."""
    address = bare_address(typed.strip())
    return address if FULL_ADDRESS.fullmatch(address) else None


@lru_cache(maxsize=NEAR)
def address_key(address: str | None) -> int:
    """A signed 64-bit key of an address in its one spelling, for an index that no length can break."""
    return digest64(bare_address(address).encode("utf-8", "replace"))


@lru_cache(maxsize=NEAR)
def key_of(address: str | None) -> int | None:
    """The same of an address that may be unknown."""
    return None if address is None else address_key(address)


@lru_cache(maxsize=NEAR)
def untagged(address: str) -> str:
    """The address without its `+tag`, for comparison: Rspamd cuts it off."""
    local, at, domain = bare_address(address).rpartition("@")
    return local.split("+", 1)[0] + at + domain


def original_sender(address: str | None) -> str:
    """An envelope sender as the client gave it, for comparison: without SRS
    (`SRS0=hash=day=domain=local@`), its `+tag` and a dot at the end; without a domain it ends with `@`."""
    plain = bare_address(address)
    rewritten = SRS0.match(plain)
    if rewritten:
        plain = f"{rewritten[2]}@{rewritten[1]}"
    if plain and "@" not in plain and plain != "unknown":
        plain += "@"
    return untagged(plain.rstrip("."))


@lru_cache(maxsize=NEAR)
def a_label(domain: str) -> str:
    """The domain in lower-case A-label form (RFC 5891); a name that is no IDNA name stays as it is."""
    lower = domain.lower().rstrip(".")
    if lower.isascii():
        return lower
    try:
        return lower.encode("idna").decode("ascii")
    except UnicodeError:
        return lower
