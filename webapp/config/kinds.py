"""Kinds of values that several settings have: lists, hosts, name servers, URLs.

A bad one is a ValueError with a sentence."""

import ipaddress
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

DNS_PORT = 53
SERVER = re.compile(r"\[?(?P<address>[0-9a-f.:]{2,45}?)\]?(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
HOST = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+\.?", re.IGNORECASE)


def server_of(text: str) -> str | tuple[str, int]:
    """A DNS server: a DoH URL as it is, or the address and port of `192.0.2.1`, `192.0.2.1:5353`,
    `2001:db8::1`, `[2001:db8::1]:53`. Raises ValueError with a sentence for anything else."""
    if text.startswith("https://"):
        return text
    if _is_address(text):
        return text, DNS_PORT
    found = SERVER.fullmatch(text)
    if found is None or not _is_address(found["address"]) or not 0 < int(found["port"] or DNS_PORT) < 65536:
        raise ValueError(f"{text!r} is neither an address with an optional port nor an https:// URL")
    return found["address"], int(found["port"] or DNS_PORT)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _lower_parts(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip().lower() for part in value.split(",") if part.strip())
    return value


def _parts(value: Any) -> Any:
    """A URL's path may need its capital letters."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    for text in value:
        if not HOST.fullmatch(text) and not _is_address(text):
            raise ValueError(f"{text!r} is neither an address nor a host name")
    return value


def _servers(value: tuple[str, ...]) -> tuple[str, ...]:
    for text in value:
        server_of(text)
    return value


def _http_url(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return value.rstrip("/")


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_lower_parts)]  # in lower case
WordList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parts)]  # as written, by commas or blanks
Hosts = Annotated[CommaList, AfterValidator(_hosts)]  # addresses or host names
NameServers = Annotated[WordList, AfterValidator(_servers)]  # addresses with optional port, or https:// URLs
HttpUrl = Annotated[str, AfterValidator(_http_url)]
