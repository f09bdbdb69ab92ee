"""The state of things. Queries only read."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.config import VERSION, Settings
from webapp.directory import local_domains


def database_answers(session: Session) -> bool:
    """True; raises SQLAlchemyError where the database is away."""
    return session.scalar(text("SELECT 1")) == 1


def configuration(settings: Settings) -> dict[str, Any]:
    """What /api/health tells of the configuration to those who may know."""
    return {"fetch_interval": settings.fetch_interval, "retention_days": settings.retention_days, "mailcow_url": settings.mailcow_url,
            "blacklist_enabled": bool(settings.blacklist_emails), "auth_enabled": settings.auth_enabled}


def information(session: Session, settings: Settings) -> dict[str, Any]:
    """The answer of /api/info."""
    return {
        "name": "Mailcow Logs Viewer", "version": VERSION, "mailcow_url": settings.mailcow_url,
        "local_domains": local_domains(session.connection()), "fetch_interval": settings.fetch_interval,
        "retention_days": settings.retention_days, "timezone": settings.tz, "app_title": settings.app_title,
        "app_logo_url": settings.app_logo_url, "blacklist_count": len(settings.blacklist_emails), "auth_enabled": settings.auth_enabled,
        "demo": settings.demo_mode,
    }
