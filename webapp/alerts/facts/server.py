"""Facts of the mail server and of this program: mailcow's answers, containers, storage, certificates,
releases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.config import VERSION, Settings
from webapp.mailcow import connection, snapshots
from webapp.mailcow.connection import Answering
from webapp.mailcow.server import APP_RELEASES, CONTAINERS, MAILCOW_RELEASES, STORAGE
from webapp.mailcow.server import VERSION as RUNNING
from webapp.mailcow.snapshots import Snapshot
from webapp.tables.alerts import Certificate

FRESH = timedelta(minutes=10)  # a snapshot that is older says nothing of the present


@dataclass(frozen=True)
class Answers:
    """Whether mailcow gives what is asked of it; where not, since when, why, and if it refuses the key."""

    failing_since: datetime | None = None
    reason: str = ""
    is_refused: bool = False


def answers(_session: Session, settings: Settings, _moment: datetime) -> Answers | None:
    """How mailcow answered last; None before the first answer, and where no mailcow is configured."""
    found = connection.state()
    if not settings.mailcow_url or found.state is Answering.WAITING:
        return None
    if found.state is Answering.CONNECTED:
        return Answers()
    return Answers(found.since, found.reason or "", connection.refusal() is not None)


def containers(session: Session, _settings: Settings, moment: datetime) -> Mapping[str, str] | None:
    """The state of each container by its name."""
    found = snapshots.load(session, CONTAINERS)[CONTAINERS]
    if not is_fresh(found, moment) or not isinstance(found.data, dict):
        return None
    return {str(one["name"]): str(one["state"]) for one in found.data.values()}


@dataclass(frozen=True)
class Volume:
    """The mail volume: how full it is in per cent, and df's words for what is used and there."""

    percent: float
    used: str
    total: str


def volume(session: Session, _settings: Settings, moment: datetime) -> Volume | None:
    """How full the mail volume is."""
    found = snapshots.load(session, STORAGE)[STORAGE]
    told = found.data or {}
    digits = str(told.get("used_percent") or "").rstrip("%")
    if not is_fresh(found, moment) or not digits.isdecimal():
        return None
    return Volume(float(digits[:6]), str(told.get("used")), str(told.get("total")))


def is_fresh(found: Snapshot[object], moment: datetime) -> bool:
    """True where a snapshot tells of the present."""
    return found.taken_at is not None and moment - found.taken_at <= FRESH


@dataclass(frozen=True)
class Shown:
    """The end of the certificate that a host showed on a port."""

    host: str
    port: int
    not_after: datetime
    issuer: str


def certificates(session: Session, _settings: Settings, _moment: datetime) -> Sequence[Shown]:
    """The certificates that were seen last."""
    columns = Certificate.host, Certificate.port, Certificate.not_after, Certificate.issuer
    rows = session.execute(select(*columns).where(Certificate.not_after.is_not(None)).limit(100))
    return [Shown(row.host, row.port, row.not_after, row.issuer) for row in rows if row.not_after]


@dataclass(frozen=True)
class Product:
    """A program's running version, the latest that was released, and the page of that release."""

    name: str
    running: str
    latest: str
    url: str


RELEASED = text(
    "SELECT name, data->>'version' AS running, data->'releases'->0->>'version' AS latest, "
    "data->'releases'->0->>'url' AS url FROM snapshots WHERE name = ANY(:names) AND taken_at IS NOT NULL"
)


def products(session: Session, settings: Settings, _moment: datetime) -> Sequence[Product] | None:
    """The versions of mailcow and of this program; None where releases are not looked for."""
    if not settings.app_update_repo:
        return None
    rows = session.execute(RELEASED, {"names": [APP_RELEASES, MAILCOW_RELEASES, RUNNING]})
    found = {row.name: row for row in rows}
    running = {APP_RELEASES: VERSION, MAILCOW_RELEASES: found[RUNNING].running if RUNNING in found else None}
    names = {APP_RELEASES: settings.app_title, MAILCOW_RELEASES: "mailcow"}
    return [
        Product(names[name], running[name] or "", found[name].latest or "", found[name].url or "")
        for name in (APP_RELEASES, MAILCOW_RELEASES)
        if name in found
    ]
