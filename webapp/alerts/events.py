"""Events: what the rules find is kept from its beginning to its end. Every statement is for all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Row, text

from webapp.alerts.finding import MOST, AnyRule, Finding
from webapp.alerts.words import RuleName
from webapp.config import Settings

OVER, OFF = "over", "off"  # how an event ends: the trouble is gone, or nobody watches for it any more
OPEN = text(
    "SELECT id, rule, subject, aspect, began_at, confirmed_at, last_seen FROM alert_events "
    "WHERE ended_at IS NULL"
)
BEGIN = text(
    "INSERT INTO alert_events (rule, subject, aspect, severity, began_at, confirmed_at, last_seen, text, "
    "numbers, link) VALUES (:rule, :subject, :aspect, :severity, :began_at, :confirmed_at, :now, :text, "
    ":numbers, :link) ON CONFLICT (rule, subject, aspect) WHERE ended_at IS NULL DO NOTHING"
)
SEEN = text(
    "UPDATE alert_events SET last_seen = :now, text = seen.text, numbers = seen.numbers, "
    "severity = seen.severity, link = seen.link, confirmed_at = CASE WHEN seen.counts "
    "THEN coalesce(confirmed_at, :now) ELSE confirmed_at END "
    "FROM unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[]), CAST(:numbers AS jsonb[]), "
    "CAST(:severities AS text[]), CAST(:links AS text[]), CAST(:counts AS boolean[])) "
    "AS seen (id, text, numbers, severity, link, counts) WHERE alert_events.id = seen.id"
)
END = text("UPDATE alert_events SET ended_at = :now, ended_by = :by WHERE id = ANY(:ids)")
FORGET = text("DELETE FROM alert_events WHERE id = ANY(:ids)")
Key = tuple[str, str, str]
Judged = Mapping[RuleName, Sequence[Finding] | None]


@dataclass(frozen=True)
class Kept:
    """How many events began, ended and are open after a look."""

    began: int
    ended: int
    open: int


@dataclass(frozen=True)
class Look:
    """One look at all rules: when, and by which settings."""

    moment: datetime
    settings: Settings
    rules: Mapping[RuleName, AnyRule]


def keep(connection: Connection, look: Look, judged: Judged) -> Kept:
    """Open, keep and end events by what was found.

    A rule whose finding is None stays as it is. The events of a rule that is missing in `judged` end, because
    it is switched off. What has not lasted long enough waits unconfirmed, and goes without a trace.
    """
    found = {_key(name, one): (name, one) for name, these in judged.items() for one in (these or ())[:MOST]}
    rows = {(row.rule, row.subject, row.aspect): row for row in connection.execute(OPEN)}
    seen = {key: row for key, row in rows.items() if key in found and _holds(row, found[key][1])}
    off = [row for row in rows.values() if row.rule not in judged]
    gone = [row for key, row in rows.items() if judged.get(row.rule) is not None and key not in seen]
    over = [row.id for row in gone if row.confirmed_at and _is_over(look, row)]
    fresh = [pair for key, pair in found.items() if key not in rows and not pair[1].is_weak]
    _see(connection, look, [(row, *found[key]) for key, row in seen.items()])
    _end(connection, look.moment, over, OVER)
    _end(connection, look.moment, [row.id for row in off if row.confirmed_at], OFF)
    _forget(connection, [row.id for row in (*gone, *off) if not row.confirmed_at])
    _begin(connection, look, fresh)
    return Kept(len(fresh), len(over), len(seen) + len(fresh))


def _key(name: RuleName, one: Finding) -> Key:
    return name, one.subject, one.aspect


def _holds(row: Row[Any], one: Finding) -> bool:
    """What is weak keeps only what counts already."""
    return bool(row.confirmed_at) or not one.is_weak


def _is_over(look: Look, row: Row[Any]) -> bool:
    return bool(look.moment - row.last_seen >= look.rules[RuleName(row.rule)].calm)


def _counts(look: Look, name: RuleName, began_at: datetime) -> bool:
    return look.moment - began_at >= look.rules[name].patience(look.settings)


def _severity(look: Look, name: RuleName, one: Finding) -> str:
    return (one.severity or look.rules[name].severity).value


def _see(connection: Connection, look: Look, seen: Sequence[tuple[Row[Any], RuleName, Finding]]) -> None:
    if not seen:
        return
    values = {
        "ids": [row.id for row, _, _ in seen],
        "texts": [one.text for _, _, one in seen],
        "numbers": [Jsonb(dict(one.numbers)) for _, _, one in seen],
        "severities": [_severity(look, name, one) for _, name, one in seen],
        "links": [one.link for _, _, one in seen],
        "counts": [_counts(look, name, row.began_at) for row, name, _ in seen],
    }
    connection.execute(SEEN, {**values, "now": look.moment})


def _end(connection: Connection, moment: datetime, ids: Sequence[int], by: str) -> None:
    if ids:
        connection.execute(END, {"ids": list(ids), "now": moment, "by": by})


def _forget(connection: Connection, ids: Sequence[int]) -> None:
    if ids:
        connection.execute(FORGET, {"ids": list(ids)})


def _begin(connection: Connection, look: Look, fresh: Sequence[tuple[RuleName, Finding]]) -> None:
    rows = [
        {
            "rule": name.value,
            "subject": one.subject,
            "aspect": one.aspect,
            "severity": _severity(look, name, one),
            "began_at": one.since or look.moment,
            "confirmed_at": look.moment if _counts(look, name, one.since or look.moment) else None,
            "now": look.moment,
            "text": one.text,
            "numbers": Jsonb(dict(one.numbers)),
            "link": one.link,
        }
        for name, one in fresh
    ]
    if rows:
        connection.execute(BEGIN, rows)
