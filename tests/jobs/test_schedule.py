"""The timetable is as documented, is put into the scheduler once, and makes missed times up once."""

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from rq import Queue
from rq.job import JobStatus

from jobs import tasks
from jobs.schedule import CalmScheduler, begin, is_busy, mend_times, scheduler, sync
from webapp import cache
from webapp.ingest.watch import LONGEST_WATCH
from webapp.jobqueue import LONGEST_RUN, QUEUES, Timing, enqueue, get_job_status, timetable

DOCUMENTED = {
    "fetch_logs": ("60 seconds", "60 seconds (1 minute)"),
    "complete_correlations": ("120 seconds (2 minutes)",),
    "update_final_status": ("120 seconds (2 minutes)",),
    "expire_correlations": ("60 seconds (1 minute)",),
    "cleanup_logs": ("Daily at 2 AM",),
    "check_app_version": ("6 hours",),
    "dns_check": ("6 hours",),
}


@pytest.fixture
def keeper(redis_client):
    return scheduler(redis_client)


def scheduled(keeper):
    return {
        job.id: (job.func_name, job.origin, job.meta.get("interval"), job.meta.get("cron_string"))
        for job in keeper.get_jobs()
    }


def test_the_timetable_is_the_documented_one(settings):
    found = {timing.name: timing.rhythm for timing in timetable(settings)}
    assert found.keys() >= DOCUMENTED.keys()
    assert [(name, found[name]) for name, words in DOCUMENTED.items() if found[name] not in words] == []


def test_every_job_of_the_timetable_is_a_door_and_every_door_has_a_time(settings):
    functions = inspect.getmembers(tasks, inspect.isfunction)
    doors = {
        name for name, door in functions if hasattr(door, "__wrapped__") and door.__module__ == "jobs.tasks"
    }
    assert doors == {timing.name for timing in timetable(settings)}


def test_reading_the_logs_has_a_queue_of_its_own(settings):
    queues = {timing.name: timing.queue for timing in timetable(settings)}
    assert queues["fetch_logs"] == "ingest"
    assert "ingest" not in {queue for name, queue in queues.items() if name != "fetch_logs"}
    assert set(queues.values()) <= set(QUEUES)


def test_starting_again_makes_no_duplicates(redis_client, keeper, settings):
    ids = sync(redis_client, settings)
    before = scheduled(keeper)
    assert sync(redis_client, settings) == ids
    assert scheduled(keeper) == before
    assert sorted(before) == ids
    assert len(before) == len([timing for timing in timetable(settings) if timing.is_timed])


def test_a_changed_interval_and_a_removed_job_are_put_right(redis_client, keeper, settings, make_settings):
    sync(redis_client, settings)
    keeper.schedule(datetime.now(UTC).replace(tzinfo=None), "jobs.tasks.gone", interval=5, id="timed-gone")
    sync(redis_client, make_settings(fetch_interval=7))
    found = scheduled(keeper)
    assert found["timed-fetch_logs"] == ("jobs.tasks.fetch_logs", "ingest", 7, None)
    assert "timed-gone" not in found


def test_a_missed_time_is_made_up_once(redis_client, keeper, settings):
    sync(redis_client, settings)
    queue = Queue("ingest", connection=redis_client)
    for _ in range(3):
        redis_client.zadd(keeper.scheduled_jobs_key, {"timed-fetch_logs": 0})
        keeper.enqueue_jobs()
    assert queue.job_ids == ["timed-fetch_logs"]


def test_a_skipped_job_stays_in_the_timetable(redis_client, keeper, settings):
    sync(redis_client, settings)
    keeper.enqueue_jobs()
    keeper.enqueue_jobs()
    assert len(scheduled(keeper)) == len([timing for timing in timetable(settings) if timing.is_timed])


def test_the_mailbox_is_read_at_every_start_only_where_that_is_set(redis_client, keeper, make_settings):
    queue = Queue("default", connection=redis_client)
    for wished in (False, True):
        config = make_settings(dmarc_imap_enabled=True, dmarc_imap_run_on_startup=wished)
        sync(redis_client, config)
        keeper.enqueue_jobs()
        begun = begin(keeper, config)
        assert ("timed-dmarc_imap_sync" in queue.job_ids) == wished == ("dmarc_imap_sync" in begun)
    assert begin(keeper, make_settings(dmarc_imap_enabled=False)) == []
    assert queue.job_ids.count("timed-dmarc_imap_sync") == 1


@pytest.mark.parametrize(
    ("status", "age", "busy"),
    [
        (JobStatus.STARTED, timedelta(seconds=1), True),
        (JobStatus.STARTED, timedelta(minutes=10), False),
        (JobStatus.FINISHED, timedelta(0), False),
        (JobStatus.FAILED, timedelta(0), False),
    ],
)
def test_a_job_is_busy_only_while_its_worker_lives(redis_client, keeper, settings, status, age, busy):
    sync(redis_client, settings)
    job = next(job for job in keeper.get_jobs() if job.id == "timed-fetch_logs")
    job.last_heartbeat = datetime.now(UTC) - age
    job.set_status(status)
    job.save()
    assert is_busy(job, []) is busy
    redis_client.zadd(keeper.scheduled_jobs_key, {job.id: 0})
    keeper.enqueue_jobs()
    assert ("timed-fetch_logs" in Queue("ingest", connection=redis_client).job_ids) is not busy


def test_the_scheduler_of_the_installation_is_the_calm_one(keeper):
    assert isinstance(keeper, CalmScheduler)


def test_a_job_asked_for_now_waits_once(app, settings):
    with app.app_context():
        assert enqueue("cleanup_logs", settings)
        (asked,) = Queue("default", connection=cache.redis()).jobs
        assert asked.timeout == LONGEST_RUN > LONGEST_WATCH
        assert not enqueue("cleanup_logs", settings)
        with pytest.raises(KeyError):
            enqueue("no_such_job", settings)


def test_before_its_first_run_a_job_is_idle_or_scheduled(app):
    with app.app_context():
        found = get_job_status()
    assert found["fetch_logs"] == {"last_run": None, "status": "idle", "error": None}
    assert found["cleanup_logs"]["status"] == "scheduled"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (60, "60 seconds (1 minute)"),
        (120, "120 seconds (2 minutes)"),
        (45, "45 seconds"),
        (1, "1 second"),
        (3600, "1 hour"),
        (21600, "6 hours"),
    ],
)
def test_intervals_are_told_in_words(seconds, words):
    assert Timing("x", "", seconds).rhythm == words


def test_a_clock_that_was_set_back_lays_the_timetable_anew(redis_client, keeper, settings):
    sync(redis_client, settings)
    keeper.enqueue_jobs()
    present = due(redis_client, keeper)
    redis_client.zadd(keeper.scheduled_jobs_key, {name: at + 86400 for name, at in present.items()})
    keeper.watch._apart += 86400  # as it was before
    keeper.enqueue_jobs()
    mended = due(redis_client, keeper)
    assert {name: abs(mended[name] - at) < 60 for name, at in present.items()} == dict.fromkeys(present, True)
    redis_client.zadd(keeper.scheduled_jobs_key, {name: at + 86400 for name, at in present.items()})
    sync(redis_client, settings)  # the scheduler was off when it was set
    assert due(redis_client, keeper)["timed-fetch_logs"] <= present["timed-fetch_logs"] + 60


def test_a_clock_that_goes_as_it_should_changes_nothing(redis_client, keeper, settings):
    sync(redis_client, settings)
    before = due(redis_client, keeper)
    assert not keeper.watch.has_jumped()
    assert mend_times(keeper) == []
    assert due(redis_client, keeper) == before


def due(redis_client, keeper):
    """When each job is due: Unix seconds by id."""
    kept = redis_client.zrange(keeper.scheduled_jobs_key, 0, -1, withscores=True)
    return {name.decode(): at for name, at in kept}
