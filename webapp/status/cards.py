"""The cards of the status page: what each shows."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.status import background, imports, queries, releases
from webapp.status.markdown import rendered
from webapp.web.cards import Card
from webapp.web.page import settings

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


FAILED_CARD = "status/_failed.html"
CARDS = {
    card.name: card
    for card in (
        Card("reading", "Reading mailcow's logs", "status/_reading.html", reading, FAILED_CARD),
        Card("correlation", "Correlation", "status/_correlation.html", correlation, FAILED_CARD),
        Card("jobs", "Background jobs", "status/_jobs.html", jobs, FAILED_CARD),
        Card("storage", "Storage and objects", "status/_storage.html", storage, FAILED_CARD),
        Card("versions", "Versions", "status/_versions.html", versions, FAILED_CARD),
        Card("containers", "Containers", "status/_containers.html", containers, FAILED_CARD),
    )
}
