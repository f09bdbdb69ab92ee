"""The jobs as the pages know them: names, schedule in words, state in Redis, history in job_runs; webapp
imports no job."""

import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from flask import current_app
from redis import Redis
from rq import Queue
from rq.registry import StartedJobRegistry

from webapp import cache
from webapp.config import Settings

QUEUES = ("ingest", "default")  # reading the logs never waits for other work
STATUS = "job:"
RESULTS = "job-results"  # a Redis hash: how often each job succeeded and failed
TIMED, ASKED = (
    "timed-",
    "now-",
)  # beginnings of the ids of a job put into the queue by the timetable, and by hand
STOPPED = "the worker was stopped"
LONGEST_RUN = 900  # seconds a run may take, by the timetable or by hand
LOCK_SPACE = 0x4D4C56  # first half of a job's advisory lock; the second is its name
SCHEDULED = "rq:scheduler:scheduled_jobs"  # rq-scheduler's sorted set: job id -> Unix time of the next run


class JobState(StrEnum):
    """What a job is at, as its history and the status pages say."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    IDLE = "idle"
    SCHEDULED = "scheduled"


ENDED = (JobState.SUCCESS, JobState.FAILED)


@dataclass(frozen=True)
class JobStatus:
    """The state of a job since `last_run` (None: it has not run yet), and why it failed."""

    status: JobState
    last_run: datetime | None = None
    error: str | None = None


@dataclass(frozen=True)
class Timing:
    """When a job runs: every `seconds`, or by a `cron` line in the configured time zone, or with neither only
    when it is asked for; `words` is for people.

    One with `seconds` runs at once when it is put into the timetable, unless `at_start` is False."""

    name: str
    description: str
    seconds: int | None = None
    cron: str | None = None
    words: str = ""
    queue: str = "default"
    at_start: bool | None = None  # True: also whenever the scheduler starts; False: not before the first time

    @property
    def rhythm(self) -> str:
        """The schedule in words: `60 seconds`, `120 seconds (2 minutes)`, `6 hours`, `Daily at 2 AM`."""
        return self.words or _interval(self.seconds or 0)

    @property
    def is_timed(self) -> bool:
        """False for a job that runs only when it is asked for."""
        return self.seconds is not None or self.cron is not None

    @property
    def scheduled_id(self) -> str:
        """The id under which the scheduler keeps it."""
        return TIMED + self.name


def _interval(seconds: int) -> str:
    if seconds >= 3600 and seconds % 3600 == 0:
        return f"{seconds // 3600} hour{'s' if seconds > 3600 else ''}"
    minutes = (
        f" ({seconds // 60} minute{'s' if seconds > 60 else ''})" if seconds and seconds % 60 == 0 else ""
    )
    return f"{seconds} second{'' if seconds == 1 else 's'}{minutes}"


def lock_key(name: str) -> int:
    """The second half of the advisory lock that a job holds while it runs: a signed 32-bit number."""
    return zlib.crc32(name.encode()) - 2**31


def timetable(settings: Settings) -> tuple[Timing, ...]:
    """All jobs with their schedule, as documented."""
    check = settings.correlation_check_interval
    return (
        Timing(
            "fetch_logs",
            "Imports Postfix, Rspamd, and Netfilter logs from the mailcow API",
            settings.fetch_interval,
            queue="ingest",
        ),
        Timing(
            "complete_correlations",
            "Links Postfix logs to messages: what ingestion could not finish at once",
            check,
        ),
        Timing(
            "update_final_status", "Updates the delivery status of messages for late-arriving logs", check
        ),
        Timing("expire_correlations", "Gives up on incomplete correlations after the maximum age", 60),
        Timing(
            "cleanup_logs",
            "Removes logs older than the retention period",
            cron="0 2 * * *",
            words="Daily at 2 AM",
        ),
        Timing(
            "pack_indexes",
            "Packs the indexes of days that are over",
            cron="0 4 * * *",
            words="Daily at 4 AM",
        ),
        Timing(
            "collect_status",
            "Takes mailcow's containers, storage, version, queue and quarantine into snapshots",
            60,
        ),
        Timing(
            "blacklist_check",
            "Looks the addresses that send for this server up on DNS blocklists",
            24 * 3600,
            words="Daily",
        ),
        Timing("refresh_mailboxes", "Reads mailcow's mailboxes, aliases and their sizes", 3600),
        Timing("watch_mailboxes", "Looks for signs of trouble of mailboxes", 300),
        Timing("deliver_notices", "Sends notices by mail and to chat services", 60),
        Timing("check_alerts", "Looks for trouble that begins or ends, and tells it", 60),
        Timing("check_certificates", "Looks at the certificates of the web and the mail server", 12 * 3600),
        _weekly_summary(settings),
        Timing("check_app_version", "Checks GitHub for application updates", 6 * 3600),
        Timing(
            "update_geoip",
            "Updates MaxMind GeoIP databases for DMARC source IP enrichment",
            cron="0 3 * * 0",
            words="Weekly (Sunday 3 AM)",
        ),
        Timing("name_sources", "Looks up names and SPF of addresses that DMARC reports tell of", 3600),
        Timing("dns_check", "Validates DNS records (SPF, DKIM, DMARC) for all active domains", 6 * 3600),
        Timing(
            "dmarc_imap_sync",
            "Fetches DMARC and TLS reports from a mailbox",
            settings.dmarc_imap_interval if settings.dmarc_imap_enabled else None,
            words="" if settings.dmarc_imap_enabled else "When asked",
            at_start=settings.dmarc_imap_run_on_startup,
        ),
        Timing(
            "check_wanted_domains", "Checks the DNS of domains that somebody asks for", words="When asked"
        ),
    )


def _weekly_summary(settings: Settings) -> Timing:
    """On Mondays, or when it is asked for where it is switched off."""
    cron = "0 8 * * 1" if settings.enable_weekly_summary else None
    words = "Weekly (Monday 8 AM)" if cron else "Switched off (ENABLE_WEEKLY_SUMMARY)"
    return Timing("send_summary", "Puts the summary of the week together, to be sent", cron=cron, words=words)


def job_states(settings: Settings | None = None) -> dict[str, JobStatus]:
    """The state of every job; idle or scheduled before the first run."""
    jobs = timetable(settings or current_app.config["SETTINGS"])
    kept = cache.fetch_many(state_keys(jobs), JobStatus)
    return {job.name: state or _not_yet(job) for job, state in zip(jobs, kept, strict=True)}


def state_keys(jobs: Iterable[Timing]) -> list[str]:
    """Under which names their states are kept."""
    return [STATUS + job.name for job in jobs]


def get_job_status(settings: Settings | None = None) -> dict[str, dict[str, Any]]:
    """`{job: {last_run, status, error}}` for every job, as documented."""
    return {name: asdict(state) for name, state in job_states(settings).items()}


def _not_yet(job: Timing) -> JobStatus:
    return JobStatus(JobState.SCHEDULED if job.cron else JobState.IDLE)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def update_job_status(name: str, status: str, error: str | None = None) -> None:
    """Record the state of a job; raises ValueError for a word that is not documented."""
    if status not in set(JobState):
        raise ValueError(f"{status!r} is not one of {', '.join(JobState)}")
    state = JobState(status)
    cache.put(STATUS + name, JobStatus(state, datetime.now(UTC), error))
    if state in ENDED:
        cache.ask(lambda redis: redis.hincrby(cache.PREFIX + RESULTS, f"{name}:{state}", 1), None)


def results() -> dict[tuple[str, str], int]:
    """`{(job, success or failed): how often}` since Redis was made."""
    nothing: dict[bytes, bytes] = {}
    kept = cache.ask(lambda redis: cast(dict[bytes, bytes], redis.hgetall(cache.PREFIX + RESULTS)), nothing)
    return {_name_and_status(key.decode()): int(times) for key, times in kept.items()}


def _name_and_status(key: str) -> tuple[str, str]:
    name, _, status = key.partition(":")
    return name, status


def next_runs() -> dict[str, datetime]:
    """When the scheduler will put each job into the queue next."""
    return awaited().next_runs


def waiting() -> set[str]:
    """The jobs that wait for a free worker."""
    return awaited().waiting


@dataclass(frozen=True)
class Awaited:
    """The jobs that wait for a free worker, and when the scheduler will put each into the queue next."""

    waiting: set[str]
    next_runs: dict[str, datetime]


def awaited() -> Awaited:
    """Both, in one round trip."""
    nothing: list[list[Any]] = [[]]
    *queued, scheduled = cache.ask(_awaited, nothing)
    return Awaited(
        {each.decode().removeprefix(TIMED).removeprefix(ASKED) for ids in queued for each in ids},
        {
            member.decode().removeprefix(TIMED): _moment(score)
            for member, score in scheduled
            if member.decode().startswith(TIMED)
        },
    )


def _awaited(redis: Redis) -> list[list[Any]]:
    with redis.pipeline(transaction=False) as both:
        for name in QUEUES:
            both.lrange(Queue(name, connection=redis).key, 0, -1)
        both.zrange(SCHEDULED, 0, -1, withscores=True)
        return cast(list[list[Any]], both.execute())


def taken() -> set[str]:
    """The jobs that a worker has taken from their queue, as long as it gives signs of life; one is taken some
    moments before it runs."""
    lately, nothing = f"({datetime.now(UTC).timestamp()}", cast(list[bytes], [])
    ids = cache.ask(
        lambda redis: [
            one
            for name in QUEUES
            for one in cast(
                list[bytes],
                redis.zrangebyscore(StartedJobRegistry(name, connection=redis).key, lately, "+inf"),
            )
        ],
        nothing,
    )
    return {
        StartedJobRegistry.parse_job_id(one.decode()).removeprefix(TIMED).removeprefix(ASKED) for one in ids
    }


def enqueue(name: str, settings: Settings) -> bool:
    """Ask for a job to run as soon as a worker is free; False where it waits already. Raises KeyError for an
    unknown name, and CacheAway."""
    timing = {job.name: job for job in timetable(settings)}[name]
    return cache.must(lambda redis: _push(Queue(timing.queue, connection=redis), name))


def _push(queue: Queue, name: str) -> bool:
    """With the time that the timetable gives its runs: rq's own, 180 seconds, is less than a watch takes."""
    job_id = ASKED + name
    if job_id in queue.job_ids:
        return False
    queue.enqueue(f"jobs.tasks.{name}", job_id=job_id, result_ttl=60, failure_ttl=60, job_timeout=LONGEST_RUN)
    return True
