"""The whole summary of a week, as data."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.alerts.answers import EventRow
from webapp.alerts.filter import EventFilter
from webapp.alerts.lists import EVENTS
from webapp.blocklists.overview import Overview, overview
from webapp.lists.daylist import Found
from webapp.mailcow.server import Storage, server_state
from webapp.mailcow.snapshots import Snapshot
from webapp.messages.groupanswers import GroupFilter, GroupRow
from webapp.messages.groups import search_groups
from webapp.tables.db import now
from webapp.weekly import state
from webapp.weekly.flow import Flow, flow, kept
from webapp.weekly.week import Week

REASONS = "reasons"  # the grouping by why mail failed


@dataclass(frozen=True)
class Failures:
    """Why mail failed: the reasons with most messages, of `total`."""

    reasons: tuple[GroupRow, ...]
    total: int


@dataclass(frozen=True)
class Summary:
    """One week. Flow, failures and events are those of the week; domains, blocklists and accounts are as of
    `made_at`."""

    week: Week
    made_at: datetime
    flow: Flow
    lost: tuple[state.Lost, ...]
    failures: Failures
    accounts: state.Accounts
    domains: state.Domains
    dmarc: state.Dmarc
    blocklists: Overview
    storage: Snapshot[Storage]
    sizes: state.Sizes
    events: Found[EventRow]
    noticed: dict[str, int]


def summarise(session: Session, week: Week) -> Summary:
    """The summary of the week."""
    return Summary(
        week=week,
        made_at=now(),
        flow=flow(session, week, kept(session)),
        lost=state.lost(session, week),
        failures=_failures(session, week),
        accounts=state.accounts(session, week),
        domains=state.domains(session, week),
        dmarc=state.dmarc(session, week),
        blocklists=overview(session),
        storage=server_state(session).storage,
        sizes=state.sizes(session, week),
        events=EVENTS.search(session, EventFilter(**week.period, limit=state.MOST)),
        noticed=state.noticed(session, week),
    )


def _failures(session: Session, week: Week) -> Failures:
    found = search_groups(session, REASONS, GroupFilter(**week.period, limit=state.MOST)).found
    return Failures(tuple(found.rows), found.total)
