"""The simulated server at a moment: its log lists, mail queue, quarantine and bans."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import cast, kept
from .scene import Mail, Row, Scene, Story
from .traffic import Event, Traffic

RSPAMD_RING, AUTODISCOVER_RING, QUARANTINE_KEEPS = 1000, 101, 300
LISTS = (
    *("postfix", "rspamd-history", "netfilter", "dovecot", "sogo", "autodiscover", "api", "acme", "watchdog"),
    *("ratelimited", "ui", "sasl", "cron"),
)


def stamped(name: str, row: Row, at: float) -> Row:
    """The row with its time in the list's own form."""
    if name in ("postfix", "dovecot", "sogo", "acme", "watchdog"):
        return {"time": str(int(at)), **row}
    if name == "rspamd-history":
        return {**row, "unix_time": int(at - row["time_real"])}
    if name == "sasl":
        return {**row, "datetime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))}
    return {"time": round(at) if name == "netfilter" else int(at), **row}


@dataclass
class Held:
    """A mail in the queue: why each address waits, and the story it belongs to."""

    mail: Mail
    reasons: dict[str, str]
    scene: int
    queue: str = "deferred"

    def entry(self) -> Row:
        return {
            "queue_name": self.queue,
            "queue_id": self.mail.queue_id,
            "arrival_time": int(self.mail.clock + self.mail.entered()),
            "message_size": self.mail.size,
            "forced_expire": False,
            "sender": self.mail.sender or "MAILER-DAEMON",
            "recipients": [f"{address} ({reason})" for address, reason in self.reasons.items()],
        }


@dataclass
class Kept:
    """A mail in the quarantine, for one mailbox."""

    number: int
    mail: Mail
    row: Row
    rcpt: str
    created: int

    def entry(self) -> Row:
        return {
            "id": self.number,
            "qid": self.mail.queue_id,
            "subject": self.mail.subject,
            "virus_flag": 0,
            "score": round(self.row["score"], 2),
            "rcpt": self.rcpt,
            "sender": self.mail.sender,
            "action": self.row["action"],
            "created": self.created,
            "notified": self.number % 2,
        }

    def whole(self) -> Row:
        found = self.row["symbols"].values()
        symbols = [
            {"name": one["name"], "score": one["score"], "options": one.get("options", [])} for one in found
        ]
        return {
            **self.entry(),
            "ip": self.mail.client.ip,
            "user": self.row["user"],
            "domain": self.rcpt.partition("@")[2],
            "symbols": json.dumps(symbols),
            "fuzzy_hashes": "[]",
            "qhash": f"{self.number:064x}",
            "msg": kept.text_of(self.mail, self.rcpt, self.number, self.created),
        }


class State:
    """Everything a reader of the API can see. All methods are safe to call from several threads.

    `clock` gives the current time in epoch seconds; `history` is in hours.
    """

    def __init__(
        self,
        seed: int = 1,
        rate: float = 20.0,
        history: float = 24.0,
        ring: int = 10_000,
        long_ids: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock, self.lock = clock, threading.RLock()
        now = clock()
        self.traffic = Traffic(seed, now - history * 3600, now, rate, ring, long_ids)
        special = {"rspamd-history": min(ring, RSPAMD_RING), "autodiscover": AUTODISCOVER_RING}
        # Newest first, each row already as JSON.
        self.lists: dict[str, deque[str]] = {name: deque(maxlen=special.get(name, ring)) for name in LISTS}
        self.queue: dict[str, Held] = {}
        self.quarantine: dict[int, Kept] = {}
        self.bans: dict[str, tuple[str, float]] = {}
        self.next_item, self.next_ui = 1, 1
        self.unbanning: set[str] = set()
        self.advance()

    def advance(self) -> float:
        """Let happen what is due; returns the current time."""
        with self.lock:
            now = self.clock()
            for event in self.traffic.until(now):
                self._happen(event)
            return now

    def write(self, name: str, row: Row, at: float) -> None:
        """Add a row to a log list."""
        with self.lock:
            if name == "ui":
                row = {"id": self.next_ui, **row}
                self.next_ui += 1
            if name == "sasl":
                self._forget_login(row)
            self.lists[name].appendleft(json.dumps(stamped(name, row, at), ensure_ascii=False))

    def tell(self, story: Callable[[Scene], Story]) -> None:
        """Begin a story now, as an administrator's action does."""
        with self.lock:
            self.traffic.add(story, self.clock())
            self.advance()

    def _forget_login(self, row: Row) -> None:
        triple = (row["service"], row["real_rip"], row["username"])
        logins = self.lists["sasl"]
        for text in [
            text
            for text in logins
            if triple == tuple(json.loads(text)[key] for key in ("service", "real_rip", "username"))
        ]:
            logins.remove(text)

    def _happen(self, event: Event) -> None:
        row: dict[str, Any] = event.row
        if event.list in self.lists:
            self.write(event.list, row, event.at)
        elif event.list == "queue":
            self.queue[row["mail"].queue_id] = Held(row["mail"], row["reasons"], event.scene)
        elif event.list == "unqueue":
            self.queue.pop(row["queue_id"], None)
        elif event.list == "quarantine":
            self._keep(row["mail"], row["row"], event.at)
        elif event.list == "release":
            for number in [
                item.number for item in self.quarantine.values() if item.mail.queue_id == row["queue_id"]
            ]:
                del self.quarantine[number]
        elif event.list == "ban":
            self.bans[row["network"]] = (row["ip"], event.at + row["seconds"])
        elif event.list == "unban":
            self.bans.pop(row["network"], None)
            self.unbanning.discard(row["network"])

    def _keep(self, mail: Mail, row: Row, at: float) -> None:
        for address in dict.fromkeys(target.to for target in mail.targets if target.to in cast.MAILBOXES):
            self.quarantine[self.next_item] = Kept(self.next_item, mail, row, address, int(at))
            self.next_item += 1
        while len(self.quarantine) > QUARANTINE_KEEPS:
            del self.quarantine[next(iter(self.quarantine))]
