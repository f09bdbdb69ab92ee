"""The state of things. Queries only read."""

import logging

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp import cache
from webapp.config import VERSION, Settings
from webapp.mailcow import connection, server
from webapp.mailcow.domains import local_domains
from webapp.mailcow.server import Container, Count, server_state
from webapp.mailcow.snapshots import Snapshot
from webapp.status.answers import (
    Amount,
    BanCounts,
    Bans,
    Connection,
    ContainerCounts,
    Containers,
    FreshContainerCounts,
    Freshness,
    Health,
    HealthConfig,
    Info,
    MailcowInfo,
    Objects,
    PublicHealth,
    Storage,
    Summary,
    Totals,
    Volume,
)
from webapp.tables.db import now

UNKNOWN = "not asked yet"
HEALTHY, UNHEALTHY = "healthy", "unhealthy"
CONNECTED, DISCONNECTED = "connected", "disconnected"
log = logging.getLogger(__name__)


def database_answers(session: Session) -> bool:
    """True; raises SQLAlchemyError where the database is away."""
    return session.scalar(text("SELECT 1")) == 1


def health(session: Session, settings: Settings, may_know: bool) -> PublicHealth:
    """The answer of /api/health. Without its database the program is unhealthy; without Redis it is not."""
    redis = CONNECTED if cache.answers() else DISCONNECTED
    try:
        database_answers(session)
    except SQLAlchemyError as error:
        log.error("the database does not answer: %s", str(error).partition("\n")[0])
        public = PublicHealth(UNHEALTHY, DISCONNECTED, VERSION, redis)
    else:
        public = PublicHealth(HEALTHY, CONNECTED, VERSION, redis)
    return Health(**vars(public), config=configuration(settings)) if may_know else public


def configuration(settings: Settings) -> HealthConfig:
    """What /api/health tells of the configuration to those who may know."""
    return HealthConfig(
        fetch_interval=settings.fetch_interval,
        retention_days=settings.retention_days,
        mailcow_url=settings.mailcow_url,
        blacklist_enabled=bool(settings.blacklist_emails),
        auth_enabled=settings.auth_enabled,
    )


def information(session: Session, settings: Settings) -> Info:
    """The answer of /api/info."""
    return Info(
        name="Mailcow Logs Viewer",
        version=VERSION,
        mailcow_url=settings.mailcow_url,
        local_domains=local_domains(session.connection()),
        fetch_interval=settings.fetch_interval,
        retention_days=settings.retention_days,
        timezone=settings.tz,
        app_title=settings.app_title,
        app_logo_url=settings.app_logo_url,
        blacklist_count=len(settings.blacklist_emails),
        auth_enabled=settings.auth_enabled,
        demo=settings.demo_mode,
    )


def containers(session: Session) -> Containers:
    """mailcow's containers as last told, with the age of that answer and why there is no newer one."""
    found = server_state(session).containers
    return Containers(found.data or {}, running(found), **vars(freshness(found)))


def storage(session: Session) -> Storage:
    """The mail volume as last told."""
    return _storage(server_state(session).storage)


def mailcow_info(session: Session) -> MailcowInfo:
    """How many domains, mailboxes and aliases there are; each with its own age, because mailboxes are asked
    once an hour."""
    state = server_state(session)
    parts: list[Snapshot[object]] = [state.domains, state.mailboxes, state.aliases, state.bans]
    ages = [one.age for one in parts if one.age is not None]
    return MailcowInfo(
        domains=_objects(state.domains),
        mailboxes=_objects(state.mailboxes),
        aliases=_objects(state.aliases),
        bans=Bans(**vars(state.bans.data or BanCounts()), **vars(freshness(state.bans))),
        age_seconds=int(max(ages)) if ages else None,
        error=next((one.error for one in parts if one.error), None),
    )


def summary(session: Session) -> Summary:
    """The figures of the dashboard, in one statement."""
    state = server_state(session)
    return Summary(
        FreshContainerCounts(**vars(running(state.containers)), **vars(freshness(state.containers))),
        _storage(state.storage),
        Totals(_total(state.domains), _total(state.mailboxes), _total(state.aliases)),
    )


def connection_state() -> Connection:
    """Whether mailcow answered when it was last asked, since when it does not, and why."""
    found = connection.state()
    return Connection(
        connected=found.state == connection.Answering.CONNECTED,
        timestamp=now(),
        state=found.state,
        since=found.since,
        last_success=found.last_success,
        error=found.reason,
    )


def freshness(found: Snapshot[object]) -> Freshness:
    """When a snapshot was taken, its `age_seconds`, and why there is no newer one."""
    never = None if found.taken_at or found.error else UNKNOWN
    return Freshness(
        taken_at=found.taken_at,
        age_seconds=None if found.age is None else int(found.age),
        error=found.error or never,
    )


def running(found: Snapshot[dict[str, Container]]) -> ContainerCounts:
    """How many containers run, how many do not, and all of them."""
    states = [container.state for container in (found.data or {}).values()]
    running = states.count("running")
    return ContainerCounts(running, len(states) - running, len(states))


def _storage(found: Snapshot[server.Storage]) -> Storage:
    return Storage(**vars(found.data or Volume()), **vars(freshness(found)))


def _objects(found: Snapshot[Count]) -> Objects:
    return Objects(**vars(found.data or Amount()), **vars(freshness(found)))


def _total(found: Snapshot[Count]) -> int | None:
    return found.data.total if found.data else None
