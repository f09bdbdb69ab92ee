"""What a server or the queue says of a recipient, and the same without hosts and addresses, so that equal
cases can be counted."""

import re
from functools import lru_cache

from webapp.parse.bounds import LONGEST_REPLY, cut

UNTRIED = "no failed attempt yet"
LONGEST = 160  # characters of a reason
LOOKED_THROUGH = 4000  # characters of a reply

RECIPIENT = re.compile(r'("(?:[^"\\]|\\.)*"@\S+|\S+)(?: \((.*)\))?\s*', re.DOTALL)
HOST = r"[\w.-]{1,255}\[[0-9a-fA-F.:]{1,45}\](?::\d{1,5})?"
BEGINNINGS = re.compile(
    rf"^(?:delivery temporarily suspended: |host {HOST} (?:said|refused to talk to me): |connect to \S+: )"
)
IN_REPLY = re.compile(r"\s{0,2}\(in reply to [^)]{0,200}\)?\s{0,2}$")
REPEATED_CODE = re.compile(r"(?<=\s)\d{3}[- ](?=\d\.\d{1,3}\.\d{1,3}\b)")
NAMES = (
    (re.compile(rf"(?:\s{{1,2}}(?:with|by host|from))?\s{{0,2}}{HOST}"), ""),
    (re.compile(r" for name=\S+ type=\w+"), ""),
    (re.compile(r"https?://\S+"), "…"),
    (re.compile(r"<[^<>\s]*>:?\s*"), ""),
    (re.compile(r"\b[\w.+=-]{1,320}@[\w.-]{1,255}"), "…"),
    (re.compile(r"\[?(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}\]?"), "…"),
    (re.compile(r"(?<![\w-])(?=[\w-]*\d)[\w-]{10,}(?:\.[\w-]+)*"), "…"),
)


def split_recipient(text: str) -> tuple[str, str]:
    """(address, what the queue says about it) of an entry such as `a@b (connect to …)`; '' where it says
    nothing."""
    bare = cut(text.strip(), LONGEST_REPLY)
    found = RECIPIENT.fullmatch(bare)
    return (cut(found[1]), found[2] or "") if found else (cut(bare), "")


@lru_cache(maxsize=4096)
def reason_of(reply: str) -> str:
    """The reason in few words: without hosts, addresses, links and numbers of the one case."""
    text, before = " ".join(reply[:LOOKED_THROUGH].split()), ""
    while before != text:
        before, text = text, BEGINNINGS.sub("", text)
    text = REPEATED_CODE.sub("", IN_REPLY.sub("", text))
    for pattern, instead in NAMES:
        text = pattern.sub(instead, text)
    text = " ".join(text.split()).strip(" ;,-")
    return text[:LONGEST] or (UNTRIED if not reply.strip() else "other")
