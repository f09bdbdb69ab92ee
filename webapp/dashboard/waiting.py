"""How the queue stands: its length and growth, and where its mail goes, why it waits, when it is tried next.

Worked out once for each list that mailcow gave, so that many pages may ask. Queries only read.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.mailcow import live
from webapp.mailcow.live import QUEUE
from webapp.mailqueue.entries import Entry
from webapp.mailqueue.lists import QUEUE_LIST
from webapp.mailqueue.samples import MOST_DESTINATIONS, oldest
from webapp.messages.reasons import REASONS, reason_for
from webapp.messages.remedies import SENT
from webapp.parse.reply import UNTRIED
from webapp.tables.columns import as_array
from webapp.tables.db import utc
from webapp.tables.queue import QueueSample

FRESH = 60  # seconds; another list has another key
HOUR = timedelta(hours=1)
AROUND = timedelta(minutes=12)  # a sample that is nearer to an hour ago tells the growth of an hour
CLEAR_GROWTH = 3  # mails in an hour
TOLD = 20  # destinations, those with most mails
BEFORE_ARRIVAL = 86_400  # seconds that a session with a mail may have begun before the mail was queued
ASKED = 25  # mails of each whose last attempt is looked for: the youngest, which are tried soonest
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(minutes=30)  # mailcow's pauses between two attempts
CODE = re.compile(r"\b[45]\d\d[ -]([45]\.\d{1,3}\.\d{1,3})\b")
LAST_TRIES = text(
    "SELECT m.queue_id, max(d.time) AS tried FROM messages m JOIN deliveries d "
    "ON d.message_id = m.id AND d.message_time = m.first_seen "
    "WHERE m.queue_id = ANY(CAST(:ids AS text[])) AND m.first_seen >= :since AND d.message_time >= :since "
    "AND d.status = 'deferred' GROUP BY m.queue_id"
)


@dataclass(frozen=True)
class Destination:
    """A domain that mail waits for: how many mails, how many an hour before (None: not known), the word and
    the label of the reason that most of them have, what kind of action it asks for, and about when Postfix
    tries next."""

    domain: str
    mails: int
    hour_ago: int | None
    oldest: datetime | None
    reason: str | None
    reason_words: str | None
    kind: str | None
    next_try: datetime | None

    @property
    def growth(self) -> int | None:
        """Mails more than an hour before."""
        return None if self.hour_ago is None else self.mails - self.hour_ago


@dataclass(frozen=True)
class Standing:
    """The queue as mailcow listed it at `taken_at`: all its mails, those on hold, those that came within an
    hour, the oldest's arrival, and the destinations with most mails."""

    taken_at: datetime | None
    mails: int
    held: int
    young: int
    oldest: datetime | None
    hour_ago: int | None
    destinations: list[Destination]

    @property
    def growth(self) -> int | None:
        """Mails more than an hour before; None where that was not recorded."""
        return None if self.hour_ago is None else self.mails - self.hour_ago

    @property
    def main(self) -> Destination | None:
        """The destination that makes up half of the growth, else half of the queue."""
        growing = max(self.destinations, key=lambda one: one.growth or 0, default=None)
        if growing and (self.growth or 0) >= CLEAR_GROWTH and 2 * (growing.growth or 0) >= (self.growth or 0):
            return growing
        most = max(self.destinations, key=lambda one: one.mails, default=None)
        return most if most and 2 * most.mails >= self.mails else None


def standing(session: Session) -> Standing:
    """The queue as it was last seen, without asking mailcow."""
    mark = live.mark_of(QUEUE, session)
    if not mark:
        return _stand(session)
    return cache.cached(f"queue:standing:{mark}", FRESH, lambda: _stand(session), Standing)


def _stand(session: Session) -> Standing:
    listing = live.last(QUEUE, session)
    if listing.taken_at is None:
        return Standing(None, 0, 0, 0, None, None, [])
    entries, before = QUEUE_LIST.read(listing.rows), _hour_before(session, listing.taken_at)
    since = (listing.taken_at - HOUR).timestamp()
    return Standing(
        listing.taken_at,
        len(entries),
        held=[entry.queue for entry in entries].count("hold"),
        young=len([entry for entry in entries if entry.arrival > since]),
        oldest=oldest(entries),
        hour_ago=before.mails if before else None,
        destinations=_destinations(session, entries, before),
    )


def _hour_before(session: Session, moment: datetime) -> QueueSample | None:
    near = QueueSample.at.between(moment - HOUR - AROUND, moment - HOUR + AROUND)
    found = session.scalars(select(QueueSample).where(near).order_by(QueueSample.at)).all()
    return min(found, key=lambda sample: abs(sample.at - (moment - HOUR)), default=None)


def _destinations(
    session: Session, entries: Sequence[Entry], before: QueueSample | None
) -> list[Destination]:
    members: dict[str, list[Entry]] = {}
    for entry in entries:
        for domain in entry.domains:
            members.setdefault(domain, []).append(entry)
    largest = sorted(members, key=lambda domain: (-len(members[domain]), domain))[:TOLD]
    youngest = {domain: sorted(members[domain], key=_arrival)[-ASKED:] for domain in largest}
    tried = _last_tries(session, [entry for group in youngest.values() for entry in group])
    return [
        Destination(
            domain,
            len(members[domain]),
            _earlier(before, domain),
            oldest(members[domain]),
            word := _main_reason(members[domain], domain),
            REASONS[word].label if word else None,
            SENT[word].kind if word else None,
            next_try(youngest[domain], tried),
        )
        for domain in largest
    ]


def _arrival(entry: Entry) -> int:
    return entry.arrival


def _earlier(before: QueueSample | None, domain: str) -> int | None:
    """The mails of an hour before; not known of a domain beyond those that were kept."""
    if before is None or (
        domain not in before.destinations and len(before.destinations) == MOST_DESTINATIONS
    ):
        return None
    return before.destinations.get(domain, 0)


def _main_reason(entries: Sequence[Entry], domain: str) -> str | None:
    replies = Counter(
        one.reply
        for entry in entries
        for one in entry.recipients
        if one.domain == domain and one.reply and one.reason != UNTRIED
    )
    words: Counter[str] = Counter()
    for reply, times in replies.items():
        code = CODE.search(reply[:1_000])
        words[reason_for(code[1] if code else None, reply)] += times
    return words.most_common(1)[0][0] if words else None


def _last_tries(session: Session, entries: list[Entry]) -> dict[str, datetime]:
    if not entries:
        return {}
    since = utc(max(min(entry.arrival for entry in entries) - BEFORE_ARRIVAL, 0))
    ids = as_array(entry.queue_id for entry in entries)
    rows = session.execute(LAST_TRIES, {"ids": ids, "since": since})
    return {row.queue_id: row.tried for row in rows}


def next_try(entries: Sequence[Entry], tried: Mapping[str, datetime]) -> datetime | None:
    """About when Postfix tries the first of these mails again: after the last attempt it waits as long as the
    mail had been in the queue by then, within mailcow's bounds (qmgr(8), minimal_backoff_time)."""
    waits = [
        tried[entry.queue_id] + min(max(tried[entry.queue_id] - entry.arrived, SHORTEST), LONGEST)
        for entry in entries
        if entry.arrived and entry.queue == "deferred" and entry.queue_id in tried
    ]
    return min(waits, default=None)
