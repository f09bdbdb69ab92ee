"""When which story happens: the flow of simulated mail, the same for the same seed and start."""

import heapq
import math
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import derived, inbound, noise, outbound, refused, trouble
from .scene import Row, Scene, Story

# Postfix rows that one message makes on average; sizes the history so that the ring holds it.
ROWS_PER_MESSAGE = 12.5
TAIL_MESSAGES = 48


class Entry(NamedTuple):
    """A story, how many messages it makes, how often it comes by chance, and after how many other messages it
    comes at the latest."""

    story: Callable[[Scene], Story]
    messages: int
    weight: float
    at_most: int = 10_000


PROGRAMME = (
    Entry(inbound.plain, 1, 18, 8),
    Entry(outbound.plain, 1, 12, 12),
    Entry(outbound.internal, 1, 5, 18),
    Entry(inbound.newsletter, 1, 4, 40),
    # every final outcome
    Entry(inbound.junk, 1, 1, 24),
    Entry(trouble.deferred, 1, 0.2, 24),
    Entry(trouble.bounced, 2, 0.5, 24),
    Entry(refused.unknown_user, 1, 1, 24),
    Entry(trouble.expired, 2, 0, 24),
    Entry(inbound.discarded, 1, 0.2, 24),
    Entry(trouble.mixed, 2, 0.2, 24),
    # ways in and out
    Entry(inbound.to_alias, 1, 3, 30),
    Entry(inbound.to_team, 1, 0.5, 70),
    Entry(inbound.to_alias_domain, 1, 1, 70),
    Entry(inbound.to_catch_all, 1, 1, 70),
    Entry(inbound.to_alias_outside, 1, 0.5, 80),
    Entry(inbound.over_ipv6, 1, 2, 50),
    Entry(inbound.without_message_id, 1, 0.5, 80),
    Entry(inbound.odd_message_id, 1, 0.5, 80),
    Entry(inbound.without_subject, 1, 0.5, 80),
    Entry(inbound.utf8_subject, 1, 2, 40),
    Entry(inbound.learned, 1, 0.3, 110),
    Entry(inbound.dropped_by_rule, 1, 0.3, 70),
    Entry(inbound.sorted_by_rule, 1, 0.3, 90),
    Entry(inbound.mailbox_full, 2, 0.2, 110),
    Entry(outbound.from_webmail, 1, 3, 40),
    Entry(outbound.internal_to_alias, 1, 0.5, 90),
    Entry(outbound.inside_and_outside, 1, 1, 70),
    Entry(outbound.mailing, 1, 0.3, 80),
    Entry(outbound.rate_limited, 1, 0.2, 110),
    Entry(outbound.from_cron, 1, 0.2, 150),
    # refused
    Entry(refused.blocked_by_list, 1, 2, 40),
    Entry(refused.spam, 1, 1, 40),
    Entry(refused.greylisted, 2, 1, 50),
    Entry(refused.one_of_two_unknown, 1, 0.3, 90),
    Entry(refused.colleague_mistyped, 1, 0.3, 110),
    Entry(refused.foreign_sender_address, 1, 0.2, 130),
    Entry(refused.relay_denied, 1, 0.3, 110),
    # made by mailcow itself
    Entry(derived.redirected, 2, 0.5, 70),
    Entry(derived.copied, 2, 0.5, 80),
    Entry(derived.answered, 2, 0.5, 80),
    Entry(derived.released, 2, 0.3, 90),
    # slow
    Entry(trouble.greylisted_there, 1, 0.6, 60),
    Entry(trouble.delayed, 2, 0.02, 200),
    Entry(trouble.retried_inside, 1, 0.1, 200),
    Entry(trouble.expired_by_admin, 2, 0.1, 250),
    Entry(trouble.notice_expired, 1, 0.1, 200),
    # no messages
    Entry(noise.hang_up, 0, 6, 20),
    Entry(noise.password_guesses, 0, 2, 60),
    Entry(noise.brute_force, 0, 0.2, 250),
    Entry(noise.brute_force_ipv6, 0, 0.2, 250),
    Entry(noise.strange_client, 0, 1, 90),
    Entry(noise.statistics, 0, 2, 40),
    Entry(noise.mail_program, 0, 6, 15),
    Entry(noise.housekeeping, 0, 3, 25),
    Entry(noise.aimed_guesses, 0, 0, 700),
)


class Event(NamedTuple):
    """A row that is written at a moment (epoch seconds); `scene` is the number of its story."""

    at: float
    order: int
    list: str
    row: Row
    scene: int


def day_and_night(moment: float) -> float:
    """How busy the hour is, 1 on average: most at 13:00 UTC, least at 01:00."""
    return 1 + 0.75 * math.cos((moment / 3600 % 24 - 13) * math.pi / 12)


class Traffic:
    """All events in order of time.

    From `start` to `live` at the pace at which `ring` rows hold the history, then with `rate` mails a minute.
    """

    def __init__(
        self, seed: int, start: float, live: float, rate: float, ring: int, long_ids: bool = False
    ) -> None:
        self.dice = random.Random(seed)
        self.rate, self.long_ids = rate, long_ids
        self.live = live - 60 * TAIL_MESSAGES / rate
        rows_of_tail = TAIL_MESSAGES * ROWS_PER_MESSAGE
        minutes = max((self.live - start) / 60, 1)
        self.past_rate = min(rate, max((ring - rows_of_tail) / ROWS_PER_MESSAGE / minutes, 0.05))
        self.next_start, self.number, self.written = start, 0, 0
        self.pending: list[Event] = []
        self.cancelled: set[int] = set()
        self.order = 0
        self.last = {entry.story: -self.dice.randrange(min(entry.at_most, 300)) for entry in PROGRAMME}

    def _choose(self) -> Entry:
        overdue = [(self.written - self.last[entry.story] - entry.at_most, entry) for entry in PROGRAMME]
        late, entry = max(overdue, key=lambda pair: pair[0])
        if late < 0:
            entry = self.dice.choices(PROGRAMME, [one.weight for one in PROGRAMME])[0]
        return entry

    def _begin_story(self) -> None:
        entry, at = self._choose(), self.next_start
        self.written += entry.messages
        self.last[entry.story] = self.written
        self.add(entry.story, at)
        pace = self.rate if at >= self.live else self.past_rate * day_and_night(at)
        gap = min(self.dice.expovariate(1.0), 4.0) * 60 / pace * entry.messages
        self.next_start += gap or self.dice.uniform(0, 1.0)
        if at < self.live < self.next_start:
            self.next_start = self.live

    def add(self, story: Callable[[Scene], Story], at: float) -> int:
        """Put a story's rows on the timetable; returns its number."""
        self.number += 1
        patience = min(max(2700.0, 3600.0 / self.rate), 9000.0)
        scene = Scene(random.Random(self.dice.getrandbits(64)), at, self.long_ids, patience, self.number)
        for offset, name, row in story(scene):
            self.order += 1
            moment = at + offset + scene.dice.uniform(0, 0.03)
            heapq.heappush(self.pending, Event(moment, self.order, name, row, self.number))
        return self.number

    def until(self, moment: float) -> Iterator[Event]:
        """The events up to a moment that have not been told yet, oldest first."""
        while True:
            if self.next_start <= moment and (not self.pending or self.next_start <= self.pending[0].at):
                self._begin_story()
            elif self.pending and self.pending[0].at <= moment:
                event = heapq.heappop(self.pending)
                if event.scene not in self.cancelled:
                    yield event
            else:
                return

    def cancel(self, scene: int) -> None:
        """Nothing more happens in a story."""
        self.cancelled.add(scene)
