"""The answers of /api/settings/*. Queries only read."""

import time
from datetime import timedelta
from pathlib import Path

from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy.orm import Session

from webapp import cache, geoip
from webapp.config import Settings
from webapp.ingest import offered
from webapp.jobqueue import state_keys, timetable
from webapp.lists.conditions import Conditions
from webapp.lists.daylist import DayList
from webapp.lists.remembered import extent_key
from webapp.mailcow.domains import LOCAL
from webapp.parse.words import LogSource
from webapp.settings.answers import (
    CONNECTED,
    Arrivals,
    Configuration,
    DatabaseHealth,
    Feature,
    Health,
    ImportStatus,
    Information,
    MaxMind,
    OutgoingMail,
    RecentActivity,
    RedisHealth,
    ReportImport,
)
from webapp.status import background, imports, queries, standing
from webapp.status.background import described
from webapp.tables.db import now
from webapp.tables.together import Together

LATELY = timedelta(minutes=5)


TOLD = Together(
    **imports.KEPT, domains=LOCAL, incomplete=imports.INCOMPLETE, days=standing.DAYS, runs=background.RUNS
)


def information(session: Session, settings: Settings) -> Information:
    """The answer of /api/settings/info."""
    cache.expect(_kept_in_redis(settings))
    told = TOLD.ask(session.connection(), background.run_values(settings))
    read = imports.read_imports(session, settings, told)
    tally = standing.tally(session.connection(), days=told["days"])
    return Information(
        configuration=configuration(settings, [row.name for row in told["domains"]]),
        import_status={one.source: import_status(one) for one in read},
        correlation_status=tally.completion(imports.last_joined(told["cursors"])),
        background_jobs={
            job.name: described(job) for job in background.jobs(session, settings, told["runs"])
        },
        recent_incomplete_correlations=imports.incomplete(told["incomplete"]),
        smtp_configuration=outgoing_mail(settings),
        imap_configuration=Feature(settings.dmarc_imap_enabled, settings.imap_is_configured),
        dmarc_configuration=report_import(settings),
    )


def _kept_in_redis(settings: Settings) -> list[str]:
    """The keys of what the answer tells from there."""
    return [
        *(cache.cached_key(extent_key(f"{source}_logs")) for source in imports.SOURCES),
        offered.key_of(LogSource.DOVECOT),
        standing.TALLY,
        standing.BACKLOG,
        *state_keys(timetable(settings)),
    ]


def outgoing_mail(settings: Settings) -> OutgoingMail:
    """What is set for outgoing mail."""
    return OutgoingMail(
        enabled=settings.smtp_enabled,
        configured=_can_send(settings),
        host=settings.smtp_host or None,
        port=settings.smtp_port,
        user=settings.smtp_user or None,
        from_address=settings.smtp_sender or None,
        use_tls=settings.smtp_use_tls or settings.smtp_is_implicit,
        admin_email=settings.admin_email or None,
    )


def report_import(settings: Settings) -> ReportImport:
    """How reports come in."""
    return ReportImport(
        manual_upload_enabled=settings.dmarc_manual_upload_enabled,
        imap_sync_enabled=settings.dmarc_imap_enabled,
        imap_host=settings.dmarc_imap_host or None,
        imap_user=settings.dmarc_imap_user or None,
        imap_folder=settings.dmarc_imap_folder,
        imap_delete_after=settings.dmarc_imap_delete_after,
        imap_interval_minutes=round(settings.dmarc_imap_interval / 60, 1),
        smtp_configured=_can_send(settings),
    )


def _can_send(settings: Settings) -> bool:
    return bool(settings.smtp_host and settings.smtp_sender and settings.admin_email)


def configuration(settings: Settings, domains: list[str]) -> Configuration:
    """The settings that the API tells, with the local domains; no secret is among them."""
    hidden = len(settings.blacklist_emails)
    return Configuration(
        mailcow_url=settings.mailcow_url,
        fetch_interval=settings.fetch_interval,
        fetch_count_postfix=settings.fetch_count_postfix,
        fetch_count_rspamd=settings.fetch_count_rspamd,
        fetch_count_netfilter=settings.fetch_count_netfilter,
        retention_days=settings.retention_days,
        app_title=settings.app_title,
        log_level=settings.log_level,
        max_search_results=settings.max_search_results,
        csv_export_limit=settings.csv_export_limit,
        scheduler_workers=settings.scheduler_workers,
        auth_enabled=settings.auth_enabled,
        local_domains=domains,
        timezone=settings.tz,
        blacklist_enabled=bool(hidden),
        blacklist_count=hidden,
        auth_username=settings.auth_username if settings.auth_enabled else None,
        maxmind_status=maxmind(settings.geoip_folder),
    )


def maxmind(folder: str) -> MaxMind:
    """Whether MaxMind's files are there; without them only the country of an address is known."""
    if not folder:
        return MaxMind(configured=False, valid=False, error=None)
    missing = [name for name in (geoip.CITY_FILE, geoip.NETWORK_FILE) if not (Path(folder) / name).is_file()]
    error = f"{', '.join(missing)} missing in {folder}" if missing else None
    return MaxMind(configured=True, valid=not missing, error=error)


def import_status(one: imports.Import) -> ImportStatus:
    """One log's import in the API's form."""
    return ImportStatus(
        last_import=one.last_import,
        last_fetch_run=one.last_fetch_run,
        total_entries=one.total,
        total_is_estimate=one.total_is_estimate,
        oldest_entry=one.oldest_entry,
        newest_entry=one.newest_entry,
        gaps=one.lost,
        set_aside=one.set_aside,
    )


def health(session: Session) -> Health:
    """The answer of /api/settings/health; raises SQLAlchemyError where the database is away."""
    began = time.perf_counter()
    queries.database_answers(session)
    database = DatabaseHealth(CONNECTED, _milliseconds(began))
    lately = _lately(session)
    redis = redis_health()
    return Health(
        status="healthy" if redis.is_connected and redis.workers else "degraded",
        timestamp=now(),
        database=database,
        redis=redis,
        mailcow=queries.connection_state(),
        recent_activity=RecentActivity(lately),
    )


def _lately(session: Session) -> Arrivals:
    """What came in the last five minutes, by the time of the lines."""
    since = Conditions(start=now() - LATELY)
    tables = ("postfix_logs", "time"), ("rspamd_logs", "time"), ("messages", "first_seen")
    counts = [DayList(session.connection(), table, clock).count(since)[0] for table, clock in tables]
    return Arrivals(*counts)


def redis_health() -> RedisHealth:
    """Whether Redis answers, how fast, and how many workers have given a sign of life."""
    began = time.perf_counter()
    try:
        cache.redis().ping()
        answered = _milliseconds(began)
        workers = Worker.count(connection=cache.redis())
    except RedisError as error:
        return RedisHealth("disconnected", None, 0, str(error))
    return RedisHealth(CONNECTED, answered, workers, None)


def _milliseconds(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
