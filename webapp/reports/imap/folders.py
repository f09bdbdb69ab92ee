"""A folder's name as the server has it: servers differ in the separator of levels and in a prefix."""

import re

from imap_tools import BaseMailBox
from imap_tools.errors import MailboxFolderCreateError

PERSONAL = re.compile(r'\(\("((?:[^"\\]|\\.){0,200})" (?:"(\\?.)"|NIL)')  # the first of RFC 2342's answer
LEVELS = re.compile(r"[/\\]")
MOST = 5000  # folders that are compared


def existing(box: BaseMailBox, wanted: str) -> str | None:
    """The folder that is meant by a name such as `Reports/Done`; None where there is none."""
    found = box.folder.list()[:MOST]
    separator = next((one.delim for one in found if one.delim not in ("", "NIL")), "/")
    names = {one.name for one in found}
    by_letters = {name.casefold(): name for name in sorted(names)}
    for name in _forms(wanted, separator, prefix(box)):
        if name in names:
            return name
        if name.casefold() in by_letters and name.casefold() == "inbox":
            return by_letters[name.casefold()]
    return None


def make(box: BaseMailBox, wanted: str) -> str:
    """Make the folder where the server lets one make it, and subscribe to it; returns its name."""
    found = box.folder.list()[:MOST]
    separator = next((one.delim for one in found if one.delim not in ("", "NIL")), "/")
    forms = _forms(wanted, separator, prefix(box))
    name = forms[-1] if prefix(box) else forms[0]
    try:
        box.folder.create(name)
    except MailboxFolderCreateError:
        name = f"INBOX{separator}{forms[0]}"
        if name in forms:
            raise
        box.folder.create(name)
    box.folder.subscribe(name, True)
    return name


def prefix(box: BaseMailBox) -> str:
    """What the names of one's own folders begin with (RFC 2342), such as `INBOX.`; '' where the server does
    not say."""
    if "NAMESPACE" not in box.client.capabilities:
        return ""
    kind, data = box.client.namespace()
    told = data[0].decode("utf-8", "replace") if kind == "OK" and data and data[0] else ""
    match = PERSONAL.match(told)
    return match[1].replace("\\", "") if match else ""


def _forms(wanted: str, separator: str, start: str) -> list[str]:
    """The name as it is written, with the server's separator, and with the prefix."""
    joined = separator.join(part for part in LEVELS.split(wanted) if part)
    forms = [wanted, joined] if wanted != joined else [joined]
    if start and not joined.startswith(start) and joined.casefold() != "inbox":
        forms.append(start + joined)
    return forms
