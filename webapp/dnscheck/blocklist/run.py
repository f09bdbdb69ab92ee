"""The work of the blocklist job: find the addresses, ask the lists, count the bounces, store."""

import asyncio
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.dnscheck import inventory
from webapp.dnscheck.blocklist import progress
from webapp.dnscheck.blocklist.look import look
from webapp.dnscheck.blocklist.lookup import Listing
from webapp.dnscheck.blocklist.save import Bounces, save
from webapp.dnscheck.blocklist.verdict import ANSWERED, State
from webapp.dnscheck.inventory import Inventory
from webapp.errors import ExpectedError
from webapp.mailcow import snapshots
from webapp.mailcow.connection import mailcow
from webapp.parse.words import UNDELIVERABLE
from webapp.tables.db import now

_BOUNCES = text(  # one reading of the deliveries for all lists; a bounce may name a list by several words
    "SELECT named.zone, count(DISTINCT (message_id, position)) AS bounced, max(deliveries.time) AS last "
    "FROM deliveries JOIN unnest(CAST(:zones AS text[]), CAST(:words AS text[])) AS named (zone, word) "
    "ON response ILIKE '%' || named.word || '%' WHERE status = ANY(:failed) GROUP BY named.zone"
)


class NoAddressError(ExpectedError):
    """There is no public address to look up."""

    def __str__(self) -> str:
        return "No public address is known that sends for this server; see BLACKLIST_SOURCE_*"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a run has done: addresses and questions, how many are listed or were not checked, changes."""

    addresses: int
    questions: int
    listed: int
    not_checked: int
    changes: int

    def as_dict(self) -> dict[str, int]:
        """The figures for the history of runs."""
        return asdict(self)


def check(session: Session, settings: Settings) -> Figures:
    """Looks all addresses up, and stores what came of it. Raises NoAddressError, and MailcowError where
    nothing is known of mailcow yet."""
    known = _inventory(session, settings)
    session.rollback()  # no transaction stays open while lists are waited for
    try:
        looked = asyncio.run(look(known, settings, progress.note))
    finally:
        progress.finish()
    if not looked.sources:
        raise NoAddressError
    bounces = count_bounces(session, looked.listings)
    changes = save(session.connection(), looked.sources, looked.listings, bounces, now())
    states = Counter(found.verdict.state for found in looked.listings)
    return Figures(
        addresses=len(looked.sources),
        questions=len(looked.listings),
        listed=states[State.LISTED],
        not_checked=sum(count for state, count in states.items() if state not in ANSWERED),
        changes=len(changes),
    )


def count_bounces(session: Session, listings: Sequence[Listing]) -> Mapping[str, Bounces]:
    """By zone: recipients whose mail came back naming a list that we are on, as far as the log goes."""
    listed = {one.blocklist.zone: one.blocklist for one in listings if one.verdict.state is State.LISTED}
    named = [(zone, word) for zone, one in listed.items() for word in (*one.words, zone)]
    if not named:
        return {}
    zones, words = zip(*named, strict=True)
    values = {"zones": list(zones), "words": list(words), "failed": list(UNDELIVERABLE)}
    rows = session.execute(_BOUNCES, values)
    return {row.zone: Bounces(count=row.bounced, last=row.last) for row in rows}


def _inventory(session: Session, settings: Settings) -> Inventory:
    kept = snapshots.load(session, inventory.SNAPSHOT)[inventory.SNAPSHOT]
    if kept.data is not None:
        return inventory.restored(kept.data)
    session.rollback()  # no transaction stays open while mailcow is waited for
    return inventory.read(functools.partial(mailcow, settings), settings.tz)
