"""Keeping, renaming, pinning and deleting saved searches; the request commits."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.errors import BadParameter, NotFound
from webapp.saved.forms import Change
from webapp.tables.db import now
from webapp.tables.saved import SavedSearch

BROWSER = "browser:"  # an owner that is a browser, where nobody signs in
MOST = 30  # searches of one owner
MOST_OF_BROWSERS = 2000  # of all browsers together: anybody may be one


def keep(session: Session, owner: str, name: str, query: str) -> None:
    """Keep a search under this name, in place of one that has it; raises BadParameter for too many."""
    _require_room(session, owner, name)
    values = {"query": query, "saved_at": now()}
    row = insert(SavedSearch).values(owner=owner, name=name, pinned=False, **values)
    session.execute(row.on_conflict_do_update(index_elements=["owner", "name"], set_=values))


def _require_room(session: Session, owner: str, name: str) -> None:
    others = select(func.count()).where(SavedSearch.owner == owner, SavedSearch.name != name)
    if (session.scalar(others) or 0) >= MOST:
        raise BadParameter(f"There are {MOST} saved searches already: delete one that is not needed any more")
    of_browsers = select(func.count()).where(SavedSearch.owner.startswith(BROWSER))
    if owner.startswith(BROWSER) and (session.scalar(of_browsers) or 0) >= MOST_OF_BROWSERS:
        raise BadParameter(
            "All browsers together keep too many searches: AUTH_ENABLED gives accounts their own"
        )


def change(session: Session, owner: str | None, number: int, what: Change, name: str = "") -> None:
    """Rename, pin, unpin or delete one of the owner's; raises NotFound, and BadParameter for a taken name."""
    own = (SavedSearch.id == number, SavedSearch.owner == owner)
    if what is Change.DELETE:
        done = session.execute(delete(SavedSearch).where(*own).returning(SavedSearch.id))
    elif what is Change.RENAME:
        taken = select(SavedSearch.id).where(SavedSearch.owner == owner, SavedSearch.name == name)
        if session.scalar(taken.where(SavedSearch.id != number)) is not None:
            raise BadParameter("name must not be that of another saved search")
        done = session.execute(update(SavedSearch).where(*own).values(name=name).returning(SavedSearch.id))
    else:
        pinned = update(SavedSearch).where(*own).values(pinned=what is Change.PIN)
        done = session.execute(pinned.returning(SavedSearch.id))
    if done.first() is None:
        raise NotFound("There is no such saved search")
