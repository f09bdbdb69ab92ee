"""The answers of /api/settings/*. Queries only read."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy.orm import Session

from webapp import cache, geoip
from webapp.config import Settings
from webapp.lists.conditions import Conditions
from webapp.lists.daylist import DayList
from webapp.mailcow.domains import local_domains
from webapp.status import background, imports, queries
from webapp.status.background import described
from webapp.tables.db import now

LATELY = timedelta(minutes=5)


def information(session: Session, settings: Settings) -> dict[str, Any]:
    """The answer of /api/settings/info."""
    return {
        "configuration": configuration(session, settings),
        "import_status": {one.source: import_state(one) for one in imports.imports(session)},
        "correlation_status": imports.correlation(session),
        "background_jobs": {job.name: described(job) for job in background.jobs(session, settings)},
        "recent_incomplete_correlations": imports.recent_incomplete(session),
        "smtp_configuration": {"enabled": False, "configured": False},
        "imap_configuration": {"enabled": False, "configured": False},
    }


def configuration(session: Session, settings: Settings) -> dict[str, Any]:
    """The settings that the API tells; no secret is among them."""
    plain = (
        "mailcow_url",
        "fetch_interval",
        "fetch_count_postfix",
        "fetch_count_rspamd",
        "fetch_count_netfilter",
        "retention_days",
        "app_title",
        "log_level",
        "max_search_results",
        "csv_export_limit",
        "scheduler_workers",
        "auth_enabled",
    )
    hidden = len(settings.blacklist_emails)
    return {
        **{name: getattr(settings, name) for name in plain},
        "local_domains": local_domains(session.connection()),
        "timezone": settings.tz,
        "blacklist_enabled": bool(hidden),
        "blacklist_count": hidden,
        "auth_username": settings.auth_username if settings.auth_enabled else None,
        "maxmind_status": maxmind(settings.geoip_db_dir),
    }


def maxmind(folder: str) -> dict[str, Any]:
    """Whether MaxMind's files are there; without them only the country of an address is known."""
    if not folder:
        return {"configured": False, "valid": False, "error": None}
    missing = [name for name in (geoip.CITY_FILE, geoip.NETWORK_FILE) if not (Path(folder) / name).is_file()]
    return {
        "configured": True,
        "valid": not missing,
        "error": f"{', '.join(missing)} missing in {folder}" if missing else None,
    }


def import_state(one: imports.Import) -> dict[str, Any]:
    """One log's import in the API's form."""
    return {
        "last_import": one.last_import,
        "last_fetch_run": one.last_fetch_run,
        "total_entries": one.total,
        "total_is_estimate": one.total_is_estimate,
        "oldest_entry": one.oldest_entry,
        "newest_entry": one.newest_entry,
        "gaps": one.lost,
        "set_aside": one.set_aside,
    }


def health(session: Session) -> dict[str, Any]:
    """The answer of /api/settings/health; raises SQLAlchemyError where the database is away.

    What came in the last five minutes goes by the time of the lines; counts above 10,000 are estimates.
    """
    began = time.perf_counter()
    queries.database_answers(session)
    database = {"status": "connected", "response_time_ms": _milliseconds(began)}
    since = Conditions(start=now() - LATELY)
    lately = {
        name: DayList(session.connection(), table, clock).count(since)[0]
        for name, table, clock in (
            ("postfix_imported", "postfix_logs", "time"),
            ("rspamd_imported", "rspamd_logs", "time"),
            ("correlations_created", "messages", "first_seen"),
        )
    }
    redis = redis_state()
    is_healthy = redis["status"] == "connected" and redis["workers"]
    return {
        "status": "healthy" if is_healthy else "degraded",
        "timestamp": now(),
        "database": database,
        "redis": redis,
        "mailcow": queries.connection_state() if redis["status"] == "connected" else None,
        "recent_activity": {"last_5_minutes": lately},
    }


def redis_state() -> dict[str, Any]:
    """Whether Redis answers, how fast, and how many workers have given a sign of life."""
    began = time.perf_counter()
    try:
        cache.redis().ping()
        answered = _milliseconds(began)
        workers = Worker.count(connection=cache.redis())
    except RedisError as error:
        return {"status": "disconnected", "response_time_ms": None, "workers": 0, "error": str(error)}
    return {"status": "connected", "response_time_ms": answered, "workers": workers, "error": None}


def _milliseconds(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
