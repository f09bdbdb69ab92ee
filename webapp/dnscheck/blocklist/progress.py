"""How far the look at the blocklists is; kept in Redis."""

from dataclasses import dataclass

from webapp import cache

KEY = "blocklist-progress"
KEPT = 300  # seconds; a run that died must not look like one that goes on for ever


@dataclass(frozen=True, kw_only=True)
class Progress:
    """`done` of `total` questions are answered, the last by the list of that name."""

    done: int
    total: int
    name: str


def note(done: int, total: int, name: str) -> None:
    """Records how far the run is."""
    cache.put(KEY, Progress(done=done, total=total, name=name), KEPT)


def finish() -> None:
    """The run is over."""
    cache.forget(KEY)


def current() -> Progress | None:
    """The run that goes on, None without one."""
    return cache.fetch(KEY, Progress)
