"""The background jobs as people and scripts see them: schedule, state, figures, history. Queries only
read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Double, Text, text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.config import Settings
from webapp.jobqueue import (
    LOCK_SPACE,
    STOPPED,
    JobState,
    JobStatus,
    Timing,
    awaited,
    job_states,
    lock_key,
    timetable,
)
from webapp.status import standing
from webapp.status.answers import JobAnswer
from webapp.tables.db import Moment, now

TYPICAL_OF = 20  # runs whose median is what a run usually takes
SPELLED = {"dmarc": "DMARC", "dns": "DNS", "geoip": "GeoIP", "imap": "IMAP"}  # words of a job's name
BACKLOG = {"complete_correlations": "complete", "update_final_status": "status"}
NOT_BUILT: tuple[Timing, ...] = ()
# per job: how long the last finished run took, how long the last ones usually took, since when one runs, and
# whether it is alive
RUNS = text(
    "SELECT names.name, past.seconds, past.usual, last.status, last.error, "
    "coalesce(last.finished_at, last.started_at) AS last_run, "
    "CASE WHEN last.status = 'running' THEN last.started_at END AS running_since, "
    "EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :space "
    "AND objid::bigint = names.key & 4294967295) AS is_held "
    "FROM unnest(CAST(:names AS text[]), CAST(:keys AS bigint[])) AS names (name, key) "
    "LEFT JOIN LATERAL (SELECT started_at, finished_at, status, error FROM job_runs "
    "WHERE name = names.name ORDER BY id DESC LIMIT 1) AS last ON true "
    "LEFT JOIN LATERAL (SELECT (array_agg(seconds ORDER BY id DESC))[1] AS seconds, "
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS usual FROM (SELECT id, "
    "extract(epoch FROM finished_at - started_at)::float AS seconds FROM job_runs WHERE name = names.name "
    "AND finished_at IS NOT NULL ORDER BY id DESC LIMIT :typical) AS latest) AS past ON true"
).columns(
    name=Text,
    seconds=Double,
    usual=Double,
    status=Text,
    error=Text,
    last_run=Moment,
    running_since=Moment,
    is_held=Boolean,
)


@dataclass(frozen=True)
class Job:
    """One background job. `seconds` of the last finished run and of a usual one; `is_built` False: this
    version has no such job."""

    timing: Timing
    status: JobState
    last_run: datetime | None = None
    error: str | None = None
    is_built: bool = True
    is_waiting: bool = False
    next_run: datetime | None = None
    seconds: float | None = None
    usual: float | None = None
    started_at: datetime | None = None
    backlog: int | None = None
    extra: JobAnswer = field(default_factory=JobAnswer)
    seen_at: datetime = field(default_factory=now)

    @property
    def name(self) -> str:
        """Its name in the timetable."""
        return self.timing.name

    @property
    def title(self) -> str:
        """Its name for people."""
        first, *others = (SPELLED.get(word, word) for word in self.name.split("_"))
        return " ".join([first[:1].upper() + first[1:], *others])

    @property
    def is_active(self) -> bool:
        """True while it runs or waits for a worker."""
        return self.status == JobState.RUNNING or self.is_waiting

    @property
    def elapsed(self) -> float:
        """Seconds since the present run began."""
        return (self.seen_at - self.started_at).total_seconds() if self.started_at else 0.0

    @property
    def progress(self) -> int | None:
        """Per cent of a usual run's time that the present one has taken, at most 95; None where nothing is
        known."""
        return (
            min(95, int(100 * self.elapsed / self.usual))
            if self.status == JobState.RUNNING and self.usual
            else None
        )


def jobs(session: Session, settings: Settings, runs: Sequence[Any] | None = None) -> list[Job]:
    """Every job, those that this version does not have last. `runs` are the rows of RUNS, where they are
    known."""
    states, ahead = job_states(settings), awaited()
    listed = timetable(settings)
    if runs is None:
        runs = session.execute(RUNS, run_values(settings)).all()
    history = {row.name: row for row in runs}
    counts = standing.backlog(session.connection(), settings)
    built = [
        _job(
            timing,
            _state(timing, states, history),
            history.get(timing.name),
            settings,
            is_waiting=timing.name in ahead.waiting,
            next_run=ahead.next_runs.get(timing.name),
            backlog=counts.get(BACKLOG.get(timing.name, "")),
        )
        for timing in listed
    ]
    return [*built, *(Job(timing, JobState.IDLE, is_built=False) for timing in NOT_BUILT)]


def _state(timing: Timing, states: dict[str, JobStatus], history: dict[str, Any]) -> JobStatus:
    """What Redis holds of a job; while it is away, what the history of runs does."""
    past = history.get(timing.name)
    if cache.is_away() and past is not None and past.status:
        return JobStatus(JobState(past.status), past.last_run, past.error)
    return states[timing.name]


def find_job(session: Session, settings: Settings, name: str) -> Job | None:
    """The job of that name, or None."""
    return next((job for job in jobs(session, settings) if job.name == name), None)


def _job(
    timing: Timing,
    state: JobStatus,
    past: Any | None,
    settings: Settings,
    *,
    is_waiting: bool,
    next_run: datetime | None,
    backlog: int | None,
) -> Job:
    status, error = state.status, state.error
    if status == JobState.RUNNING and not (past and past.is_held):
        status, error = JobState.FAILED, STOPPED
    elif timing.cron and status == JobState.SUCCESS:
        status = JobState.SCHEDULED
    return Job(
        timing,
        status,
        state.last_run,
        error,
        seconds=past.seconds if past else None,
        usual=past.usual if past else None,
        started_at=past.running_since if past else None,
        is_waiting=is_waiting,
        next_run=next_run,
        backlog=backlog,
        extra=_extra(timing.name, settings),
    )


def _extra(name: str, settings: Settings) -> JobAnswer:
    age = f"{settings.max_correlation_age_minutes} minutes"
    days = f"{settings.retention_days} day{'s' if settings.retention_days > 1 else ''}"
    return {
        "update_final_status": JobAnswer(max_age=age),
        "expire_correlations": JobAnswer(expire_after=age),
        "cleanup_logs": JobAnswer(retention=days),
    }.get(name, JobAnswer())


def run_values(settings: Settings) -> dict[str, Any]:
    """The values that RUNS asks for."""
    names = [timing.name for timing in timetable(settings)]
    keys = [lock_key(name) for name in names]
    return {"names": names, "keys": keys, "space": LOCK_SPACE, "typical": TYPICAL_OF}


def described(job: Job) -> JobAnswer:
    """One job in the API's form."""
    rhythm = job.timing.rhythm
    shown: JobAnswer = {
        **(JobAnswer(schedule=rhythm) if job.timing.cron else JobAnswer(interval=rhythm)),
        "description": job.timing.description,
        **job.extra,
        "status": job.status,
        "last_run": job.last_run,
        "error": job.error,
        "built": job.is_built,
        "next_run": job.next_run,
        "duration_seconds": job.seconds,
    }
    if not job.is_built:
        shown["note"] = "This version has no such job"
    return shown if job.backlog is None else {**shown, "pending_items": job.backlog}
