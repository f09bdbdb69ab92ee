"""Reading mailboxes with what they sent and received: three statements a page, whatever their number. Queries
only read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.lists.conditions import literal
from webapp.mailboxes.filter import DailyFilter, Days, MailboxFilter
from webapp.parse.words import Direction
from webapp.tables.db import Base
from webapp.tables.mailboxes import AddressDay, DomainDay


def _counts(model: type[Base], *key: str) -> tuple[str, ...]:
    return tuple(column.key for column in model.__mapper__.columns if column.key not in key)


COUNTS, DOMAIN_COUNTS = _counts(AddressDay, "day", "address"), _counts(DomainDay, "day", "domain")
FAILED = "sent_bounced + sent_deferred + sent_rejected + sent_expired"
# a mail to several unknown addresses (and the mailbox behind them) is one mail of their catch-all, and was
# counted for each of them
AGAIN = {
    "received_total": "again",
    "spam_received": "again * (is_spam OR final_status = 'spam')::int",
    **{f"{way}_received": f"again * (direction = '{way}')::int" for way in Direction},
}
COUNTED_AGAIN = (
    "SELECT day, '@' || domain, "
    + ", ".join(f"(-sum({AGAIN.get(name, '0')}))::bigint" for name in COUNTS)
    + " FROM (SELECT (first_seen AT TIME ZONE 'UTC')::date AS day, split_part(got, '@', 2) AS domain, "
    "count(*) - 1 AS again, bool_or(is_spam) AS is_spam, max(final_status) AS final_status, "
    "max(direction) AS direction FROM messages, unnest(received_by) AS got "
    "WHERE cardinality(received_by) > 2 AND first_seen BETWEEN :start AND :end "
    "AND split_part(got, '@', 2) = ANY(:caught) AND got NOT IN "
    "(SELECT username FROM mailboxes UNION ALL SELECT counted_as FROM mailbox_aliases) "
    "GROUP BY messages.id, first_seen, split_part(got, '@', 2) HAVING count(*) > 1) AS several GROUP BY 1, 2"
)
MOST_DAYS = 10_000  # rows of the daily figures in one answer

# Everything that was counted, by address; what came to no known address counts for its domain's catch-all.
# The days stand in the text, so that the statement is planned for them: a month is most of the table.
TOLD = f"""
    known AS (SELECT username AS address FROM mailboxes UNION SELECT counted_as FROM mailbox_aliases),
    counted AS (
        SELECT address, sum(sent_total) AS sent, sum({FAILED}) AS failed, sum(received_total) AS received
        FROM address_days WHERE day BETWEEN '{{first}}' AND '{{last}}' GROUP BY address),
    told AS (
        SELECT coalesce(known.address, '@' || split_part(counted.address, '@', 2)) AS address,
            sum(sent) AS sent, sum(failed) AS failed, sum(received) AS received
        FROM counted LEFT JOIN known USING (address) GROUP BY 1),
    behind AS (
        SELECT box AS username, sum(sent) AS sent, sum(failed) AS failed
        FROM mailbox_aliases alias CROSS JOIN unnest(alias.mailboxes) AS box
        JOIN told ON told.address = alias.counted_as GROUP BY 1),
    boxes AS (
        SELECT m.*, coalesce(told.sent, 0) + coalesce(behind.sent, 0) AS sent,
            coalesce(told.failed, 0) + coalesce(behind.failed, 0) AS failed,
            coalesce(told.received, 0) AS received
        FROM mailboxes m LEFT JOIN told ON told.address = m.username LEFT JOIN behind USING (username))"""
ORDER = {
    "sent_total": "sent",
    "received_total": "received",
    "failure_rate": "round(100.0 * failed / nullif(sent, 0), 1)",
    "quota_used": "quota_used",
    "username": "username",
}


class Day(NamedTuple):
    """What one address sent (recipients), what failed of it, and what it received on one day."""

    date: date
    sent: int
    failed: int
    received: int


@dataclass(frozen=True)
class Entry:
    """One mailbox of the list: its row, its aliases, and the counts of all their addresses."""

    box: Any
    aliases: Sequence[Any]
    counts: dict[str, dict[str, int]]
    daily: Sequence[Day] = ()

    def of(self, address: str) -> dict[str, int]:
        """The counts of one address, zeros where nothing was counted."""
        return self.counts.get(address, ZERO)


ZERO = dict.fromkeys(COUNTS, 0)


@dataclass(frozen=True)
class Page:
    """One page of the list."""

    entries: list[Entry]
    total: int


def _told(days: Days) -> str:
    return TOLD.format(first=days.first, last=days.last)


def page(session: Session, chosen: MailboxFilter) -> Page:
    """The mailboxes that the filter names, in its order."""
    where, values = _conditions(chosen)
    rows = session.execute(
        text(
            f"WITH {_told(chosen.days)}, chosen AS (SELECT * FROM boxes m WHERE {where}), "
            f"shown AS (SELECT * FROM chosen {_order(chosen)} LIMIT :limit OFFSET :offset) "
            "SELECT shown.*, every.n AS total FROM (SELECT count(*) AS n FROM chosen) AS every "
            f"LEFT JOIN shown ON true {_order(chosen)}"
        ),
        {
            **values,
            "limit": chosen.page_size,
            "offset": (chosen.page - 1) * chosen.page_size,
        },
    ).all()
    boxes = [row for row in rows if row.id is not None]
    return Page(entries(session, boxes, chosen.days), rows[0].total)


def _conditions(chosen: MailboxFilter) -> tuple[str, dict[str, Any]]:
    where, values = ["true"], {}
    if chosen.domain is not None:
        where.append("m.domain = :domain")
        values["domain"] = chosen.domain.lower().removeprefix("@")
    if chosen.active_only:
        where.append("m.active")
    if chosen.state != "all":
        where.append("m.deleted_at IS NULL" + (" AND NOT m.active" if chosen.state == "inactive" else ""))
    if chosen.hide_zero:
        where.append("m.sent + m.received > 0")
    if chosen.search is not None:
        where.append(
            "(m.username LIKE :search OR lower(m.name) LIKE :search OR m.username IN "
            "(SELECT unnest(mailboxes) FROM mailbox_aliases WHERE address LIKE :search))"
        )
        values["search"] = f"%{literal(chosen.search.lower())}%"
    return " AND ".join(where), values


def _order(chosen: MailboxFilter) -> str:
    return f"ORDER BY {ORDER[chosen.sort_by]} {chosen.sort_order} NULLS LAST, username"


def entries(session: Session, boxes: Sequence[Any], days: Days) -> list[Entry]:
    """The mailboxes of these rows with their aliases and all their counts: two statements."""
    if not boxes:
        return []
    usernames = [box.username for box in boxes]
    aliases = session.execute(
        text("SELECT * FROM mailbox_aliases WHERE mailboxes && CAST(:usernames AS text[]) ORDER BY address"),
        {"usernames": usernames},
    ).all()
    behind: defaultdict[str, list[Any]] = defaultdict(list)
    for alias in aliases:
        for username in alias.mailboxes:
            behind[username].append(alias)
    every = {*usernames, *(alias.counted_as for alias in aliases)}
    found = {row.address: row for row in _counted(session, sorted(every), days)}
    totals = {address: {name: getattr(row, name) for name in COUNTS} for address, row in found.items()}
    return [
        Entry(
            box,
            behind[box.username],
            {name: totals[name] for name in _addresses(box, behind[box.username]) if name in totals},
            _days(found.get(box.username)),
        )
        for box in boxes
    ]


def _addresses(box: Any, aliases: Sequence[Any]) -> set[str]:
    return {box.username, *(alias.counted_as for alias in aliases)}


def _days(row: Any | None) -> list[Day]:
    return (
        [Day(*told) for told in zip(row.days, row.sent, row.failed, row.received, strict=True)] if row else []
    )


def _counted(session: Session, addresses: Sequence[str], days: Days) -> Sequence[Any]:
    """The sums of each of these addresses and its days; what came to no known address is that of
    `@domain`."""
    values: dict[str, Any] = {"addresses": addresses, "first": days.first, "last": days.last}
    caught = [address[1:] for address in addresses if address.startswith("@")]
    source = (
        "SELECT d.* FROM unnest(CAST(:addresses AS text[])) AS asked(address), LATERAL (SELECT * FROM "
        "address_days "
        "WHERE address_days.address = asked.address AND day BETWEEN :first AND :last) AS d"
    )
    if caught:
        values |= {"caught": caught, "start": days.start, "end": days.end}
        names = ", ".join(f"sum({name})" for name in COUNTS)
        source += (
            f" UNION ALL SELECT day, '@' || split_part(address, '@', 2), {names} FROM address_days "
            "WHERE day BETWEEN :first AND :last AND split_part(address, '@', 2) = ANY(:caught) AND address "
            "NOT IN "
            "(SELECT username FROM mailboxes UNION ALL SELECT counted_as FROM mailbox_aliases) GROUP BY 1, 2 "
            f"UNION ALL {COUNTED_AGAIN}"
        )
    sums = ", ".join(f"sum({name})::int AS {name}" for name in COUNTS)
    return session.execute(
        text(
            f"SELECT address, {sums}, array_agg(day ORDER BY day) AS days, array_agg(sent_total ORDER BY "
            f"day) AS sent, "
            f"array_agg({FAILED} ORDER BY day) AS failed, array_agg(received_total ORDER BY day) AS received "
            f"FROM ({source}) AS told GROUP BY address"
        ),
        values,
    ).all()


@dataclass(frozen=True)
class Summary:
    """How many mailboxes there are, and what all of them and their aliases sent and received."""

    mailboxes: int
    active: int
    sent: int
    failed: int
    received: int


def summary(session: Session, days: Days) -> Summary:
    """The figures over all mailboxes; those that mailcow no longer has count as long as their history is
    kept, but not as mailboxes."""
    row = session.execute(
        text(
            f"WITH {_told(days)} SELECT "
            "(SELECT count(*) FROM mailboxes WHERE deleted_at IS NULL) AS mailboxes, "
            "(SELECT count(*) FROM mailboxes WHERE active) AS active, "
            "coalesce(sum(sent), 0)::bigint AS sent, coalesce(sum(failed), 0)::bigint AS failed, "
            "(SELECT coalesce(sum(received), 0)::bigint FROM boxes) AS received "
            "FROM told JOIN known USING (address)"
        )
    ).one()
    return Summary(row.mailboxes, row.active, row.sent, row.failed, row.received)


def domains(session: Session) -> list[Any]:
    """The domains that have mailboxes, each with how many."""
    return list(
        session.execute(
            text(
                "SELECT domain, count(*) AS mailbox_count FROM mailboxes WHERE deleted_at IS NULL "
                "GROUP BY domain ORDER BY domain"
            )
        )
    )


def daily(session: Session, chosen: DailyFilter) -> list[Any]:
    """The figures of one domain (or of all) by day, oldest first; at most 10,000 rows."""
    where = "" if chosen.domain is None else "AND domain = :domain "
    values = {} if chosen.domain is None else {"domain": chosen.domain.lower().removeprefix("@")}
    return list(
        session.execute(
            text(
                f"SELECT * FROM domain_days WHERE day BETWEEN :first AND :last {where}"
                f"ORDER BY day, domain LIMIT {MOST_DAYS}"
            ),
            {**values, "first": chosen.days.first, "last": chosen.days.last},
        )
    )
