"""Geometry of charts, in a drawing 100 units high. Pure; the templates only draw."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

HEIGHT = 100.0
THINNEST = 1.0  # units: what is there is seen
LABELS = 8  # at most, under the columns
Bars = Sequence[tuple[datetime, Mapping[str, int]]]


class Part(NamedTuple):
    """One series' share of a column: its lower edges lie on the part below it."""

    name: str
    value: int
    y: float
    height: float


class Column(NamedTuple):
    """One span of time; `labelled` where its label has room under the chart, `minor` where it has none on a
    narrow one."""

    start: datetime
    end: datetime
    total: int
    parts: list[Part]
    labelled: bool
    minor: bool

    @property
    def last(self) -> datetime:
        """The last second in it: a period in an address holds both its ends."""
        return self.end - timedelta(seconds=1)


class Columns(NamedTuple):
    """A stacked column chart; `top` is the value at its upper edge, an even number."""

    top: int
    columns: list[Column]


def scale_top(most: int) -> int:
    """The smallest of 2, 4, 6, 8, 10, 20, 40 … that is not below `most`, so that half of it is whole too."""
    unit = 1
    while most > 10 * unit:
        unit *= 10
    return next(step * unit for step in (2, 4, 6, 8, 10) if step * unit >= most)


def stacked_columns(bars: Bars, end: datetime, series: Sequence[str], labels: int = LABELS) -> Columns:
    """The columns for (start, {series: count}), each ending where the next begins and the last at `end`."""
    top = scale_top(max((sum(counts.values()) for _, counts in bars), default=0))
    ends = [start for start, _ in bars[1:]] + [end]
    every = max(-(-len(bars) // labels), 1)
    return Columns(
        top,
        [
            Column(
                start,
                past,
                sum(counts.values()),
                _parts(counts, series, top),
                number % every == 0,
                number // every % 2 == 1,
            )
            for number, ((start, counts), past) in enumerate(zip(bars, ends, strict=False))
        ],
    )


def _parts(counts: Mapping[str, int], series: Sequence[str], top: int) -> list[Part]:
    parts, edge = [], HEIGHT
    for name in series:
        value = counts.get(name, 0)
        if value:
            height = round(max(HEIGHT * value / top, THINNEST), 2)
            edge = round(max(edge - height, 0.0), 2)
            parts.append(Part(name, value, edge, height))
    return parts
