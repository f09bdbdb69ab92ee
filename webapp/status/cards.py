"""The cards of the status page: each is made on its own, and one that fails does not take the page along."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from markupsafe import Markup
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.status import background, imports, queries, releases
from webapp.status.markdown import rendered
from webapp.web.page import settings

log = logging.getLogger(__name__)
NEARLY_FULL, FILLING = 90, 75  # per cent


def containers(session: Session) -> dict[str, Any]:
    """mailcow's containers, those that do not run first."""
    found = queries.containers(session)
    rows = [
        {
            **container,
            "since": datetime.fromisoformat(container["started_at"]) if container["started_at"] else None,
        }
        for container in found["containers"].values()
    ]
    return {**found, "rows": sorted(rows, key=lambda row: (row["state"] == "running", row["name"]))}


def storage(session: Session) -> dict[str, Any]:
    """The mail volume, and what mailcow counts."""
    volume = queries.storage(session)
    percent = str(volume["used_percent"] or "").rstrip("%")
    full = min(100, int(percent)) if percent.isdigit() else None
    return {
        "volume": volume,
        "full": full,
        "counted": queries.mailcow_info(session),
        "grade": "error" if (full or 0) > NEARLY_FULL else "warning" if (full or 0) > FILLING else "good",
    }


def versions(session: Session) -> dict[str, Any]:
    """mailcow's version and this program's, each beside the latest release."""
    theirs, ours = releases.mailcow_version(session), releases.app_version(session, settings())
    return {
        "enabled": ours["enabled"],
        "versions": [
            {**ours, "product": "Mailcow Logs Viewer", "notes": rendered(ours["changelog"])},
            {**theirs, "product": "mailcow", "notes": rendered(theirs["changelog"])},
        ],
    }


def reading(session: Session) -> dict[str, Any]:
    """How far each log has been read, what was lost and what was set aside."""
    return {
        "logs": imports.imports(session),
        "gaps": imports.gaps(session),
        "aside": imports.set_aside(session),
    }


def correlation(session: Session) -> dict[str, Any]:
    """How many messages are complete, and the newest that are not."""
    return {"figures": imports.correlation(session), "rows": imports.recent_incomplete(session)}


def jobs(session: Session) -> dict[str, Any]:
    """The background jobs in brief."""
    return {"jobs": [job for job in background.jobs(session, settings()) if job.is_built]}


@dataclass(frozen=True)
class Card:
    """One card: its title, its template, and what gives the template its data."""

    title: str
    template: str
    make: Callable[[Session], dict[str, Any]]


CARDS = {
    "reading": Card("Reading mailcow's logs", "status/_reading.html", reading),
    "correlation": Card("Correlation", "status/_correlation.html", correlation),
    "jobs": Card("Background jobs", "status/_jobs.html", jobs),
    "storage": Card("Storage and objects", "status/_storage.html", storage),
    "versions": Card("Versions", "status/_versions.html", versions),
    "containers": Card("Containers", "status/_containers.html", containers),
}


def card(session: Session, name: str) -> Markup:
    """The HTML of one card; where its data cannot be had, the card says so."""
    wanted = CARDS[name]
    try:
        data = wanted.make(session)
    except (SQLAlchemyError, RedisError) as error:
        session.rollback()
        log.warning("status card %s failed: %s", name, error)
        return Markup(render_template("status/_failed.html", name=name, title=wanted.title))  # noqa: S704 - a template of ours
    return Markup(render_template(wanted.template, name=name, title=wanted.title, **data))  # noqa: S704
