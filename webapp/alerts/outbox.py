"""The outbox: what is put here is told on every channel that takes its kind, whatever is down meanwhile."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from webapp.alerts.notice import Notice
from webapp.tables.db import now
from webapp.tables.notices import NoticeRow


@dataclass(frozen=True)
class Letter:
    """The mail of a notice that brings its own: its text and its HTML part."""

    text: str
    html: str


def put(connection: Connection, notices: Sequence[Notice]) -> int:
    """Keep notices within the caller's transaction; returns how many are new.

    A key that was put before stays as it was told then: putting twice tells once.
    """
    return _keep(connection, notices)


def put_letter(connection: Connection, notice: Notice, letter: Letter) -> bool:
    """Keep a notice whose mail is this letter; False where its key was put before."""
    return _keep(connection, [notice], letter) == 1


def _keep(connection: Connection, notices: Sequence[Notice], letter: Letter | None = None) -> int:
    if not notices:
        return 0
    own = {"mail_text": letter.text, "mail_html": letter.html} if letter else {}
    rows = [
        {**asdict(one), "kinds": list(one.kinds), "lines": list(one.lines), "made_at": now(), **own}
        for one in notices
    ]
    new = insert(NoticeRow).values(rows).on_conflict_do_nothing(index_elements=["key"])
    return len(connection.execute(new.returning(NoticeRow.key)).all())
