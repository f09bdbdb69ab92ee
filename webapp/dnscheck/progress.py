"""How far the check of all domains is, and which domains somebody asked to have checked now; kept in
Redis."""

from dataclasses import dataclass

from webapp import cache
from webapp.tables.db import now

KEY, WANTED = "dns-progress", "dns-wanted"
KEPT = 900  # seconds; a run that died must not look like one that goes on for ever
MOST_WANTED = 500  # domains that wait for their check


@dataclass(frozen=True, kw_only=True)
class Progress:
    """`done` of `total` domains are checked; `since` is the Unix time of the start."""

    done: int
    total: int
    since: float


def note(done: int, total: int, since: float) -> None:
    """Records how far the run is."""
    cache.put(KEY, {"done": done, "total": total, "since": since}, KEPT)


def finish() -> None:
    """The run is over."""
    cache.forget(KEY)


def current() -> Progress | None:
    """The run that goes on, None without one."""
    kept = cache.fetch(KEY)
    if kept is None:
        return None
    return Progress(done=int(kept["done"]), total=int(kept["total"]), since=float(kept["since"]))


def want(domain: str) -> None:
    """Asks for a check of this domain; the job takes all that wait."""
    redis, key = cache.redis(), cache.PREFIX + WANTED
    redis.zadd(key, {domain: now().timestamp()})
    redis.zremrangebyrank(key, MOST_WANTED, -1)
    redis.expire(key, KEPT)


def take_wanted() -> list[str]:
    """The domains that wait, in the order in which they were asked for; they no longer wait after this."""
    with cache.redis().pipeline(transaction=True) as both:
        both.zrange(cache.PREFIX + WANTED, 0, -1)
        both.delete(cache.PREFIX + WANTED)
        names, _ = both.execute()
    return [name.decode() for name in names]
