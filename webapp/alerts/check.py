"""One look at all rules: load what is known, judge it, keep events, and hand over what is to be told."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from webapp.alerts import telling
from webapp.alerts.events import Judged, Look, keep
from webapp.alerts.finding import MINUTE, AnyRule
from webapp.alerts.notice import Notice
from webapp.alerts.outbox import put
from webapp.alerts.rules.table import RULES
from webapp.alerts.words import RuleName
from webapp.config import Settings

KEPT = timedelta(days=365)  # that an event is over
MOST_KEPT = 100_000
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('alert_events'))")
LATER = text(  # by another worker; what lies far ahead is of a clock that was wrong
    "SELECT EXISTS (SELECT 1 FROM alert_looks WHERE judged_at > :moment AND judged_at < :soon)"
)
LOOKS = text("SELECT rule, judged_at FROM alert_looks")
NOTE = text(
    "INSERT INTO alert_looks (rule, judged_at, unknown_since) VALUES (:rule, :judged_at, :unknown_since) "
    "ON CONFLICT (rule) DO UPDATE SET judged_at = coalesce(excluded.judged_at, alert_looks.judged_at), "
    "unknown_since = CASE WHEN excluded.unknown_since IS NULL THEN NULL "
    "ELSE coalesce(alert_looks.unknown_since, excluded.unknown_since) END"
)
FORGET = text(
    "DELETE FROM alert_events WHERE ended_at < :long_ago OR id <= (SELECT max(id) - :most FROM alert_events) "
    "AND ended_at IS NOT NULL"
)
Put = Callable[[Connection, Sequence[Notice]], object]


def check(
    session: Session, settings: Settings, moment: datetime, tell: Put = put
) -> Iterator[dict[str, int]]:
    """Judge every rule that is on as of `moment`; yields where the caller should commit, the figures at last.

    Facts are loaded one after the other, each in a transaction of its own: one that held several tables could
    block those who add or drop their days. What is found is kept and told in a single one.
    """
    rules = {name: rule for name, rule in RULES.items() if rule.is_on(settings)}
    before = {row.rule: row.judged_at for row in session.execute(LOOKS)}
    due = [rule for rule in rules.values() if _is_due(rule, before.get(rule.name), moment)]
    loaded: dict[Any, Any] = {}
    for load in dict.fromkeys(rule.load for rule in due):
        loaded[load] = load(session, settings, moment)
        yield {}
    judged: dict[RuleName, Any] = dict.fromkeys(rules)
    for rule in due:
        facts = loaded[rule.load]
        judged[rule.name] = None if facts is None else rule.judge(facts, settings, moment)
    session.execute(LOCK)
    if session.scalar(LATER, {"moment": moment, "soon": moment + 10 * MINUTE}):
        return
    session.execute(NOTE, [_noted(rule, loaded[rule.load] is not None, moment) for rule in due])
    yield _kept(session, Look(moment, settings, RULES), judged, tell)


def _kept(session: Session, look: Look, judged: Judged, tell: Put) -> dict[str, int]:
    kept = keep(session.connection(), look, judged)
    notices = telling.due(session.connection(), look)
    tell(session.connection(), notices)
    session.execute(FORGET, {"long_ago": look.moment - KEPT, "most": MOST_KEPT})
    return {"open": kept.open, "began": kept.began, "ended": kept.ended, "notices": len(notices)}


def _is_due(rule: AnyRule, judged_at: datetime | None, moment: datetime) -> bool:
    return judged_at is None or judged_at > moment or moment - judged_at >= rule.every


def _noted(rule: AnyRule, is_known: bool, moment: datetime) -> dict[str, Any]:
    judged_at, unknown_since = (moment, None) if is_known else (None, moment)
    return {"rule": rule.name.value, "judged_at": judged_at, "unknown_since": unknown_since}
