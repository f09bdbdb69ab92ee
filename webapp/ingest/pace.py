"""How often to look, so that a small ring never overflows between two looks; kept in Redis between runs.

mailcow keeps the newest rows only (10,000 of Postfix, 1,000 of Rspamd, or as the administrator has set).
Where the fastest second of late, three times over, could fill the ring before the next regular look, looks
are made sooner.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from webapp import cache

KEPT_SECONDS = 86400
SAFETY = 3
MEMORY = 600  # seconds for which a fast second is remembered
SHORTEST_PAUSE = 0.2  # seconds
AMPLE = 10_000  # rows; a ring of this size needs no watching at ordinary rates


@dataclass
class Pace:
    """`capacity`: rows that the list is known to hold; `peak`: most rows in one second, seen at `peak_at`;
    `looked_at`: the last look (both Unix seconds by our clock)."""

    capacity: int = 0
    peak: int = 0
    peak_at: float = 0.0
    looked_at: float = 0.0

    def note(self, seconds: Iterable[int], length: int, now: float, is_new: bool = False) -> None:
        """Take in a look: the Unix seconds of the rows found, and how long the list is known to be.

        Where all of them came since a look a short while ago (`is_new`), they count whatever the server's
        clock shows; of a backlog, only the last minutes by our clock do.
        """
        self.capacity = max(self.capacity, length)
        if now - self.peak_at > MEMORY:
            self.peak = 0
        since = 0.0 if is_new and 0 <= now - self.looked_at <= MEMORY else now - MEMORY
        self.looked_at = now
        recent = Counter(second for second in seconds if second > since)
        fastest = max(recent.values(), default=0)
        if fastest and fastest >= self.peak:
            self.peak, self.peak_at = fastest, now

    def pause(self, regular: float) -> float | None:
        """Seconds until the next look has to be made; None where the regular interval is soon enough."""
        if not self.peak or not self.capacity:
            return None
        safe = self.capacity / (SAFETY * self.peak)
        return max(SHORTEST_PAUSE, safe) if safe < regular else None


def kept_pace(source: str) -> Pace:
    """The pace of one list as the last run left it."""
    return cache.fetch(_key(source), Pace) or Pace()


def keep_pace(source: str, pace: Pace) -> None:
    """Keep it for the next run."""
    cache.put(_key(source), pace, ttl=KEPT_SECONDS)


def _key(source: str) -> str:
    return f"pace:{source}"
