"""What was done to tokens and sessions, in the audit trail."""

from enum import StrEnum

from sqlalchemy.orm import Session

from webapp.lists.livepage import TrailEntry
from webapp.mailcow import audit

PREFIX = "access:"
SHOWN = 20


class Deed(StrEnum):
    """What can be done, in words of the trail."""

    MADE = "Token made"
    REVOKED = "Token revoked"
    ENDED = "Session ended"


def note(session: Session, who: str | None, address: str | None, deed: Deed, item: str) -> None:
    """Put one deed on record."""
    audit.record(session.connection(), who, address, f"{PREFIX}{deed.name.lower()}", [(item, True, "")])


def latest(session: Session) -> list[TrailEntry]:
    """The latest deeds, newest first."""
    return [
        TrailEntry(
            at=row.at,
            who=row.who,
            address=row.address,
            verb=Deed[row.action.removeprefix(PREFIX).upper()],
            item=row.item,
            outcome=row.outcome,
            detail=row.detail or "",
        )
        for row in audit.recent(session, PREFIX, SHOWN)
    ]
