"""The cards of the status page: what each shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row
from sqlalchemy.orm import Session

from webapp.status import answers, background, imports, queries, releases
from webapp.status.markdown import rendered
from webapp.web.cards import Card
from webapp.web.page import settings

NEARLY_FULL, FILLING = 90, 75  # per cent


@dataclass(frozen=True)
class Service:
    """One container; `since` is when it was started last."""

    name: str
    image: str | None
    state: str
    since: datetime | None


@dataclass(frozen=True)
class Containers:
    """mailcow's containers, those that do not run first."""

    found: answers.Containers
    services: Sequence[Service]


@dataclass(frozen=True)
class Storage:
    """The mail volume, `full` in per cent (None: not known), and what mailcow counts."""

    volume: answers.Storage
    full: int | None
    counted: answers.MailcowInfo

    @property
    def grade(self) -> str:
        """error where it is nearly full, warning where it fills up, else good."""
        full = self.full or 0
        return "error" if full > NEARLY_FULL else "warning" if full > FILLING else "good"


@dataclass(frozen=True)
class Product:
    """A program's version beside its latest release, with the notes of that release."""

    name: str
    version: answers.Version
    notes: Markup


@dataclass(frozen=True)
class Versions:
    """Both programs; `enabled`: releases are looked for."""

    enabled: bool
    products: Sequence[Product]


@dataclass(frozen=True)
class Reading:
    """How far each log has been read, what was lost and what was set aside."""

    logs: Sequence[imports.Import]
    gaps: Sequence[Row[Any]]
    jumps: Sequence[Row[Any]]
    aside: Sequence[Row[Any]]


@dataclass(frozen=True)
class Correlation:
    """How many messages are complete, and the newest that are not."""

    figures: answers.Completion
    waiting: Sequence[answers.IncompleteMessage]


def containers(session: Session) -> Containers:
    """What the containers' card shows."""
    found = queries.containers(session)
    services = [
        Service(
            one.name,
            one.image,
            one.state,
            since=datetime.fromisoformat(one.started_at) if one.started_at else None,
        )
        for one in found.containers.values()
    ]
    ordered = sorted(services, key=lambda one: (one.state == "running", one.name))
    return Containers(found, ordered)


def storage(session: Session) -> Storage:
    """What the storage's card shows."""
    volume = queries.storage(session)
    percent = (volume.used_percent or "").rstrip("%")
    full = min(100, int(percent)) if percent.isdigit() else None
    return Storage(volume, full, queries.mailcow_info(session))


def versions(session: Session) -> Versions:
    """What the versions' card shows."""
    theirs, ours = releases.mailcow_version(session), releases.app_version(session, settings())
    return Versions(
        ours.enabled,
        [
            Product("Mailcow Logs Viewer", ours, rendered(ours.changelog)),
            Product("mailcow", theirs, rendered(theirs.changelog)),
        ],
    )


def reading(session: Session) -> Reading:
    """What the logs' card shows."""
    return Reading(
        imports.imports(session, settings()),
        imports.gaps(session),
        imports.clock_jumps(session),
        imports.set_aside(session),
    )


def correlation(session: Session) -> Correlation:
    """What the correlation's card shows."""
    return Correlation(imports.correlation(session), imports.recent_incomplete(session))


def jobs(session: Session) -> Sequence[background.Job]:
    """The background jobs that this version has."""
    return [job for job in background.jobs(session, settings()) if job.is_built]


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
