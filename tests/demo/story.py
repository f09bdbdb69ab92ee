"""A small reader of Postfix rows, only for these tests: what became of each message."""

import re
from dataclasses import dataclass, field

OWN = re.compile(r"([0-9A-F]{9,13}|[0-9A-Za-z]{10}z[0-9A-Za-z]{3,6}): (.*)", re.S)
DELIVERY = re.compile(r"to=<([^>]*)>.*? status=(\w+) (.*)", re.S)
REFUSED = re.compile(r"NOQUEUE: reject: RCPT from .*to=<([^>]*)>")


@dataclass
class NotedSign:
    """One message as the rows tell it."""

    first: int
    outcomes: dict[str, str] = field(default_factory=dict)
    message_id: str | None = None
    done: bool = False

    def final(self, junk: set[str]) -> str:
        words = set(self.outcomes.values())
        if len(words) != 1:
            return "mixed" if words else ""
        word = words.pop()
        return "spam" if word == "delivered" and self.message_id in junk else word


def read(rows: list[dict]) -> list[NotedSign]:
    """The messages of rows given oldest first, in the order in which they began."""
    told: list[NotedSign] = []
    by_id: dict[str, NotedSign] = {}
    for row in rows:
        text = row["message"]
        refused = REFUSED.match(text)
        if refused:
            told.append(NotedSign(int(row["time"]), {refused[1]: "rejected"}, done=True))
        own = OWN.match(text)
        if own:
            queue_id, rest = own.groups()
            if queue_id not in by_id or (
                by_id[queue_id].done and ("client=" in rest or "message-id=" in rest)
            ):
                by_id[queue_id] = NotedSign(int(row["time"]))
                told.append(by_id[queue_id])
            _note(by_id[queue_id], rest)
    return told


def _note(message: NotedSign, rest: str) -> None:
    delivery = DELIVERY.match(rest)
    if delivery:
        word = {"sent": "delivered"}.get(delivery[2], delivery[2])
        message.outcomes[delivery[1]] = "discarded" if delivery[1] == "null@localhost" else word
    elif "expired, returned" in rest:
        message.outcomes = {
            to: "expired" if word == "deferred" else word for to, word in message.outcomes.items()
        }
    elif rest.startswith(("milter-reject", "reject: RCPT")):
        message.outcomes[re.search(r"to=<([^>]*)>", rest)[1]] = "rejected"
    elif rest.startswith("message-id=<"):
        message.message_id = rest[len("message-id=<") :].rstrip(">")
    elif rest.startswith("removed"):
        message.done = True
