"""How far the check of all domains is, and which domains somebody asked to have checked now; kept in
Redis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp import cache
from webapp.tables.db import now

KEY, WANTED = "dns-progress", "dns-wanted"
KEPT = 900  # seconds; a run that died must not look like one that goes on for ever
MOST_WANTED = 500  # domains that wait for their check


@dataclass(frozen=True, kw_only=True)
class Progress:
    """`done` of `total` domains are checked (0 of 0: about to begin); `since` is the Unix time of the
    start."""

    done: int
    total: int
    since: float


def note(done: int, total: int, since: float) -> None:
    """Records how far the run is."""
    cache.put(KEY, Progress(done=done, total=total, since=since), KEPT)


def begin() -> None:
    """Somebody asked for a run, or it begins."""
    note(0, 0, now().timestamp())


def finish() -> None:
    """The run is over."""
    cache.forget(KEY)


def current() -> Progress | None:
    """The run that goes on, None without one."""
    return cache.fetch(KEY, Progress)


def want(domain: str) -> None:
    """Asks for a check of this domain; the job takes all that wait. Raises CacheAway."""
    key = cache.PREFIX + WANTED
    cache.must(lambda redis: redis.zadd(key, {domain: now().timestamp()}))
    cache.must(lambda redis: redis.zremrangebyrank(key, 0, -MOST_WANTED - 1))
    cache.must(lambda redis: redis.expire(key, KEPT))


def wanted() -> dict[str, float]:
    """The domains whose check is asked for and not over, each with the Unix time of the question."""
    none: Any = []
    found = cache.ask(lambda redis: redis.zrange(cache.PREFIX + WANTED, 0, -1, withscores=True), none)
    return {name.decode(): asked_at for name, asked_at in found}


def is_wanted(domain: str) -> bool:
    """True until the check that was asked for is over."""
    return _asked_at(domain) is not None


def settle(checked: Mapping[str, float]) -> None:
    """These checks are over; a domain that was asked for again meanwhile goes on waiting."""
    for domain, asked_at in checked.items():
        if _asked_at(domain) == asked_at:
            _drop(domain)


def _asked_at(domain: str) -> Any:
    return cache.ask(lambda redis: redis.zscore(cache.PREFIX + WANTED, domain), None)


def _drop(domain: str) -> None:
    cache.ask(lambda redis: redis.zrem(cache.PREFIX + WANTED, domain), None)
