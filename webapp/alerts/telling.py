"""What is told of events: one notice when trouble begins, one when it is over, and a reminder a day.

What begins in one look is one notice, of whatever kinds. After it, more of these kinds waits for the quiet
time; what is over by then is not told at all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Connection, select, update

from webapp.alerts.events import OVER, Look
from webapp.alerts.finding import DAY
from webapp.alerts.notice import Notice, Severity
from webapp.alerts.words import TITLES, RuleName
from webapp.tables.alerts import AlertEvent
from webapp.tables.db import iso

PAGE = "/alerts"
NAMED = 10  # events of one kind that a notice names
SEVERITIES = tuple(Severity)
EVENT = AlertEvent
WAS_TOLD = EVENT.begin_told_at.is_not(None)
Events = Sequence[AlertEvent]


def due(connection: Connection, look: Look) -> list[Notice]:
    """The notices that are due now; their events are marked as told. At most one of each sort."""
    return [*_begun(connection, look), *_solved(connection, look), *_reminder(connection, look)]


def _begun(connection: Connection, look: Look) -> Iterable[Notice]:
    new = _events(connection, EVENT.ended_at.is_(None), EVENT.confirmed_at.is_not(None), ~WAS_TOLD)
    if not new:
        return
    quiet = timedelta(minutes=look.settings.alert_quiet_minutes)
    loud = select(EVENT.rule).distinct().where(EVENT.begin_told_at > look.moment - quiet)
    rules = set(connection.scalars(loud))
    told = [event for event in new if event.rule not in rules]
    if told:
        _mark(connection, "begin_told_at", look, told)
        yield _notice("begin", told, _title(told), [_sentence(event) for event in told])


def _solved(connection: Connection, look: Look) -> Iterable[Notice]:
    momentary = [rule.name.value for rule in look.rules.values() if rule.is_momentary]
    lately = EVENT.ended_by == OVER, EVENT.ended_at > look.moment - DAY
    told = _events(connection, *lately, WAS_TOLD, EVENT.end_told_at.is_(None), EVENT.rule.not_in(momentary))
    if told:
        _mark(connection, "end_told_at", look, told)
        yield _notice("end", told, f"Over: {_title(told)}", [_over(event) for event in told], Severity.INFO)


def _reminder(connection: Connection, look: Look) -> Iterable[Notice]:
    """All that is still open with the same rhythm as one whose turn it is, so that there is one a day."""
    standing = _events(connection, EVENT.ended_at.is_(None), WAS_TOLD)
    waits = [(event, look.rules[RuleName(event.rule)].reminder(look.settings)) for event in standing]
    turns = {wait for event, wait in waits if wait and look.moment - _told_at(event) >= wait}
    told = [event for event, wait in waits if wait in turns]
    if told:
        _mark(connection, "reminded_at", look, told)
        sort = f"open:{iso(look.moment)}"
        yield _notice(sort, told, f"Still open: {_title(told)}", [_sentence(event) for event in told])


def _events(connection: Connection, *where: ColumnElement[bool]) -> Events:
    """These events, oldest first, as rows with the model's columns."""
    rows = connection.execute(select(EVENT.__table__).where(*where).order_by(EVENT.id)).all()
    return cast(Events, rows)


def _told_at(event: AlertEvent) -> datetime:
    return event.reminded_at or event.begin_told_at or event.began_at


def _mark(connection: Connection, column: str, look: Look, told: Events) -> None:
    ids = [event.id for event in told]
    connection.execute(update(EVENT).where(EVENT.id.in_(ids)).values({column: look.moment}))


def _notice(
    sort: str, told: Events, title: str, lines: Sequence[str], severity: Severity | None = None
) -> Notice:
    """A notice of these events. Each event begins and ends once, so that the first one names it."""
    kinds = dict.fromkeys(event.rule for event in told)
    worst = max((Severity(event.severity) for event in told), key=SEVERITIES.index)
    link = told[0].link if len(told) == 1 else ""
    shown = [line for kind in kinds for line in _of_kind(kind, told, lines)]
    return Notice(f"{sort}:{told[0].id}", tuple(kinds), severity or worst, title, tuple(shown), link or PAGE)


def _of_kind(kind: str, told: Events, lines: Sequence[str]) -> list[str]:
    mine = [line for event, line in zip(told, lines, strict=True) if event.rule == kind]
    more = len(mine) - NAMED
    return [*mine[:NAMED], f"{TITLES[RuleName(kind)]}: {more:,} more"] if more > 0 else mine


def _title(told: Events) -> str:
    """`A container is stopped: clamd`, or of many `A container is stopped (3), The queue is long`."""
    if len(told) == 1:
        name = TITLES[RuleName(told[0].rule)]
        return f"{name}: {told[0].subject}" if told[0].subject else name
    counts = {
        kind: sum(event.rule == kind for event in told)
        for kind in dict.fromkeys(event.rule for event in told)
    }
    return ", ".join(
        TITLES[RuleName(kind)] + (f" ({count:,})" if count > 1 else "") for kind, count in counts.items()
    )


def _sentence(event: AlertEvent) -> str:
    return f"{_subject(event)}{event.text} (since {iso(event.began_at)})"


def _over(event: AlertEvent) -> str:
    return f"{_subject(event)}{event.text} (from {iso(event.began_at)} to {iso(event.ended_at)})"


def _subject(event: AlertEvent) -> str:
    return f"{event.subject}: " if event.subject and event.subject not in event.text else ""
