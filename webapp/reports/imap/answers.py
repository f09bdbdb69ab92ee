"""What imaplib gives for an answer -> numbers and mails. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})", re.IGNORECASE)
UID = re.compile(rb"\bUID (\d{1,10})", re.IGNORECASE)
Part = bytes | tuple[bytes, bytes] | None


@dataclass(frozen=True)
class Fetched:
    """The bytes of a mail; `is_cut`: there are more."""

    content: bytes
    is_cut: bool


def number(response: tuple[str, Sequence[Any]]) -> int:
    """The last number of an untagged response such as EXISTS; 0 without one."""
    told = [part for part in response[1] or () if isinstance(part, bytes) and part.strip().isdigit()]
    return int(told[-1]) if told else 0


def sizes(parts: Sequence[Part]) -> dict[int, int]:
    """UID -> RFC822.SIZE of what tells both."""
    found = {}
    for part in parts:
        text = part[0] if isinstance(part, tuple) else part or b""
        uid, size = UID.search(text), SIZE.search(text)
        if uid and size:
            found[int(uid[1])] = int(size[1])
    return found


def fetched(parts: Sequence[Part], uid: int, most: int) -> Fetched | None:
    """The mail in the answer to a FETCH of one UID; None where there is none. A server that does not cut
    sends more than was asked for."""
    for position, part in enumerate(parts):
        if not isinstance(part, tuple) or b"BODY[" not in part[0].upper():
            continue
        following = parts[position + 1] if position + 1 < len(parts) else b""
        told = UID.search(part[0]) or (UID.search(following) if isinstance(following, bytes) else None)
        if told is None or int(told[1]) == uid:
            return Fetched(part[1][:most], len(part[1]) >= most)
    return None
