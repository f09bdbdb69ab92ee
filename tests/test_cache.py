"""Redis gives back what was put; a value of another shape counts as absent."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from webapp import cache

KEY = "test:figure"
NOON = datetime(2026, 1, 8, 12, 0, 0, 250_000, tzinfo=UTC)


@dataclass(frozen=True)
class Figure:
    at: datetime
    parts: list[tuple[str, int]]


@pytest.fixture
def app(make_app):
    app = make_app()
    with app.app_context():
        yield app
        cache.forget(KEY)
        cache.clear_stats_cache()


def test_a_dataclass_comes_back_as_it_was(app):
    figure = Figure(NOON, [("spam", 3)])
    cache.put(KEY, figure)
    assert cache.fetch(KEY, Figure) == figure
    assert cache.fetch_many([KEY, KEY + ":other"], Figure) == [figure, None]


def test_a_cached_figure_is_the_same_when_it_is_read_again(app):
    made = cache.cached("figure", 60, lambda: Figure(NOON, []), Figure)
    assert cache.cached("figure", 60, lambda: Figure(NOON, [("another", 1)]), Figure) == made


def test_what_an_earlier_version_left_is_made_anew(app):
    cache.put("cache:figure", {"taken_at": 1.5, "rows": []})
    assert cache.cached("figure", 60, lambda: Figure(NOON, []), Figure) == Figure(NOON, [])
    cache.put(KEY, [1, 2])
    assert cache.fetch(KEY, Figure) is None


def test_what_is_expected_comes_along_once_and_is_read_anew_after_a_change(app, monkeypatch):
    cache.put(KEY, [1])
    asked, read = [], cache._texts
    monkeypatch.setattr(cache, "_texts", lambda keys: asked.append(keys) or read(keys))
    cache.expect([KEY])
    try:
        assert cache.fetch(KEY + ":other", list[int]) is None
        assert cache.fetch(KEY, list[int]) == [1]
        assert asked == [[KEY + ":other", KEY]]
        cache.expect([KEY])
        assert cache.fetch(KEY + ":other", list[int]) is None
        cache.put(KEY, [2])
        assert cache.fetch(KEY, list[int]) == cache.fetch(KEY, list[int]) == [2]
    finally:
        cache.expect_nothing()
