"""Mail flow of a week against the week before; each figure as its list counts it. Queries only read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.dashboard.cube import Cell
from webapp.mailboxes import queries as mailboxes
from webapp.parse.words import FAILED, Direction, Outcome
from webapp.weekly.week import Kept, Week

KEPT = text(
    "SELECT least((SELECT min(hour AT TIME ZONE 'UTC')::date FROM message_hours WHERE n > 0), "
    "(SELECT min(day) FROM address_days)) AS first_day, (SELECT max(before) FROM closed_days) AS closed"
)
HOURS = text(
    "SELECT hour >= :middle AS is_this, nullif(direction, '') AS direction, "
    "nullif(final_status, '') AS status, is_spam, outcomes, sum(n)::bigint AS n FROM message_hours "
    "WHERE hour >= :start AND hour < :end AND n > 0 GROUP BY 1, 2, 3, 4, 5"
)
Wanted = Callable[[Cell], bool]


@dataclass(frozen=True)
class Figure:
    """One number of the week, and of the week before; None where that week was not recorded whole. `filter`
    are the parameters of the list with its rows, at `path`, or of the list whose column `counts` has it as
    its sum; `good` says what more of it means."""

    name: str
    label: str
    value: int
    before: int | None
    path: str
    filter: dict[str, str]
    good: str = "neutral"
    counts: str = ""

    @property
    def change(self) -> int | None:
        """The difference to the week before."""
        return None if self.before is None else self.value - self.before


@dataclass(frozen=True)
class Flow:
    """The figures of messages and of accounts. `recorded_from` is the day from which on there are records,
    where the week is not recorded whole; `kept_from` the one from which on messages are kept, likewise."""

    messages: tuple[Figure, ...]
    accounts: tuple[Figure, ...]
    recorded_from: date | None
    kept_from: date | None


@dataclass(frozen=True)
class Row:
    """One figure of messages: which of them count, and the list's filter that finds the same."""

    name: str
    label: str
    wanted: Wanted
    filter: dict[str, str]
    good: str = "neutral"


def _of_direction(way: Direction) -> Row:
    return Row(way, way.capitalize(), lambda cell: cell.direction == way, {"direction": str(way)})


ROWS = (
    Row("messages", "Messages", lambda cell: cell.count > 0, {}),
    *(_of_direction(way) for way in Direction),
    Row("spam", "Spam", lambda cell: cell.is_spam, {"status": "spam"}, "bad"),
    Row("rejected", "Refused", lambda cell: cell.has(Outcome.REJECTED), {"status": "rejected"}),
    Row("failed", "Not deliverable", lambda cell: cell.failed, {"status": FAILED}, "bad"),
    Row("deferred", "Waiting", lambda cell: cell.has(Outcome.DEFERRED), {"status": "deferred"}, "bad"),
)


def kept(session: Session) -> Kept:
    """What is known of the past."""
    row = session.execute(KEPT).one()
    return Kept(row.first_day, row.closed or date.min)


def flow(session: Session, week: Week, known: Kept) -> Flow:
    """The figures of the week and the one before."""
    now_whole, kept_whole = known.counts(week), known.messages(week)
    return Flow(
        _messages(session, week, known),
        _accounts(session, week, known),
        None if now_whole else known.first_day,
        None if kept_whole or not now_whole else known.messages_from,
    )


def _messages(session: Session, week: Week, known: Kept) -> tuple[Figure, ...]:
    before = week.before
    rows = session.execute(
        HOURS, {"start": before.days.start, "middle": week.days.start, "end": week.end}
    ).all()
    this = [_cell(row) for row in rows if row.is_this]
    that = [_cell(row) for row in rows if not row.is_this] if known.messages(before) else None
    return tuple(
        Figure(
            row.name,
            row.label,
            _sum(this, row.wanted),
            None if that is None else _sum(that, row.wanted),
            "/messages",
            {**row.filter, **week.period},
            row.good,
        )
        for row in ROWS
    )


def _cell(row: Any) -> Cell:
    return Cell(0, 0, row.direction, row.status, row.is_spam, tuple(row.outcomes), row.n)


def _sum(cells: Sequence[Cell], wanted: Wanted) -> int:
    return sum(cell.count for cell in cells if wanted(cell))


def _accounts(session: Session, week: Week, known: Kept) -> tuple[Figure, ...]:
    """What the mailboxes and aliases sent (recipients), what of it failed, what they received."""
    this = mailboxes.summary(session, week.days)
    that = mailboxes.summary(session, week.before.days) if known.counts(week.before) else None
    shown = {"date_range": "custom", **week.period}
    labels = (
        ("received", "Received by mailboxes", "neutral", "combined_received"),
        ("sent", "Recipients of what accounts sent", "neutral", "combined_sent"),
        ("failed", "Of these, failed", "bad", "combined_failed"),
    )
    return tuple(
        Figure(
            f"accounts_{name}",
            label,
            getattr(this, name),
            getattr(that, name) if that else None,
            "/mailboxes",
            shown,
            good,
            counts,
        )
        for name, label, good, counts in labels
    )
