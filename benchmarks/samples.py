"""What the requests ask for: values taken from the filled database at fixed places, so that every run asks
the same."""

from dataclasses import dataclass
from urllib.parse import quote_plus

from benchmarks.place import FILLED, Place

COMMON = (
    "invoice",
    "order",
    "rechnung",
    "bestellung",
    "user1",
    "person",
    "example",
    "lists.example",
    "werft",
    "catalogue",
)
SHORT = (
    "inv",
    "ord",
    "usr",
    "ser",
    "rso",
    "ers",
    "lis",
    "boa",
    "sch",
    "dev",
    "ter",
    "ang",
    "rea",
    "com",
    "mee",
)
KEY = (
    "coalesce(correlation_key, encode(sha256(convert_to("
    "concat_ws(' ', 'queue', queue_id, extract(epoch FROM first_seen)::bigint), 'UTF8')), 'hex'))"
)


@dataclass
class Samples:
    """Stored values by kind."""

    found: dict[str, list[str]]

    def values(self, n: int) -> dict[str, str]:
        """What the n-th request of a kind asks for, ready to stand in a URL.

        `rare` stands in one mail, the beginning of its Message-ID; `none` is made of common pieces but stands
        nowhere; `common` stands in very many mails; `short` has three characters; `since` is before all of
        them.
        """
        taken = {name: values[n % len(values)] if values else "none" for name, values in self.found.items()}
        rare = taken.pop("message_id").strip("<>").partition("@")[0]
        made = {
            "rare": rare,
            "none": f"invoice{n}@nowhere{n}.invalid",
            "common": COMMON[n % len(COMMON)],
            "short": SHORT[n % len(SHORT)],
            "limit": str(50 + n % 3),
            "page": str(100 + n % 10),
            "since": f"2020-01-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z",
        }
        return {name: quote_plus(value) for name, value in {**taken, **made}.items()}


def take(place: Place, count: int) -> Samples:
    """`count` values of each kind, spread over all stored time."""
    start, end = place.span
    step = (end - start) / count

    def column(name: str, table: str = "messages", clock: str = "first_seen") -> list[str]:
        rows = (
            place.query(
                FILLED,
                f"SELECT {name} FROM {table} WHERE {clock} >= to_timestamp({start + n * step}) AND {name} <> "
                f"'' "
                f"ORDER BY {clock} LIMIT 1",
            )
            for n in range(count)
        )
        return [row[0][0] for row in rows if row]

    return Samples(
        {
            "message_id": column("message_id"),
            "sender": column("sender"),
            "recipient": column("recipients[1]"),
            "ip": column("ip"),
            "queue_id": column("queue_id"),
            "key": column(KEY),
            "attacker": column("ip", "netfilter_logs", "time"),
        }
    )
