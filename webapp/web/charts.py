"""Geometry of charts, in a drawing 100 units high. Pure; the templates only draw."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

HEIGHT, WIDTH = 100.0, 1440.0
THINNEST = 1.0  # units: what is there is seen
STEPS = (1, 1.5, 2, 3, 4, 6, 8, 10)  # of an axis
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
    """A stacked column chart; `top` is the value at its upper edge."""

    top: int
    columns: list[Column]


def scale_top(most: int) -> int:
    """The smallest of 1, 2, 3, 4, 6, 8, 10, 15, 20, 30 ... that is not below `most`: STEPS times a power of
    ten."""
    unit = 1
    while most > STEPS[-1] * unit:
        unit *= 10
    return next(int(step * unit) for step in STEPS if step * unit >= most and step * unit % 1 == 0)


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


class Line(NamedTuple):
    """A line over time in a drawing 1,440 units wide; `top` is the value at its upper edge. It is in several
    pieces where values are missing."""

    top: int
    pieces: list[str]


def line(values: Sequence[tuple[datetime, float]], start: datetime, end: datetime, apart: timedelta) -> Line:
    """The line through values between two moments; those further than `apart` from each other are not
    joined."""
    top = scale_top(max((ceil(value) for _, value in values), default=0))
    pieces: list[list[str]] = []
    before: datetime | None = None
    for at, value in values:
        if before is None or at - before > apart:
            pieces.append([])
        before = at
        x = WIDTH * max((at - start) / (end - start), 0.0)
        pieces[-1].append(f"{x:.0f},{HEIGHT - HEIGHT * value / top:.1f}")
    return Line(top, [" ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces])
