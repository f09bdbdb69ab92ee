"""All figures of the dashboard from one set of counts, so that they agree with each other and with the
list."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.parse.words import FAILED, JUNK, UNDELIVERABLE, Outcome
from webapp.tables.db import now, plan_anew, utc

CUBE = "dashboard:cube"  # under which name it is cached
FRESH = 60  # seconds; an import that changes messages clears it sooner
SPANS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
WINDOWS = (
    24,
    48,
    24 * 7,
    24 * 14,
    24 * 30,
    24 * 60,
)  # hours before now; the second of each pair is the span before


@dataclass(frozen=True, slots=True)
class Cell:
    """So many messages of one hour and one age class that share their direction, status, verdict and
    outcomes."""

    hour: float
    window: int
    direction: str | None
    status: str | None
    is_spam: bool
    outcomes: tuple[str, ...]
    count: int

    @property
    def spam(self) -> bool:
        """As the list's filter status=spam finds it."""
        return self.is_spam or self.status == Outcome.SPAM

    @property
    def failed(self) -> bool:
        """As the list's filter status=failed finds it."""
        return any(word in self.outcomes for word in UNDELIVERABLE)

    @property
    def blocked(self) -> bool:
        """Bounced, rejected or spam."""
        return self.spam or self.has(Outcome.BOUNCED) or self.has(Outcome.REJECTED)

    def has(self, word: str) -> bool:
        """As the list's filter of that status finds it."""
        return self.status == word or (self.status == Outcome.MIXED and word in self.outcomes)

    def found_by(self, status: str) -> bool:
        """As the list's filter `status` finds it."""
        if status == FAILED:
            return self.failed
        return self.spam if status == Outcome.SPAM else self.has(status) or self.word == status

    @property
    def word(self) -> str:
        """The word for a chart; `junk` where it was delivered as spam, `pending` without an outcome."""
        return JUNK if self.status == Outcome.SPAM else self.status or Outcome.PENDING


@dataclass(frozen=True)
class CubeRecord:
    """The cells as Redis keeps them: a list for each, because there may be tens of thousands."""

    taken_at: datetime
    cells: list[Any]


@dataclass(frozen=True)
class Cube:
    """The counted messages of the last 60 days as of `taken_at`."""

    taken_at: datetime
    cells: tuple[Cell, ...]

    @cached_property
    def classes(self) -> tuple[Cell, ...]:
        """The same cells, those together that only their hours tell apart: far fewer."""
        found: Counter[tuple[int, str | None, str | None, bool, tuple[str, ...]]] = Counter()
        for cell in self.cells:
            found[cell.window, cell.direction, cell.status, cell.is_spam, cell.outcomes] += cell.count
        return tuple(Cell(0, *alike, count) for alike, count in found.items())

    def count(self, span: str, wanted: Callable[[Cell], bool] = lambda _: True, before: bool = False) -> int:
        """Messages of the last 24h, 7d or 30d that are wanted; with `before`, of the span of that length
        before."""
        length = list(SPANS).index(span) * 2
        inside, upper = WINDOWS[length], WINDOWS[length + 1]
        if before:
            return sum(
                cell.count for cell in self.classes if inside < WINDOWS[cell.window] <= upper and wanted(cell)
            )
        return sum(cell.count for cell in self.classes if WINDOWS[cell.window] <= inside and wanted(cell))

    def within(self, span: str) -> "Cube":
        """The same without what lies before the span."""
        hours = WINDOWS[list(SPANS).index(span) * 2]
        return Cube(self.taken_at, tuple(cell for cell in self.cells if WINDOWS[cell.window] <= hours))

    def since(self, span: str) -> datetime:
        """The first moment of a span."""
        return self.taken_at - SPANS[span]

    def bars(
        self, starts: Sequence[datetime], name: Callable[[Cell], Iterable[str]]
    ) -> list[tuple[datetime, Counter[str]]]:
        """A bar for each start (a whole hour) up to the next one, with the counts under the names that `name`
        gives a cell."""
        bars: list[tuple[datetime, Counter[str]]] = [(start, Counter()) for start in starts]
        for cell in self.cells:
            place = bisect_right(starts, utc(cell.hour)) - 1
            if place >= 0:
                for word in name(cell):
                    bars[place][1][word] += cell.count
        return bars


# what this process built last, and of what
_built_last: dict[str, tuple[CubeRecord, Cube]] = {}


def cube(session: Session) -> Cube:
    """The cube, at most a minute old."""
    kept = cache.cached(CUBE, FRESH, lambda: _count(session), CubeRecord)
    record, built = _built_last.get("", (None, None))
    if built is None or record != kept:  # three cards of a page ask for it
        cells = (
            Cell(hour, window, direction, status, spam, tuple(outcomes), n)
            for hour, window, direction, status, spam, outcomes, n in kept.cells
        )
        built = Cube(kept.taken_at, tuple(cells))
        _built_last[""] = kept, built
    return built


def _count(session: Session) -> CubeRecord:
    """Whole hours as they are kept; those in which an age class ends, and the running one, from their
    messages."""
    moment = now().replace(microsecond=0)
    edges = {
        edge.replace(minute=0, second=0)
        for edge in (moment, *(moment - timedelta(hours=hours) for hours in WINDOWS))
    }
    plan_anew(session.connection())
    rows = session.execute(
        COUNTED, {"now": moment, "oldest": moment - timedelta(hours=WINDOWS[-1]), "edges": sorted(edges)}
    ).all()
    return CubeRecord(moment, [list(row) for row in rows])


def _age_class(clock: str) -> str:
    classes = " ".join(
        f"WHEN {clock} >= :now - interval '{hours} hours' THEN {number}"
        for number, hours in enumerate(WINDOWS[:-1])
    )
    return f"CASE {classes} ELSE {len(WINDOWS) - 1} END"


COUNTED = text(
    f"SELECT extract(epoch FROM hour)::bigint, {_age_class('hour')}, nullif(direction, ''), "
    f"nullif(final_status, ''), is_spam, outcomes, "
    "n FROM message_hours WHERE hour BETWEEN :oldest AND :now AND hour <> ALL(:edges) AND n > 0 UNION ALL "
    f"SELECT extract(epoch FROM edge)::bigint, {_age_class('first_seen')}, direction, final_status, is_spam, "
    f"outcomes, count(*) "
    "FROM unnest(CAST(:edges AS timestamptz[])) AS edge JOIN messages ON first_seen >= edge AND first_seen < "
    "edge + interval '1 hour' "
    "WHERE first_seen BETWEEN :oldest AND :now GROUP BY 1, 2, 3, 4, 5, 6"
)
