"""Facts of reading mailcow's logs and of the background jobs: gaps, jumps of the clock, runs that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.alerts.words import RuleName
from webapp.config import Settings
from webapp.jobqueue import ENDED, timetable
from webapp.mailcow import connection
from webapp.mailcow.connection import Answering
from webapp.tables.logs import ClockJump, LogGap

LATELY = timedelta(hours=1)  # for so long a gap or a jump counts as going on
MOST_BREAKS = 100
RUNS = 20  # of each job that are looked at
OUTAGES = timedelta(days=7)


@dataclass(frozen=True)
class Break:
    """A gap in a log, or a jump of the server's clock, between two times; noticed at `detected_at`."""

    source: str
    start: datetime
    end: datetime
    detected_at: datetime


def gaps(session: Session, _settings: Settings, moment: datetime) -> Sequence[Break]:
    """The gaps that were noticed in the last hour, newest first."""
    noticed = LogGap.detected_at > moment - LATELY, LogGap.detected_at <= moment
    found = select(LogGap.source, LogGap.start, LogGap.end, LogGap.detected_at).where(*noticed)
    rows = session.execute(found.order_by(LogGap.detected_at.desc(), LogGap.id.desc()).limit(MOST_BREAKS))
    return [Break(*row) for row in rows]


def jumps(session: Session, _settings: Settings, moment: datetime) -> Sequence[Break]:
    """The jumps of the clock that were noticed in the last hour, newest first."""
    noticed = ClockJump.detected_at > moment - LATELY, ClockJump.detected_at <= moment
    columns = ClockJump.source, ClockJump.before, ClockJump.after, ClockJump.detected_at
    newest = ClockJump.detected_at.desc(), ClockJump.id.desc()
    rows = session.execute(select(*columns).where(*noticed).order_by(*newest).limit(MOST_BREAKS))
    return [Break(*row) for row in rows]


@dataclass(frozen=True)
class Run:
    """One run of a job that has ended."""

    started_at: datetime
    failed: bool
    error: str


@dataclass(frozen=True)
class Runs:
    """The last runs of each job, newest first, and the spans in which mailcow did not answer."""

    by_job: Mapping[str, Sequence[Run]]
    outages: Sequence[tuple[datetime, datetime]]


LAST_RUNS = text(
    "SELECT names.name, runs.* FROM unnest(CAST(:names AS text[])) AS names (name) CROSS JOIN LATERAL "
    "(SELECT started_at, status = 'failed' AS failed, coalesce(error, '') AS error FROM job_runs "
    "WHERE name = names.name AND status = ANY(:ended) AND started_at <= :moment "
    "ORDER BY id DESC LIMIT :runs) AS runs"
)
OVER = text(
    "SELECT began_at, coalesce(ended_at, last_seen) AS ended_at FROM alert_events WHERE rule = :rule "
    "AND last_seen > :since ORDER BY began_at DESC LIMIT 100"
)


def runs(session: Session, settings: Settings, moment: datetime) -> Runs | None:
    """How the jobs ended last; None while mailcow does not answer, which makes many fail."""
    if connection.state().state is Answering.FAILING:
        return None
    asked = {"names": [timing.name for timing in timetable(settings)], "ended": list(ENDED)}
    by_job: dict[str, list[Run]] = {}
    for row in session.execute(LAST_RUNS, {**asked, "moment": moment, "runs": RUNS}):
        by_job.setdefault(row.name, []).append(Run(row.started_at, row.failed, row.error))
    over = session.execute(OVER, {"rule": RuleName.MAILCOW, "since": moment - OUTAGES})
    return Runs(by_job, [(row.began_at, row.ended_at) for row in over])


@dataclass(frozen=True)
class Syncs:
    """Fetches of reports by IMAP that failed since one went well: how many, since when, why the last did."""

    failed: int
    since: datetime | None
    error: str


FAILED_SYNCS = text(
    "SELECT count(*) AS failed, min(started_at) AS since, "
    "coalesce((array_agg(error_message ORDER BY id DESC))[1], '') AS error FROM imap_syncs "
    "WHERE status = 'error' AND started_at <= :moment "
    "AND id > coalesce((SELECT max(id) FROM imap_syncs WHERE status = 'success'), 0)"
)


def syncs(session: Session, _settings: Settings, moment: datetime) -> Syncs:
    """How fetching reports by IMAP goes; a sync that runs says nothing yet."""
    row = session.execute(FAILED_SYNCS, {"moment": moment}).one()
    return Syncs(row.failed, row.since, row.error)
