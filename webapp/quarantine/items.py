"""The quarantine as mailcow lists it, one row for each mailbox, read into one item for each message."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from webapp.mailcow.values import moment, number, whole
from webapp.parse.bounds import cut
from webapp.parse.rspamd import bounded_score

ACTIONS = {"reject": "Rejected", "add header": "Junk folder", "rewrite subject": "Subject marked"}


@dataclass(frozen=True)
class Item:
    """One message in the quarantine: mailcow's rows that share its queue id, lowest id first."""

    rows: tuple[dict[str, Any], ...]
    ids: tuple[str, ...]
    qid: str
    sender: str
    subject: str
    score: float | None
    action: str
    is_virus: bool
    created: datetime | None

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """The mailboxes it was meant for."""
        return tuple(dict.fromkeys(cut(str(row.get("rcpt") or "")) for row in self.rows))

    @property
    def reason(self) -> str:
        """Why it is here, in words made from mailcow's action and score."""
        if self.is_virus:
            return "Virus found"
        score = "" if self.score is None else f" ({self.score:.2f})"
        words = {
            "reject": f"High spam score{score}: rejected",
            "add header": f"Spam score{score}: put into the junk folder",
            "rewrite subject": f"Spam score{score}: subject marked",
        }
        return words.get(self.action, f"{self.action or 'Unknown action'}{score}")

    @cached_property
    def text(self) -> str:
        """All that a search looks into, in lower case."""
        return "\n".join((self.qid, self.sender, self.subject, *self.recipients)).lower()


def read(rows: Iterable[dict[str, Any]]) -> list[Item]:
    """The items of mailcow's rows; rows without a queue id stand alone, and one without an id is none."""
    together: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if whole(row.get("id")) is not None:
            together.setdefault(str(row.get("qid") or f"row {row['id']}"), []).append(row)
    return [_item(sorted(same, key=lambda row: whole(row["id"]) or 0)) for same in together.values()]


def _item(rows: list[dict[str, Any]]) -> Item:
    first = rows[0]
    return Item(
        tuple(rows),
        tuple(str(whole(row["id"])) for row in rows),
        cut(str(first.get("qid") or "")),
        cut(str(first.get("sender") or "")),
        cut(str(first.get("subject") or "")),
        bounded_score(number(first.get("score"))),
        cut(str(first.get("action") or "")),
        any(whole(row.get("virus_flag")) for row in rows),
        moment(first.get("created")),
    )


@dataclass(frozen=True)
class MailboxCopy:
    """One mailbox's copy of a message, which mailcow knows by an id of its own."""

    subject: str
    mailbox: str

    @property
    def label(self) -> str:
        """What people know the mail by."""
        return f"“{self.subject or 'no subject'}” to {self.mailbox}"

    @property
    def to(self) -> str:
        """The mailbox, for the result of an action."""
        return self.mailbox


def copies(rows: Iterable[dict[str, Any]]) -> dict[str, MailboxCopy]:
    """The copies of mailcow's rows by id."""
    return {
        str(row.get("id")): MailboxCopy(str(row.get("subject") or ""), str(row.get("rcpt"))) for row in rows
    }
