"""How soon a list is looked at again, by how fast its rows came."""

from webapp.ingest.pace import MEMORY, Pace

NOW = 1_795_000_000
REGULAR = 60.0
FAST = [NOW - 7200 + n // 50 for n in range(500)]  # rows of two hours ago, 50 a second


def test_a_backlog_is_no_burst():
    """The rows of a night come at the first look, or at one after the program was switched off."""
    pace = Pace()
    pace.note(FAST, 500, NOW)
    assert pace.pause(REGULAR) is None
    pace = Pace(500, looked_at=NOW - MEMORY - 1)
    pace.note(FAST, 500, NOW, is_new=True)
    assert pace.pause(REGULAR) is None


def test_a_burst_is_seen_whatever_the_clock_of_the_server_shows():
    pace = Pace(500, looked_at=NOW - 60)
    pace.note(FAST, 500, NOW, is_new=True)
    assert pace.pause(REGULAR) == 500 / (3 * 50)


def test_a_burst_is_forgotten_in_time():
    pace = Pace(500, 50, NOW - MEMORY - 1, NOW - 60)
    pace.note([NOW - 3], 500, NOW, is_new=True)
    assert pace.pause(REGULAR) is None
