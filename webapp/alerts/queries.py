"""How the rules stand, and which events are open. Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from webapp.alerts.answers import EventRow, RuleAnswer, RulesAnswer, RuleState
from webapp.alerts.filter import EventFilter
from webapp.alerts.finding import AnyRule
from webapp.alerts.lists import EVENTS
from webapp.alerts.rules.table import RULES
from webapp.config import Settings
from webapp.tables.alerts import AlertEvent

STANDING = text(
    "SELECT names.rule, looks.judged_at, looks.unknown_since, counted.* "
    "FROM unnest(CAST(:names AS text[])) AS names (rule) LEFT JOIN alert_looks AS looks USING (rule) "
    "LEFT JOIN (SELECT rule AS of_rule, count(*) AS events, "
    "count(*) FILTER (WHERE ended_at IS NULL) AS open, "
    "min(began_at) FILTER (WHERE ended_at IS NULL) AS open_since, max(began_at) AS last_began, "
    "max(greatest(begin_told_at, reminded_at, end_told_at)) AS last_told FROM alert_events "
    "WHERE confirmed_at IS NOT NULL GROUP BY rule) AS counted ON counted.of_rule = names.rule"
)


def rules(session: Session, settings: Settings) -> RulesAnswer:
    """Every rule with how it stands, in the order of their names' list."""
    rows = {row.rule: row for row in session.execute(STANDING, {"names": list(RULES)})}
    found = [_rule(rule, rows[name], settings) for name, rule in RULES.items()]
    return RulesAnswer(
        found,
        sum(rule.open for rule in found),
        settings.alert_quiet_minutes,
        settings.alert_reminder_hours,
    )


def _rule(rule: AnyRule, row: Row[Any], settings: Settings) -> RuleAnswer:
    return RuleAnswer(
        name=rule.name.value,
        title=rule.title,
        state=_state(row) if rule.is_on(settings) else RuleState.OFF,
        severity=rule.severity.value,
        threshold=rule.says(settings),
        settings={name.upper(): _value(getattr(settings, name)) for name in rule.settings},
        open=row.open or 0,
        open_since=row.open_since,
        events=row.events or 0,
        last_began=row.last_began,
        last_told=row.last_told,
        judged_at=row.judged_at,
        unknown_since=row.unknown_since,
    )


def _state(row: Row[Any]) -> RuleState:
    if row.open:
        return RuleState.OPEN
    return RuleState.QUIET if row.judged_at and not row.unknown_since else RuleState.UNKNOWN


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class OpenEvents:
    """Some open events, and how many there are."""

    events: Sequence[EventRow]
    total: int


def count_open(session: Session) -> int:
    """How many events are open."""
    where = EventFilter(state="open").where()
    return session.scalar(select(func.count()).select_from(AlertEvent).where(*where)) or 0


def open_events(session: Session, limit: int) -> OpenEvents:
    """The events that are open, the one that began last first."""
    found = EVENTS.search(session, EventFilter(state="open", sort="-began", limit=limit))
    return OpenEvents(found.rows, found.total)
