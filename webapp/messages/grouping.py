"""By what messages can be grouped: for each way its words, its SQL, and the filter that finds one group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from webapp.lists.conditions import literal
from webapp.messages import exact
from webapp.messages.filter import MessageFilter
from webapp.messages.reasons import FAILURE, REASON, REASONS
from webapp.parse.address import address_key, bare_address, full_address

EPOCH = "timestamptz '2000-01-01Z'"  # date_bin takes a quarter of the time of date_trunc in a time zone
Values = dict[str, Any]


class Carried(NamedTuple):
    """Columns that counted messages keep: their SQL and their names."""

    select: str
    names: str

    @property
    def places(self) -> str:
        """Their places and that of one column before them: a name would mean the column of the table."""
        return ", ".join(str(place) for place in range(1, self.names.count(",") + 3))


Cells = Callable[[Carried, str], str]
Only = Callable[[Sequence[str], Values], str]


def _counted(source: str, carried: Carried, where: str) -> str:
    """Messages with the same `source` counted together, before anything is worked out of it."""
    return (
        f"(SELECT {source} AS source, {carried.select}, count(*) AS n, sum(recipient_count) AS recipients, "
        f"max(first_seen) AS last_seen, NULL::text AS reply FROM messages WHERE {where} "
        f"GROUP BY {carried.places}) AS counted"
    )


def _of_one(source: str, key: str) -> Cells:
    """Cells of messages that have one group each; `key` is SQL over `source`."""
    return lambda carried, where: (
        f"SELECT {key} AS key, {carried.names}, n, recipients, last_seen, reply "
        f"FROM {_counted(source, carried, where)}"
    )


# what is left of a lone address makes as few cells as there are domains, not as many as there are addresses
LONE_DOMAIN = (
    "CASE WHEN recipient_text LIKE '%@%' AND strpos(recipient_text, E'\\n') = 0 "
    "THEN '@' || split_part(recipient_text, '@', -1) ELSE recipient_text END"
)


def _of_recipients(key: str, source: str = "recipient_text") -> Cells:
    """Cells of messages that have a group for each of their recipients; `key` is SQL over `address`."""
    return lambda carried, where: (
        f"SELECT key, {carried.names}, n, n * addresses AS recipients, last_seen, reply "
        f"FROM {_counted(source, carried, where)} CROSS JOIN LATERAL "
        f"(SELECT {key} AS key, count(*) AS addresses FROM unnest({exact.addresses_in('source')}) AS address "
        "GROUP BY 1) AS each_group"
    )


def _of_failures(carried: Carried, where: str) -> str:
    """Cells of messages by why their recipients did not get them; a message counts once for each reason."""
    matching = (
        f"(SELECT id, first_seen, {carried.select} FROM messages WHERE final_status <> 'delivered' "
        f"AND {where}) AS matching"
    )
    failed = (
        f"(SELECT {REASON} AS reason, id, first_seen, {carried.names}, count(*) AS people, "
        f"max(response) AS said FROM {matching} "
        f"JOIN deliveries ON message_id = id AND message_time = first_seen WHERE {FAILURE} "
        f"GROUP BY reason, id, first_seen, {carried.names}) AS failed"
    )
    return (
        f"SELECT reason AS key, {carried.names}, count(*) AS n, sum(people) AS recipients, "
        f"max(first_seen) AS last_seen, max(said) AS reply FROM {failed} GROUP BY reason, {carried.names}"
    )


def _all_groups(_chosen: MessageFilter, _values: Values) -> str:
    return "key <> ''"


def _among_recipients(chosen: MessageFilter, values: Values) -> str:
    """Of a message's recipients only those that the filter names."""
    if chosen.recipient is None:
        return "key <> ''"
    if whole := exact.bracketed(chosen.recipient) or full_address(chosen.recipient):
        values["among"] = whole
        return "key = :among"
    values["among"] = f"%{literal(bare_address(chosen.recipient))}%"
    return "key LIKE :among"


def _among_destinations(chosen: MessageFilter, values: Values) -> str:
    if chosen.recipient_domain is None:
        return "key <> ''"
    values["among"] = exact.domain_only(chosen.recipient_domain)
    return "key = :among"


def _among_reasons(chosen: MessageFilter, _values: Values) -> str:
    return f"key = '{chosen.reason}'" if chosen.reason else "true"


def _hour(key: str, chosen: MessageFilter) -> Mapping[str, str]:
    """The part of an hour that lies in the filter's period."""
    first = datetime.fromisoformat(key)
    last = first + timedelta(hours=1, microseconds=-1)
    start = max(first, chosen.start_date or first)
    end = min(last, chosen.end_date or last)
    return {"start_date": _moment(start), "end_date": _moment(end)}


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _by_accounts(keys: Sequence[str], values: Values) -> str:
    values["only"] = list(keys)
    return "account = ANY(:only)"


def _by_sender_keys(keys: Sequence[str], values: Values) -> str:
    values.update(only=list(keys), only_keys=[address_key(key) for key in keys])
    return (
        "(sender_key = ANY(CAST(:only_keys AS bigint[])) "
        f"OR sender_key IS NULL AND {exact.SENDER} = ANY(:only))"
    )


def _by_recipient_keys(keys: Sequence[str], values: Values) -> str:
    values["only"] = [address_key(key) for key in keys]
    return "(recipient_key = ANY(CAST(:only AS bigint[])) OR recipient_keys && CAST(:only AS bigint[]))"


def _any(_keys: Sequence[str], _values: Values) -> str:
    return "true"


def _same(key: str) -> str:
    return key


@dataclass(frozen=True)
class Grouping:
    """One way to group.

    `cells` is SQL of counted messages: their group's `key`, the columns carried, how many they are (`n`),
    their `recipients`, the time of the last one and one `reply`. `among` is SQL by which of a message's
    several groups only those stay that the filter itself names. `link` gives the query parameters that find
    a group's messages. Usual levels are kept by `usual_sql` over `key`, and found by `usual_key`. `rule` says
    which messages have such a group, where not all have. `only` is SQL of messages among which are all those
    of some groups, where an index knows them. Where none does and its groups are few, each is `counted_daily`
    in the statement that counts it: its usual level then needs no second reading of all messages.
    """

    one: str
    a_one: str
    head: str
    cells: Cells
    link: Callable[[str, MessageFilter], Mapping[str, str]]
    among: Callable[[MessageFilter, Values], str] = _all_groups
    order: str = "-messages"
    usual_sql: str = "key"
    usual_key: Callable[[str], str] = _same
    usual_words: str = "a day"
    only: Only = _any
    rule: str = ""
    counted_daily: bool = False


GROUPINGS: Mapping[str, Grouping] = {
    "accounts": Grouping(
        "account",
        "an account",
        "Account",
        _of_one("account", "source"),
        lambda key, _: {"account": key},
        rule="Only mail that one of your accounts sent has one.",
        only=_by_accounts,
    ),
    "senders": Grouping(
        "sender",
        "a sender",
        "Sender",
        _of_one("sender", exact.SENDER.replace("sender", "source")),
        lambda key, _: {"sender": f"<{key}>"},
        lambda _chosen, _values: "key IS NOT NULL",
        only=_by_sender_keys,
    ),
    "recipients": Grouping(
        "recipient",
        "a recipient",
        "Recipient",
        _of_recipients("address"),
        lambda key, _: {"recipient": f"<{key}>"},
        _among_recipients,
        only=_by_recipient_keys,
    ),
    "domains": Grouping(
        "domain",
        "a domain",
        "Sender's domain",
        _of_one(exact.domain_of("lower(sender)"), "source"),
        lambda key, _: {"sender_domain": key},
        counted_daily=True,
    ),
    "destinations": Grouping(
        "destination",
        "a destination",
        "Recipient's domain",
        _of_recipients(exact.domain_of("address"), LONE_DOMAIN),
        lambda key, _: {"recipient_domain": key},
        _among_destinations,
        counted_daily=True,
    ),
    "reasons": Grouping(
        "reason",
        "a reason",
        "Why it was not delivered",
        _of_failures,
        lambda key, _: {"reason": key},
        _among_reasons,
        rule="Only mail that was bounced, deferred, rejected or has expired has one.",
    ),
    "hours": Grouping(
        "hour",
        "an hour",
        "Hour",
        _of_one(f"date_bin('1 hour', first_seen, {EPOCH})", "source"),
        _hour,
        lambda _chosen, _values: "true",
        "-group",
        "to_char(key AT TIME ZONE 'UTC', 'HH24')",
        lambda key: key[11:13],
        "in this hour of a day",
    ),
}


def words_of(by: str, key: str) -> str:
    """A group's name for people: a reason in words, the null sender as `<>`, all others as they are."""
    return REASONS[key].label if by == "reasons" else key or "<>"
