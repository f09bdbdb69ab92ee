"""What netfilter's events tell: who attacks, events over time, countries, the busiest addresses.

All figures are of the newest 100,000 events of the period at the most, so that an attack cannot make a page
slow. Until there is another event they are counted once for all who look within a minute.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.geoip import Place, locate
from webapp.security.filter import AttackerFilter, NetfilterFilter
from webapp.tables.db import now

FRESH = 60  # seconds
MOST_EVENTS = 100_000
DEFAULT_SPAN = timedelta(days=7)
HOURLY_UP_TO = timedelta(days=3)
MOST_BARS = 400
MAPPED = 5_000  # addresses whose countries are counted, the busiest
ADDRESSES = 10  # of those with the most

ATTACKER_COLUMNS = """
    unit AS ip, count(*) AS events,
    count(*) FILTER (WHERE action = 'warning' AND rule_id IS NOT NULL) AS attempts,
    min(time) AS first_seen, max(time) AS last_seen, max(time) FILTER (WHERE action = 'banned') AS banned_at,
    max(time) FILTER (WHERE action = 'unbanned') AS unbanned_at, count(*) FILTER (WHERE action = 'banned') AS
        bans,
    (array_agg(DISTINCT username) FILTER (WHERE username IS NOT NULL))[1:20] AS usernames,
    count(DISTINCT username) AS username_count, (array_agg(DISTINCT rule_id) FILTER (WHERE rule_id IS NOT
        NULL))[1:20] AS rule_ids,
    (array_agg(DISTINCT auth_method) FILTER (WHERE auth_method IS NOT NULL))[1:5] AS methods,
    (array_agg(attempts_left ORDER BY time DESC, id DESC)
        FILTER (WHERE attempts_left IS NOT NULL))[1] AS attempts_left,
    (array_agg(DISTINCT ip) FILTER (WHERE ip <> unit))[1:20] AS hosts, count(DISTINCT ip) FILTER (WHERE ip <>
        unit) AS host_count,
    attackers"""
# netfilter counts and bans whole networks where it is set so (netban_ipv4, netban_ipv6): what one of their
# hosts did belongs to them
UNITS = """
    WITH events AS MATERIALIZED (SELECT id, time, ip, action, rule_id, username, auth_method, attempts_left,
        {where} AS is_wanted FROM netfilter_logs WHERE time BETWEEN :start AND :end AND ip IS NOT NULL
        ORDER BY time DESC LIMIT {most}),
    networks AS (SELECT DISTINCT ip AS unit, inet_or_null(ip) AS network FROM events WHERE ip LIKE '%/%'),
    widths AS (SELECT DISTINCT masklen(network) AS bits, family(network) AS version FROM networks),
    hosts AS (SELECT ip, inet_or_null(ip) AS address FROM (SELECT DISTINCT ip FROM events
        WHERE ip NOT LIKE '%/%' AND EXISTS (SELECT 1 FROM networks)) AS names),
    members AS (SELECT DISTINCT ON (hosts.ip) hosts.ip, networks.unit
        FROM hosts JOIN widths ON version = family(address) JOIN networks ON network =
            network(set_masklen(address, bits))
        ORDER BY hosts.ip, bits),
    counted AS NOT MATERIALIZED (SELECT events.*, coalesce(members.unit, ip) AS unit
        FROM events LEFT JOIN members USING (ip))"""
# what is in each bucket (by quarters of an hour, which no zone cuts, so that few times are looked at in its
# calendar); and the warnings and bans of the addresses with most attempts, which have no bucket
OVERVIEW = """
    WITH events AS MATERIALIZED (SELECT time, action, ip, rule_id
        FROM netfilter_logs WHERE time BETWEEN :start AND :end AND {where} ORDER BY time DESC LIMIT {most}),
    quarters AS (SELECT date_bin('15 minutes', time, 'epoch') AS time, action, count(*) AS events
        FROM events GROUP BY 1, 2)
    SELECT date_trunc('{unit}', time, :tz) AS bucket, action, CAST(sum(events) AS bigint) AS events,
        '' AS ip, 0 AS attempts, 0 AS units FROM quarters GROUP BY 1, 2
    UNION ALL
    (SELECT NULL, '', count(*), ip, count(rule_id) FILTER (WHERE action = 'warning') AS attempts,
        count(*) OVER () FROM events WHERE action IN ('warning', 'banned') AND ip IS NOT NULL
    GROUP BY ip ORDER BY attempts DESC, count(*) DESC, ip LIMIT {mapped})"""
# what has changed where an event has come, or all are gone
NEWEST = text(
    "SELECT last_value AS number, EXISTS (SELECT 1 FROM netfilter_logs) AS is_any FROM netfilter_logs_id_seq"
)
# nobody can estimate how many hosts and networks there are: a loop over both takes long
NO_LOOPS = text("SET LOCAL enable_nestloop = off")


BANNED_AT, UNBANNED_AT = (
    f"max(time) FILTER (WHERE action = '{action}')" for action in ("banned", "unbanned")
)
IN_STATE = {  # as Attacker.state tells it
    "banned": f"{BANNED_AT} IS NOT NULL AND ({UNBANNED_AT} IS NULL OR {UNBANNED_AT} < {BANNED_AT})",
    "unbanned": f"{UNBANNED_AT} IS NOT NULL AND ({BANNED_AT} IS NULL OR {UNBANNED_AT} >= {BANNED_AT})",
    "watched": f"{BANNED_AT} IS NULL AND {UNBANNED_AT} IS NULL",
}


@dataclass(frozen=True)
class Attacker:
    """One address, or one network that netfilter watches as one, with all its events in the period.

    `attempts` are events that name a rule; of `usernames`, `rule_ids`, `methods` and `hosts` some are named,
    and the counts are of all.
    """

    ip: str
    events: int
    attempts: int
    first_seen: datetime
    last_seen: datetime
    banned_at: datetime | None
    unbanned_at: datetime | None
    bans: int
    usernames: list[str] | None
    username_count: int
    rule_ids: list[int] | None
    methods: list[str] | None
    attempts_left: int | None
    hosts: list[str] | None
    host_count: int

    @property
    def state(self) -> str:
        """banned, unbanned, or watched (attempts, but no ban in the period)."""
        if self.banned_at and (not self.unbanned_at or self.unbanned_at < self.banned_at):
            return "banned"
        return "unbanned" if self.unbanned_at else "watched"


@dataclass(frozen=True)
class Cell:
    """The events of one action in one bucket of time; or, without a bucket, the warnings and bans of an
    address, and of how many addresses there are some."""

    bucket: datetime | None
    action: str
    events: int
    ip: str
    attempts: int
    units: int


@dataclass(frozen=True)
class Board:
    """What is counted for the Security page: the period, its cells, and one page of addresses with how many
    there are in all."""

    start: datetime
    end: datetime
    cells: list[Cell]
    attackers: list[Attacker]
    count: int


@dataclass(frozen=True)
class Overview:
    """The Security page's figures. `bars` are (time, {action: count}); `step` is the width of a bar.

    `countries` are (place, warnings and bans), `busiest` (address, attempts, place), most first;
    `is_mapped_in_part` where only the busiest addresses were looked up for the countries.
    """

    start: datetime
    end: datetime
    step: timedelta
    totals: dict[str, int]
    bars: list[tuple[datetime, dict[str, int]]]
    countries: list[tuple[Place, int]]
    busiest: list[tuple[str, int, Place]]
    cut: bool
    is_mapped_in_part: bool


def period(chosen: NetfilterFilter) -> tuple[datetime, datetime]:
    """The filter's period; the last seven days where it names none."""
    end = chosen.end_date or now()
    return chosen.start_date or end - DEFAULT_SPAN, end


def _filtered(chosen: NetfilterFilter) -> tuple[str, dict[str, Any]]:
    """The filter in SQL; its values with the period's `start` and `end`."""
    found, (start, end) = chosen.conditions(), period(chosen)
    return f"({found.where})", {**found.values, "start": start, "end": end}


def attackers(
    session: Session, chosen: NetfilterFilter, state: str | None = None
) -> tuple[list[Attacker], int]:
    """The addresses that have an event the filter names and are in this state, the latest first; and how many
    there are, 0 beyond the last page.

    Each has all its events in the period: a ban's line names no user, and an attempt no ban.
    """
    session.execute(NO_LOOPS)
    where, values = _filtered(chosen)
    rows = session.execute(
        text(
            f"{UNITS.format(where=where, most=MOST_EVENTS)}, "
            "listed AS (SELECT unit, count(*) OVER () AS attackers FROM counted "
            f"GROUP BY unit HAVING bool_or(is_wanted) AND {IN_STATE.get(state or '', 'true')} "
            f"ORDER BY max(time) DESC, unit LIMIT {chosen.limit} OFFSET {chosen.offset}) "
            f"SELECT {ATTACKER_COLUMNS} FROM counted JOIN listed USING (unit) "
            f"GROUP BY unit, attackers ORDER BY max(time) DESC, unit"
        ),
        values,
    ).all()
    return [Attacker(*row[:-1]) for row in rows], rows[0].attackers if rows else 0


def board(session: Session, chosen: AttackerFilter, tz: str) -> Board:
    """What the page shows of the events that the filter names, in the hours or days of a time zone."""
    newest = session.execute(NEWEST).one()
    name = cache.digest(*newest, tz, chosen.model_dump_json())
    return cache.kept(f"security:{name}", FRESH, lambda: _counted(session, chosen, tz), Board)


def _counted(session: Session, chosen: AttackerFilter, tz: str) -> Board:
    where, values = _filtered(chosen)
    start, end = values["start"], values["end"]
    unit = "hour" if _step(start, end) < timedelta(days=1) else "day"
    statement = OVERVIEW.format(where=where, unit=unit, most=MOST_EVENTS, mapped=MAPPED)
    cells = [Cell(*row) for row in session.execute(text(statement), {**values, "tz": tz})]
    return Board(start, end, cells, *attackers(session, chosen, chosen.state))


def _step(start: datetime, end: datetime) -> timedelta:
    return timedelta(hours=1) if end - start <= HOURLY_UP_TO else timedelta(days=1)


def overview(seen: Board, folder: str, tz: str) -> Overview:
    """Events over time by action, busiest addresses and countries."""
    start, end = seen.start, seen.end
    step = _step(start, end)
    totals: Counter[str] = Counter()
    buckets: dict[datetime, Counter[str]] = defaultdict(Counter)
    for cell in seen.cells:
        if cell.bucket:
            totals[cell.action] += cell.events
            buckets[cell.bucket][cell.action] += cell.events
    addresses = [cell for cell in seen.cells if not cell.bucket]
    busiest = sorted(((cell.ip, cell.attempts) for cell in addresses if cell.attempts), key=_most_first)
    return Overview(
        start,
        end,
        step,
        dict(totals),
        [(time, dict(buckets.get(time, {}))) for time in spans(start, end, step, ZoneInfo(tz))],
        _countries({row.ip: row.events for row in addresses}, folder),
        [(ip, count, locate(ip, folder)) for ip, count in busiest[:ADDRESSES]],
        sum(totals.values()) >= MOST_EVENTS,
        any(row.units > MAPPED for row in addresses),
    )


def _countries(offences: dict[str, int], folder: str) -> list[tuple[Place, int]]:
    countries: Counter[str | None] = Counter()
    for ip, count in offences.items():
        countries[locate(ip, folder).country] += count
    return [(Place(country), count) for country, count in countries.most_common()]


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def spans(start: datetime, end: datetime, step: timedelta, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of the zone's hours or days from `start` to `end`, the newest 400 at the most."""
    local = start.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    first = local.replace(hour=0) if step >= timedelta(days=1) else local.astimezone(UTC)
    most = int((end - start) / step) + 2
    times = [(first + step * number).astimezone(UTC) for number in range(max(most - MOST_BARS, 0), most)]
    return [time for time in times if time <= end]
