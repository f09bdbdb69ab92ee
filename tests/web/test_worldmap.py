"""The map of the world: every country has a place on it, circles tell numbers by their area."""

import pytest

from webapp.web.centroids import CENTROIDS
from webapp.web.countries import COUNTRIES
from webapp.web.worldmap import HEIGHT, LARGEST, SMALLEST, WIDTH, place, world_map


def test_every_country_that_has_a_name_has_a_place() -> None:
    assert set(CENTROIDS) == set(COUNTRIES)
    for north, east in CENTROIDS.values():
        assert -90 <= north <= 90
        assert -180 <= east <= 180


@pytest.mark.parametrize(
    ("code", "near"), [("DE", (51, 10)), ("JP", (36, 138)), ("NZ", (-42, 173)), ("BR", (-11, -53))]
)
def test_places(code: str, near: tuple[int, int]) -> None:
    assert CENTROIDS[code] == near


def test_circles_tell_numbers_by_their_area_and_the_small_ones_lie_on_top() -> None:
    found = world_map([("FR", 25), ("DE", 100), ("XX", 900), (None, 7), ("AT", 1), ("BE", 0)])
    assert [(circle.name, circle.number) for circle in found.circles] == [
        ("Germany", 100),
        ("France", 25),
        ("Austria", 1),
    ]
    assert [circle.radius for circle in found.circles] == [LARGEST, LARGEST / 2, SMALLEST]


def test_nothing_lies_outside_the_drawing() -> None:
    every = world_map((code, 1) for code in CENTROIDS)
    assert all(0 <= circle.x <= WIDTH and 0 <= circle.y <= HEIGHT for circle in every.circles)
    assert (place(-180, 84), place(180, -56)) == ((0, 0), (WIDTH, HEIGHT))
    numbers = every.land.replace("M", " ").replace("L", " ").replace("Z", " ").split()
    assert len(numbers) > 800
    assert all(0 <= float(x) <= WIDTH for x in numbers[::2])
    assert all(0 <= float(y) <= HEIGHT for y in numbers[1::2])


def test_a_map_of_nothing() -> None:
    assert world_map([]).circles == []
