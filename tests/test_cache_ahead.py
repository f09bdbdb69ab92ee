"""What one request reads of Redis: in few round trips, nothing twice, never older than what was written."""

from webapp import cache
from webapp.cache.ahead import Ahead
from webapp.mailcow.connection import STATE


def expecting(*keys):
    ahead = Ahead()
    ahead.want(keys)
    return ahead


class Kept:
    """A Redis that notes what it is asked for."""

    def __init__(self, **values):
        self.values, self.asked = values, []

    def read(self, keys):
        self.asked.append(keys)
        return [self.values.get(key) for key in keys]


def test_what_is_expected_comes_with_the_first_question():
    kept, ahead = Kept(a=b"1", b=b"2", c=b"3"), expecting("b")
    ahead.want(["c", "none"])
    assert ahead.texts(["a"], kept.read, 0) == [b"1"]
    assert ahead.texts(["c", "b"], kept.read, 0) == [b"3", b"2"]
    assert ahead.texts(["none"], kept.read, 0) == [None]
    assert kept.asked == [["a", "b", "c", "none"]]


def test_nothing_is_asked_for_twice():
    kept, ahead = Kept(a=b"1", b=b"2"), expecting("a")
    assert [ahead.texts(["a", "b"], kept.read, 0) for _ in range(3)] == [[b"1", b"2"]] * 3
    assert ahead.texts(["b", "c"], kept.read, 0) == [b"2", None]
    assert kept.asked == [["a", "b"], ["c"]]


def test_what_was_found_before_something_was_written_is_asked_for_anew():
    kept, ahead = Kept(a=b"1"), expecting("a")
    ahead.texts(["a"], kept.read, 0)
    kept.values["a"] = b"2"
    assert ahead.texts(["a"], kept.read, 0) == [b"1"]
    assert ahead.texts(["a"], kept.read, 1) == [b"2"]


def test_a_request_leaves_nothing_behind(app, client):
    with app.app_context():
        for _ in range(2):  # the first one writes, too
            client.get("/status")
        cache.redis().set(cache.PREFIX + STATE, "later")
        assert cache.texts([STATE]) == [b"later"]
