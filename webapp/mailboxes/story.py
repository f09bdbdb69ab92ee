"""One mailbox's whole story, from what is stored. Queries only read; each looks at a bounded number of
rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.alerts.signs import NotedSign, of_mailbox
from webapp.lists.daylist import EXACT, Found
from webapp.mailboxes import answers
from webapp.mailboxes.filter import Days
from webapp.mailboxes.queries import COUNTS, entries
from webapp.messages.answers import MessageRow
from webapp.messages.dsn import meaning
from webapp.messages.filter import MessageFilter
from webapp.messages.lists import MESSAGES
from webapp.security.answers import NetfilterRow
from webapp.security.filter import NetfilterFilter
from webapp.security.lists import EVENTS
from webapp.tables.messages import RECEIVED_BY

NEWEST = 8  # messages of each direction
LOOKED_AT = 1000  # newest messages of an account in which destinations and failures are counted
FORWARDS_LOOKED_AT = 200
ROWS = 10  # of each ranking
SIZE_DAYS = 400

LATEST = (
    f"(SELECT id, first_seen FROM messages WHERE account = :account ORDER BY first_seen DESC LIMIT "
    f"{LOOKED_AT}) AS m "
    "JOIN deliveries d ON (d.message_id, d.message_time) = (m.id, m.first_seen)"
)
DESTINATIONS = text(
    "SELECT split_part(lower(d.recipient), '@', 2) AS domain, count(DISTINCT m.id) AS n, "
    "count(DISTINCT m.id) FILTER (WHERE d.status NOT IN ('delivered', 'discarded')) AS failed, "
    "(SELECT count(*) FROM (SELECT FROM messages WHERE account = :account "
    f"LIMIT {LOOKED_AT}) AS looked) < {LOOKED_AT} AS is_of_all FROM {LATEST} "
    f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {ROWS}"
)
FAILURES = text(
    "SELECT d.status, d.dsn, count(*) AS n, max(d.time) AS last, (array_agg(d.response ORDER BY d.time "
    "DESC))[1] "
    f"AS response, (array_agg(d.recipient ORDER BY d.time DESC))[1] AS recipient FROM {LATEST} "
    "WHERE d.status IN ('bounced', 'deferred', 'rejected', 'expired') "
    f"GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC LIMIT {ROWS}"
)
FORWARDS = text(
    "SELECT lower(copy.recipients[1]) AS target, count(*) AS n, max(copy.first_seen) AS last FROM ("
    "SELECT recipients, mid_keys, first_seen FROM messages WHERE account = :account AND username IS NULL "
    f"ORDER BY first_seen DESC LIMIT {FORWARDS_LOOKED_AT}) AS copy WHERE EXISTS (SELECT 1 FROM messages "
    f"original "
    f"WHERE original.mid_keys && copy.mid_keys AND {RECEIVED_BY.format(message='original.')} "
    "@> ARRAY[:account] "
    "AND original.first_seen BETWEEN copy.first_seen - interval '1 day' AND copy.first_seen) "
    f"GROUP BY 1 ORDER BY 2 DESC LIMIT {ROWS}"
)
SIGN_INS = text(
    "SELECT ip, protocol, sum(n)::bigint AS n, max(last_at) AS last FROM sign_ins WHERE username = :account "
    f"GROUP BY 1, 2 ORDER BY last DESC, 1, 2 LIMIT {ROWS}"
)
WRONG = text(
    "SELECT ip, count(DISTINCT coalesce(session, id::text)) AS n, max(time) AS last, "
    "(array_agg(reason ORDER BY time DESC))[1] AS reason FROM (SELECT ip, id, session, time, reason "
    "FROM dovecot_logs WHERE event = 'refused' AND username = :account ORDER BY time DESC "
    f"LIMIT {LOOKED_AT}) AS newest GROUP BY 1 ORDER BY last DESC, 1 LIMIT {ROWS}"
)
HISTORY = text(
    f"SELECT day, {', '.join(COUNTS)} FROM address_days WHERE address = :username AND day BETWEEN :first "
    f"AND :last "
    "ORDER BY day"
)
SIZES = text(
    "SELECT day, quota, quota_used, messages FROM mailbox_sizes WHERE username = :username "
    f"ORDER BY day DESC LIMIT {SIZE_DAYS}"
)


@dataclass(frozen=True)
class Failure:
    """So many recipients that failed alike, with what the other server said to the last of them."""

    status: str
    dsn: str | None
    count: int
    last: datetime
    recipient: str
    response: str | None

    @property
    def meaning(self) -> str | None:
        """What the code means, where it is known."""
        return meaning(self.dsn, self.status)


@dataclass(frozen=True)
class Story:
    """Everything that is known of one mailbox. `box` as the API tells it; rankings are of its newest
    messages."""

    box: dict[str, Any]
    days: Sequence[tuple[date, dict[str, int]]]
    sizes: Sequence[Any]
    sent: Sequence[MessageRow]
    received: Sequence[MessageRow]
    destinations: Sequence[Any]  # messages by domain; `is_of_all` where no older ones are left out
    failures: Sequence[Failure]
    refused: Found[NetfilterRow]  # refused sign-ins, the newest one on it
    forwards: Sequence[Any]
    signs: Sequence[NotedSign]
    sign_ins: Sequence[Any]  # by address and protocol, the newest first
    wrong: Sequence[Any]  # sign-ins that Dovecot refused, by address


def story(session: Session, username: str, days: Days) -> Story | None:
    """The story of the mailbox of this name, or None where there never was one."""
    row = session.execute(
        text("SELECT * FROM mailboxes WHERE username = :username"), {"username": username.lower()}
    ).first()
    if row is None:
        return None
    (entry,) = entries(session, [row], days)
    account = {"account": row.username}
    found = session.execute(HISTORY, {"username": row.username, "first": days.first, "last": days.last})
    counted = {day: dict(zip(COUNTS, counts, strict=True)) for day, *counts in found}
    return Story(
        box=answers.mailbox(entry),
        days=[(day, counted.get(day, dict.fromkeys(COUNTS, 0))) for day in days.all],
        sizes=session.execute(SIZES, {"username": row.username}).all()[::-1],
        sent=_newest(session, MessageFilter(account=row.username, limit=NEWEST)),
        received=_newest(session, MessageFilter(received_by=row.username, limit=NEWEST)),
        destinations=session.execute(DESTINATIONS, account).all(),
        failures=_failures(session, account),
        refused=EVENTS.search(
            session, NetfilterFilter(username=row.username, action="attempt", limit=1), EXACT
        ),
        forwards=session.execute(FORWARDS, account).all(),
        signs=of_mailbox(session, row.username),
        sign_ins=session.execute(SIGN_INS, account).all(),
        wrong=session.execute(WRONG, account).all(),
    )


def _newest(session: Session, chosen: MessageFilter) -> Sequence[MessageRow]:
    return MESSAGES.search(session, chosen, 1).rows


def _failures(session: Session, account: dict[str, str]) -> list[Failure]:
    return [
        Failure(row.status, row.dsn, row.n, row.last, row.recipient, row.response)
        for row in session.execute(FAILURES, account)
    ]
