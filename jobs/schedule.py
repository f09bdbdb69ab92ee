"""The timetable in rq-scheduler: the only module that knows that library."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis
from rq.job import Job, JobStatus
from rq_scheduler import Scheduler

from webapp.config import Settings
from webapp.jobqueue import LONGEST_RUN, Timing, timetable

log = logging.getLogger(__name__)
JUMP = 30  # seconds by which a clock is set, and not only corrected
POLL = 1  # seconds between two looks at the timetable
HEARTBEAT = 30  # seconds after which a started job without a sign of life counts as dead


class CalmScheduler(Scheduler):  # type: ignore[misc]
    """A tick that finds its job still waiting or running is skipped, so that a missed time is made up once,
    not in a burst."""

    before_each_look: Callable[[], object] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watch = ClockWatch()

    def enqueue_jobs(self) -> list[Job]:
        """Push what is due, after a look at whether the timetable itself has changed."""
        if self.before_each_look is not None:
            self.before_each_look()
        if self.watch.has_jumped():
            log.warning("The clock has jumped: the timetable is laid anew.")
            mend_times(self)
        pushed: list[Job] = super().enqueue_jobs()
        return pushed

    def enqueue_job(self, job: Job) -> None:
        """Push the job unless it waits or runs already; the next time is set in either case."""
        if is_busy(job, self.get_queue_for_job(job).job_ids):
            job.enqueue_at_front = None
            self._set_next_time(job)
        else:
            super().enqueue_job(job)

    def _set_next_time(self, job: Job) -> None:
        self.connection.zadd(self.scheduled_jobs_key, {job.id: following(job)})


class ClockWatch:
    """Notices that the machine's clock was set, by one that nobody sets."""

    def __init__(self) -> None:
        self._apart = self._difference()

    def has_jumped(self) -> bool:
        """True where the clock was set since the last question."""
        before, self._apart = self._apart, self._difference()
        return abs(self._apart - before) > JUMP

    @staticmethod
    def _difference() -> float:
        return time.time() - time.monotonic()


def following(job: Job) -> float:
    """The Unix time of the job's next run, by its rhythm and the clock as it is."""
    from rq_scheduler.utils import get_next_scheduled_time, to_unix

    cron, zone = job.meta.get("cron_string"), job.meta.get("use_local_timezone", False)
    if cron:
        return float(to_unix(get_next_scheduled_time(cron, use_local_timezone=zone)))
    return time.time() + float(job.meta["interval"])


def mend_times(keeper: CalmScheduler) -> list[str]:
    """Bring nearer what is due later than its rhythm allows, because the clock was set back; returns the
    ids."""
    mended = {}
    for job, due in list(keeper.get_jobs(with_times=True)):
        if "interval" in job.meta or "cron_string" in job.meta:
            latest = following(job)
            if due.replace(tzinfo=UTC).timestamp() > latest + 1:
                mended[job.id] = latest
    if mended:
        keeper.connection.zadd(keeper.scheduled_jobs_key, mended)
    return sorted(mended)


def is_busy(job: Job, waiting: list[str]) -> bool:
    """True while the job waits in its queue, or runs on a worker that is alive."""
    if job.id in waiting:
        return True
    if job.get_status(refresh=True) != JobStatus.STARTED:
        return False
    alive: Any = job.last_heartbeat
    if alive is None:
        return False
    alive = alive if alive.tzinfo else alive.replace(tzinfo=UTC)
    return abs((datetime.now(UTC) - alive).total_seconds()) < HEARTBEAT  # the clock may have been set back


def scheduler(connection: Redis) -> CalmScheduler:
    """The scheduler of this installation."""
    return CalmScheduler(connection=connection, interval=POLL)


def sync(connection: Redis, settings: Settings) -> list[str]:
    """Make rq-scheduler hold exactly the timetable; returns the ids. Starting again makes no duplicates."""
    keeper = scheduler(connection)
    wanted = {timing.scheduled_id: timing for timing in timetable(settings) if timing.is_timed}
    for job in list(keeper.get_jobs()):
        if job.id not in wanted or not _same(job, wanted[job.id]):
            keeper.cancel(job)
    present = {job.id for job in keeper.get_jobs()}
    for job_id, timing in wanted.items():
        if job_id not in present:
            _put(keeper, job_id, timing)
    mend_times(keeper)
    return sorted(wanted)


def begin(keeper: CalmScheduler, settings: Settings) -> list[str]:
    """Put what runs at every start into the queue, whatever time the timetable has for it; returns the
    names."""
    starting = {
        timing.scheduled_id: timing for timing in timetable(settings) if timing.at_start and timing.seconds
    }
    begun = []
    for job in list(keeper.get_jobs()):
        if job.id in starting:
            keeper.enqueue_job(job)
            begun.append(starting[job.id].name)
    return begun


def _same(job: Job, timing: Timing) -> bool:
    return (job.meta.get("interval"), job.meta.get("cron_string"), job.origin) == (
        timing.seconds,
        timing.cron,
        timing.queue,
    )


def _put(keeper: CalmScheduler, job_id: str, timing: Timing) -> None:
    function = f"jobs.tasks.{timing.name}"
    if timing.cron:
        keeper.cron(
            timing.cron,
            function,
            id=job_id,
            queue_name=timing.queue,
            timeout=LONGEST_RUN,
            result_ttl=-1,
            use_local_timezone=True,
        )
    else:
        wait = timedelta(seconds=timing.seconds or 0) if timing.at_start is False else timedelta()
        first = datetime.now(UTC).replace(tzinfo=None) + wait
        keeper.schedule(
            first,
            function,
            interval=timing.seconds,
            id=job_id,
            queue_name=timing.queue,
            timeout=LONGEST_RUN,
            result_ttl=-1,
        )
