"""What is known of one client address: its ban, its attempts, what was refused to it. Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.lists.answer import read
from webapp.lists.rowlist import RowList
from webapp.lists.standing import Standing
from webapp.mailcow import live
from webapp.mailcow.live import Listing
from webapp.parse.netfilter import ban_minutes, with_networks
from webapp.parse.words import NetfilterAction
from webapp.security.answers import NetfilterRow
from webapp.security.banlist import standing_of
from webapp.security.bans import Ban, BanState, ban_of
from webapp.security.bans import read as read_bans
from webapp.security.filter import ConnectionFilter, SignInFilter
from webapp.security.lists import CONNECTIONS, SIGN_INS
from webapp.tables.db import now
from webapp.tables.logs import NetfilterLog

EVENTS = 500  # of one address that are looked at
SHOWN = 20  # of them
COUNTED = 100  # refused connections and sign-ins that are counted
LATE = timedelta(minutes=2)  # in which a ban of the log may not be in mailcow's list yet
ENDS = (NetfilterAction.BANNED, NetfilterAction.UNBANNED)


@dataclass(frozen=True)
class Conduct:
    """What netfilter noted of an address and the networks that hold it, and how it stands with it: banned,
    unbanned, or watched. `since` and `until` are the ban's; None where they are not known."""

    state: str
    since: datetime | None
    until: datetime | None
    attempts: int
    events: Sequence[Any]
    ban: Ban | None
    listing: Listing

    @property
    def is_whole(self) -> bool:
        """True where all of its events were looked at."""
        return len(self.events) < EVENTS

    @property
    def first_seen(self) -> datetime | None:
        """The earliest event that was looked at."""
        return self.events[-1].time if self.events else None

    @property
    def users(self) -> list[str]:
        """Whom it tried to be."""
        return list(dict.fromkeys(event.username for event in self.events if event.username))


@dataclass(frozen=True)
class AddressFacts:
    """One address: its conduct, its ban as mailcow lists it, the latest events, and how many connections and
    sign-ins were refused (None: more than 100)."""

    ip: str
    conduct: Conduct | None
    standing: Standing | None
    events: list[NetfilterRow]
    connections: int | None
    sign_ins: int | None


def conduct_of(session: Session, ip: str) -> Conduct | None:
    """How it stands with an address; None for one without a ban or an event. mailcow's list of bans goes
    before the log, which may lack the end of one."""
    listing = live.last(live.BANS, session)
    ban = ban_of(read_bans(listing.rows), ip)
    rows = session.execute(
        select(NetfilterLog.__table__)
        .where(NetfilterLog.ip.in_(with_networks(ip)))
        .order_by(NetfilterLog.time.desc(), NetfilterLog.id.desc())
        .limit(EVENTS)
    ).all()
    if not rows and ban is None:
        return None
    attempts = sum(row.action == NetfilterAction.WARNING and row.rule_id is not None for row in rows)
    last = next((row for row in rows if row.action in ENDS), None)
    state, since, until = _stand(ban, last, listing)
    return Conduct(state, since, until, attempts, rows, ban, listing)


def _stand(
    ban: Ban | None, last: Any | None, listing: Listing
) -> tuple[str, datetime | None, datetime | None]:
    """(state, since, until) by mailcow's list and the last line of the log that begins or ends a ban."""
    began = last.time if last is not None and last.action == NetfilterAction.BANNED else None
    minutes = ban_minutes(last.message) if last is not None and began else None
    ends = began + timedelta(minutes=minutes) if began and minutes else None
    if ban is not None:
        return "banned", began, ban.until if ban.state is not BanState.PERMANENT else None
    if last is None:
        return "watched", None, None
    if began is None:
        return "unbanned", last.time, None
    is_over = ends is not None and ends < now()
    is_off = listing.taken_at is not None and listing.error is None and listing.taken_at > began + LATE
    return ("unbanned", ends if is_over else None, None) if is_over or is_off else ("banned", began, ends)


def facts_of(session: Session, ip: str) -> AddressFacts:
    """All that is known of an address here; `ip` is in its one spelling."""
    conduct = conduct_of(session, ip)
    events = [read(NetfilterRow, row) for row in conduct.events[:SHOWN]] if conduct else []
    standing = standing_of(conduct.ban, conduct.listing) if conduct and conduct.ban else None
    connections = _count(session, CONNECTIONS, ConnectionFilter.model_validate({"ip": ip, "limit": 1}))
    sign_ins = _count(session, SIGN_INS, SignInFilter.model_validate({"ip": ip, "limit": 1}))
    return AddressFacts(ip, conduct, standing, events, connections, sign_ins)


def _count(session: Session, rows: RowList[Any], chosen: Any) -> int | None:
    """How many there are; None for more than are counted."""
    total = rows.search(session, chosen, COUNTED).total
    return total if total <= COUNTED else None
