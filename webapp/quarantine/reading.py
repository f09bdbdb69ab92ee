"""One message in the quarantine, with its text as mailcow gives it when it is asked for."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.lists.standing import Standing
from webapp.mailcow import live
from webapp.mailcow.client import MEGABYTE, MailcowError
from webapp.mailcow.connection import mailcow
from webapp.quarantine.items import Item, MailboxCopy
from webapp.quarantine.letter import Letter, letter_of
from webapp.quarantine.lists import QUARANTINE_LIST, standing_of

SECONDS = 5.0  # that mailcow has for one mail
LARGEST = 16 * MEGABYTE  # of one mail with what mailcow tells of it
FOR_OPERATORS = "What is in the mail is shown to those only who may act on it."
GONE = "It has left the quarantine: it was released, learned or deleted."


@dataclass(frozen=True)
class Reading:
    """One message by mailcow's number: as the list last had it (None: not any more), its text, or why there
    is none to show."""

    number: int
    item: Item | None
    standing: Standing | None
    letter: Letter | None
    reason: str | None = None
    failed: bool = False

    @property
    def label(self) -> str:
        """What people know it by."""
        if self.item is None:
            return ""
        return MailboxCopy(self.item.subject, ", ".join(self.item.recipients)).label

    @property
    def status(self) -> int:
        """404 for what is nowhere."""
        return 404 if self.item is None and self.letter is None and not self.failed else 200


def reading_of(session: Session, settings: Settings, number: int, may_read: bool) -> Reading:
    """The message; its text is asked of mailcow where it may be read. No connection to the database is held
    meanwhile."""
    listing = live.last(live.QUARANTINE, session)
    item = next((one for one in QUARANTINE_LIST.read(listing.rows) if str(number) in one.ids), None)
    standing = replace(standing_of(item, listing), reading=None) if item else None
    if not may_read:
        return Reading(number, item, standing, None, FOR_OPERATORS)
    session.rollback()
    try:
        kept = _kept(settings, number)
    except MailcowError as error:
        return Reading(number, item, standing, None, f"The mail could not be had: {error}.", failed=True)
    if kept is None:
        return Reading(number, None, None, None, GONE)
    return Reading(number, item, standing, letter_of(kept))


def _kept(settings: Settings, number: int) -> str | None:
    """The mail as mailcow keeps it; None where mailcow has none of this number. Raises MailcowError."""
    client = mailcow(settings)
    client.timeout, client.largest = min(client.timeout, SECONDS), LARGEST
    answer: Any = client.get(f"get/quarantine/{number}")
    text = answer.get("msg") if isinstance(answer, dict) else None
    return text if isinstance(text, str) and text else None
