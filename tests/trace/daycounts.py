"""The counts by account, address, domain and day, counted once more in plain Python from messages and
deliveries."""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import Connection, text

from webapp.tables.messages import DOMAINS, RECEIVED_BY

FAILED = {"bounced", "deferred", "rejected", "expired"}
MESSAGES = f"SELECT *, {RECEIVED_BY} AS got, {DOMAINS} AS concerned FROM messages".format(message="")


def miscounted_days(connection: Connection) -> dict[Any, Any]:
    """(day, address or domain) -> (kept, counted anew), where the two differ; there must be none."""
    people = defaultdict(list)
    for row in connection.execute(text("SELECT * FROM deliveries")):
        people[row.message_id, row.message_time].append(row)
    counted: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    for message in connection.execute(text(MESSAGES)):
        _count(counted, message, people[message.id, message.first_seen])
    kept = {}
    for table, key in (("address_days", "address"), ("domain_days", "domain")):
        for row in connection.execute(text(f"SELECT * FROM {table}")).mappings():
            figures = {name: n for name, n in row.items() if name not in ("day", key) and n}
            if figures:
                kept[table, row["day"], row[key]] = figures
    fresh = {key: {name: n for name, n in figures.items() if n} for key, figures in counted.items()}
    return {
        key: (kept.get(key), fresh.get(key))
        for key in kept.keys() | fresh.keys()
        if kept.get(key) != fresh.get(key)
    }


def _worst(people: list[Any]) -> Counter[str]:
    """How many envelope recipients have each outcome, by the worst of an alias's targets."""
    told = defaultdict(set)
    for person in people:
        told[(person.orig_to or person.recipient).strip("<>").replace('"', "").lower()].add(person.status)
    order = ("bounced", "expired", "rejected", "deferred", "discarded", "delivered")
    return Counter(next(word for word in order if word in words) for words in told.values())


def _count(counted: dict[Any, Counter[str]], message: Any, people: list[Any]) -> None:
    outcomes, words = _worst(people), {person.status for person in people}
    if not people and message.final_status in ("rejected", "discarded"):
        outcomes, words = Counter([message.final_status]), {message.final_status}
    day, way, spam = (
        message.first_seen.date(),
        message.direction,
        message.is_spam or message.final_status == "spam",
    )
    if message.account:
        cell = counted["address_days", day, message.account]
        cell.update(["messages_sent", f"{way}_sent"] if way else ["messages_sent"])
        cell["sent_total"] += sum(outcomes.values())
        for word, n in outcomes.items():
            cell[f"sent_{word}"] += n
        cell.update(f"with_{word}" for word in words if word != "discarded")
        cell["with_failed"] += not FAILED.isdisjoint(words)
    for address in message.got:
        cell = counted["address_days", day, address]
        cell.update(["received_total", f"{way}_received"] if way else ["received_total"])
        cell["spam_received"] += bool(spam)
    for domain in message.concerned:
        cell = counted["domain_days", day, domain]
        at_home = message.account is not None and message.account.rpartition("@")[2] == domain
        if way:
            cell["internal" if way == "outbound" and not at_home else way] += 1
        cell.update(word for word in ("delivered", "bounced", "deferred", "rejected") if word in words)
        cell["spam"] += bool(spam)
