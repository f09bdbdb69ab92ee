"""Messages counted by account, address, domain and day, in the transaction that changes them.

Why it is right. What a message adds is a function of its own row alone: account, received_by, outcomes with
their counts, direction, domains, verdict and day, all of them written when it was traced. What is stored is
counted with it, and before it is replaced or deleted exactly that is taken off again, whatever changed
meanwhile: its outcomes, its direction, our domains, the mailboxes. One transaction at a time counts (an
advisory lock until its end), so that no two of them take off the same row, and no two wait for each other in
a circle.

When a day's messages go with their partition, the counts stay, and the day is closed: then only a message
that lives on and is replaced changes them (a row read once more, or a blacklisted one removed, was counted
before or is no longer to be told from one that was). So the counts of an open day are those of its messages,
to the last one.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, TextClause, text

from webapp.parse.words import NOT_DELIVERED, Direction, Outcome
from webapp.tables.messages import DOMAINS, OUTCOME_COUNTS, RECEIVED_BY
from webapp.trace.hours import Span

LOCK = 0x4D4C44  # an advisory lock of one number; those of the jobs have two
OUTCOMES = (Outcome.DELIVERED, *NOT_DELIVERED, Outcome.DISCARDED)
COLUMNS = (
    *("id", "first_seen", "account", "received_by", "domains", "outcomes", "outcome_counts"),
    *("direction", "final_status", "is_spam"),
)
SPARED = {"outcome_counts": OUTCOME_COUNTS, "received_by": RECEIVED_BY, "domains": DOMAINS}


def _needed(message: str = "") -> str:
    return ", ".join(
        f"{SPARED.get(name, '{message}' + name).format(message=message)} AS {name}" for name in COLUMNS
    )


def _has(words: tuple[str, ...]) -> str:
    return f"outcomes && ARRAY[{', '.join(repr(word) for word in words)}]"


SENT = {
    "messages_sent": "1",
    **{f"{way}_sent": f"(direction = '{way}')::int" for way in Direction},
    "sent_total": "(SELECT sum(n)::int FROM unnest(outcome_counts) AS n)",
    **{f"sent_{word}": f"outcome_counts[array_position(outcomes, '{word}')]" for word in OUTCOMES},
    **{f"with_{word}": f"({_has((word,))})::int" for word in OUTCOMES[:-1]},
    "with_failed": f"({_has(NOT_DELIVERED)})::int",
}
RECEIVED = {
    "received_total": "1",
    **{f"{way}_received": f"(direction = '{way}')::int" for way in Direction},
    "spam_received": "(is_spam OR final_status = 'spam')::int",
}
AT_HOME = "domain = split_part(account, '@', 2)"
CONCERNED = {
    "inbound": "(direction = 'inbound')::int",
    "outbound": f"(direction = 'outbound' AND coalesce({AT_HOME}, false))::int",
    "internal": f"(direction = 'internal' OR direction = 'outbound' AND NOT coalesce({AT_HOME}, false))::int",
    **{word: f"({_has((word,))})::int" for word in ("delivered", "bounced", "deferred", "rejected")},
    "spam": "(is_spam OR final_status = 'spam')::int",
}
BOTH = {**SENT, **RECEIVED}
DAY = "(first_seen AT TIME ZONE 'UTC')::date"


def _changes(columns: dict[str, str], wanted: dict[str, str]) -> str:
    return ", ".join(f"sign * coalesce({columns[name]}, 0)" if name in columns else "0" for name in wanted)


def _upsert(table: str, key: str, columns: dict[str, str], source: str) -> str:
    names = ", ".join(columns)
    added = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in columns)
    changed = " OR ".join(f"sum({name}) <> 0" for name in columns)
    totals = ", ".join(f"sum({name})" for name in columns)
    return (
        f"INSERT INTO {table} AS kept (day, {key}, {names}) SELECT day, {key}, {totals} FROM ({source}) AS "
        f"changes "
        f"(day, {key}, {names}) GROUP BY day, {key} HAVING {changed} ORDER BY day, {key} "
        f"ON CONFLICT (day, {key}) DO UPDATE SET {added}"
    )


def counting(changes: str) -> TextClause:
    """The statement that adds `changes`: rows of messages, each with a `sign`."""
    addresses = (
        f"SELECT {DAY}, account, {_changes(SENT, BOTH)} FROM changed WHERE account IS NOT NULL "
        f"UNION ALL SELECT {DAY}, address, {_changes(RECEIVED, BOTH)} "
        "FROM changed, unnest(received_by) AS address"
    )
    concerned = (
        f"SELECT {DAY}, domain, {_changes(CONCERNED, CONCERNED)} FROM changed, unnest(domains) AS domain"
    )
    return text(
        f"WITH changed AS MATERIALIZED ({changes}), "
        f"domains_counted AS ({_upsert('domain_days', 'domain', CONCERNED, concerned)}) "
        f"{_upsert('address_days', 'address', BOTH, addresses)}"
    )


OPEN = f"{DAY} >= coalesce((SELECT max(before) FROM closed_days), '-infinity')"
REPLACED = (
    f"SELECT {_needed()}, 1 AS sign FROM incoming_messages coming WHERE {OPEN} OR EXISTS "
    "(SELECT 1 FROM messages old WHERE (old.id, old.first_seen) = (coming.id, coming.first_seen) "
    "AND old.first_seen BETWEEN :first AND :last) UNION ALL "
    f"SELECT {_needed('old.')}, -1 FROM incoming_messages coming "
    "JOIN messages old USING (id, first_seen) WHERE old.first_seen BETWEEN :first AND :last"
)
GONE = (
    f"SELECT {_needed()}, -1 AS sign FROM messages "
    f"WHERE id = ANY(:ids) AND first_seen = ANY(:times) AND {OPEN}"
)
REPLACE = counting(REPLACED)
DELETE = counting(GONE)


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction counts; held until the end of this one."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def count_incoming(connection: Connection, span: Span) -> None:
    """Count what stands in incoming_messages and no longer the rows it will replace; before these are
    replaced."""
    connection.execute(REPLACE, {**span})


def uncount(connection: Connection, names: dict[str, Any]) -> None:
    """No longer count the messages with these `ids` and `times` (of their first lines); before they are
    deleted."""
    connection.execute(DELETE, names)


def close_days(connection: Connection, cutoff: datetime) -> None:
    """The days before the cutoff (a UTC midnight) no longer have all their messages: keep what is counted of
    them."""
    connection.execute(
        text(
            "INSERT INTO closed_days (name, before) VALUES ('messages', :day) "
            "ON CONFLICT (name) DO UPDATE SET before = greatest(closed_days.before, excluded.before)"
        ),
        {"day": cutoff.date()},
    )


STRAYS = (
    "day < :cutoff AND EXISTS (SELECT 1 FROM mailboxes) AND address NOT IN "
    "(SELECT username FROM mailboxes UNION ALL SELECT counted_as FROM mailbox_aliases)"
)
FOLD = text(
    _upsert(
        "address_days",
        "address",
        BOTH,
        f"SELECT day, '@' || split_part(address, '@', 2), {', '.join(BOTH)} FROM address_days WHERE "
        f"{STRAYS} AND "
        "'@' || split_part(address, '@', 2) IN (SELECT counted_as FROM mailbox_aliases WHERE is_catch_all)",
    )
)


def forget(connection: Connection, cutoff: datetime, oldest: datetime) -> int:
    """Remove counts before `oldest`, and before `cutoff` those of addresses that never were one of ours (with
    a catch-all they are added to its own); returns how many."""
    names = {"cutoff": cutoff.date(), "oldest": oldest.date()}
    connection.execute(FOLD, {"cutoff": names["cutoff"]})
    removed = connection.execute(
        text(f"DELETE FROM address_days WHERE day < :oldest OR {STRAYS}"), names
    ).rowcount
    for table in ("domain_days", "mailbox_sizes"):
        removed += connection.execute(
            text(f"DELETE FROM {table} WHERE day < :oldest"), {"oldest": names["oldest"]}
        ).rowcount
    return removed
