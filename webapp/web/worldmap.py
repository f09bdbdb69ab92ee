"""A small map of the world with a circle for each country, as large as its number asks. Pure; the template
only draws.
"""

from collections.abc import Iterable
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

from webapp.web.centroids import CENTROIDS
from webapp.web.coastline import outlines
from webapp.web.countries import country_name

SCALE = 2.5  # units a degree, in both directions
WEST, NORTH, SOUTH = -180, 84, -56  # the edges, in degrees
WIDTH, HEIGHT = int(360 * SCALE), int((NORTH - SOUTH) * SCALE)
SMALLEST, LARGEST = 4.0, 26.0  # radii in units; a circle's area tells its number


class Circle(NamedTuple):
    """One country: the middle of its circle, its radius in units, its name and its number."""

    x: float
    y: float
    radius: float
    name: str
    number: int


class WorldMap(NamedTuple):
    """The map: size, the land as an SVG path, and the circles, the largest first so that none is hidden."""

    width: int
    height: int
    land: str
    circles: list[Circle]


def world_map(counts: Iterable[tuple[str | None, int]]) -> WorldMap:
    """The map of (country's code, number); a country without a place of its own is left out."""
    known = [(code, count) for code, count in counts if code in CENTROIDS and count > 0]
    most = max((count for _, count in known), default=1)
    circles = [_circle(code, count, most) for code, count in known if code]
    return WorldMap(WIDTH, HEIGHT, land(), sorted(circles, key=lambda circle: -circle.radius))


def _circle(code: str, count: int, most: int) -> Circle:
    north, east = CENTROIDS[code]
    x, y = place(east, north)
    radius = max(SMALLEST, LARGEST * sqrt(count / most))
    return Circle(x, y, round(radius, 1), country_name(code) or code, count)


def place(east: float, north: float) -> tuple[float, float]:
    """Degrees as units of the drawing; what lies north or south of the edges is put on them."""
    bounded = min(max(north, SOUTH), NORTH)
    return round((east - WEST) * SCALE, 1), round((NORTH - bounded) * SCALE, 1)


@lru_cache(maxsize=1)
def land() -> str:
    """All land as one SVG path."""
    return " ".join(_path(outline) for outline in outlines())


def _path(outline: list[tuple[float, float]]) -> str:
    points = (place(east, north) for east, north in outline)
    return f"M{'L'.join(f'{x:g} {y:g}' for x, y in points)}Z"
