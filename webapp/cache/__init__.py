"""Redis: cached values, job status, and the state of the connection to mailcow.

A value is read back as what it was: its reader names the dataclass or type. What has another shape, as an
earlier version of this program may have left it, counts as absent. Redis holds conveniences only: where it is
away, a reader finds nothing (or what this process kept meanwhile), and a writer is not stopped.
"""

import functools
import hashlib
import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import orjson
from flask import Flask, current_app
from pydantic import TypeAdapter, ValidationError
from redis import Redis
from redis.exceptions import RedisError

from webapp.cache.ahead import EXPECTED, Ahead
from webapp.cache.breaker import PATIENCE, Breaker
from webapp.cache.memory import Memory
from webapp.errors import ExpectedError

PREFIX = "mlv:"
FIGURES = "cache:"  # before the names of figures that are cached, and forgotten together
Result = TypeVar("Result")
Kind = TypeVar("Kind")
log = logging.getLogger(__name__)


class CacheAway(ExpectedError):
    """What was asked for cannot be done without Redis."""

    status = 503

    def __init__(self) -> None:
        super().__init__("Redis, which holds the queue of jobs, does not answer: try again in a moment")


def init_app(app: Flask) -> None:
    """Make the client; it connects on first use."""
    app.extensions["redis_breaker"] = Breaker()
    app.extensions["redis_memory"] = Memory()
    app.extensions["redis_written"] = 0
    app.extensions["redis"] = Redis.from_url(
        app.config["SETTINGS"].redis_url or "redis://localhost:6379/0",
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        health_check_interval=30,
        retry=app.extensions["redis_breaker"],
    )


def redis() -> Redis:
    """The application's Redis client; its commands raise RedisError where Redis is away."""
    client: Redis = current_app.extensions["redis"]
    return client


def is_away() -> bool:
    """True from the first question that Redis did not answer until it answers again."""
    breaker: Breaker = current_app.extensions["redis_breaker"]
    return breaker.is_shut


def ask(question: Callable[[Redis], Result], otherwise: Result) -> Result:
    """What Redis answers to the question; `otherwise` where it is away."""
    try:
        return question(redis())
    except RedisError as error:
        if not is_away():  # its absence is logged once, not by every question
            log.warning("Redis refuses: %s", error)
        return otherwise


def answers() -> bool:
    """Whether Redis answers now."""
    return ask(lambda client: bool(client.ping()), False)


def must(question: Callable[[Redis], Result]) -> Result:
    """What Redis answers to the question; raises CacheAway."""
    try:
        return question(redis())
    except RedisError as error:
        raise CacheAway from error


def _memory() -> Memory:
    memory: Memory = current_app.extensions["redis_memory"]
    return memory


def bound(work: Callable[[], Result]) -> Callable[[], Result]:
    """The work as any thread may do it: inside the application of the one who hands it over."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> Result:
        with app.app_context():
            return work()

    return run


def cached(key: str, ttl: int, make: Callable[[], Kind], kind: type[Kind]) -> Kind:
    """The figure under `key`, made anew when older than `ttl` seconds, or than an import that changes
    messages."""
    return kept(cached_key(key), ttl, make, kind)


def kept(key: str, ttl: int, make: Callable[[], Kind], kind: type[Kind]) -> Kind:
    """The value under `key`, made anew when older than `ttl` seconds."""
    value = fetch(key, kind)
    if value is None:
        value = make()
        put(key, value, ttl)
    return value


def digest(*asked: object) -> str:
    """A name for the answer to what is asked, by what that looks like."""
    return hashlib.sha256(repr(asked).encode("utf-8", "replace")).hexdigest()


def cached_key(key: str) -> str:
    """Under which key the cached figure of this name is kept."""
    return FIGURES + key


def clear_stats_cache() -> int:
    """Forget every cached figure; returns how many there were. Called after each import that changes them."""
    current_app.extensions["redis_written"] += 1
    return ask(_clear_figures, 0)


def _clear_figures(client: Redis) -> int:
    keys = list(client.scan_iter(match=f"{PREFIX}{FIGURES}*", count=500))
    if keys:
        client.delete(*keys)
    return len(keys)


def put(key: str, value: object, ttl: int | None = None) -> None:
    """Keep a dataclass, or what else has a JSON form, under `key`, for `ttl` seconds where given."""
    put_many({key: orjson.dumps(value)}, ttl)


def put_many(texts: Mapping[str, bytes], ttl: int | None) -> None:
    """Keep these JSON texts, all of them at once or none."""

    def keep(client: Redis) -> bool:
        with client.pipeline(transaction=len(texts) > 1) as all_of_them:
            for key, text in texts.items():
                all_of_them.set(PREFIX + key, text, ex=ttl)
            all_of_them.execute()
        return True

    current_app.extensions["redis_written"] += 1
    if not ask(keep, False):
        for key, text in texts.items():
            _memory().put(key, text, ttl)


def first(key: str, ttl: int) -> bool:
    """True for the first who asks within `ttl` seconds; for nobody where Redis is away."""
    return ask(lambda client: bool(client.set(PREFIX + key, 1, ex=ttl, nx=True)), False)


def fetch(key: str, kind: type[Kind]) -> Kind | None:
    """The value under `key`, or None."""
    return fetch_many([key], kind)[0]


def fetch_many(keys: list[str], kind: type[Kind]) -> list[Kind | None]:
    """The values under `keys` in one round trip."""
    return [_read(key, raw, kind) for key, raw in zip(keys, texts(keys), strict=True)]


def texts(keys: list[str]) -> list[bytes | None]:
    """The JSON texts under `keys` in one round trip, None for what is not there."""
    ahead = EXPECTED.get()
    if ahead is None or not keys:
        return _texts(keys)
    return ahead.texts(keys, _texts, current_app.extensions["redis_written"])


def _texts(keys: list[str]) -> list[bytes | None]:
    if not keys:
        return []
    found = ask(
        lambda client: cast(list[bytes | None] | None, client.mget([PREFIX + key for key in keys])), None
    )
    return [_memory().get(key) for key in keys] if found is None else found


def expect(keys: Sequence[str]) -> None:
    """Take these along with what this request reads next, in one round trip, and read nothing of it twice."""
    ahead = EXPECTED.get() or Ahead()
    ahead.want(keys)
    EXPECTED.set(ahead)


@contextmanager
def together(keys: Sequence[str]) -> Iterator[None]:
    """Expect these in what is done within, which is a request or a part of one."""
    before = EXPECTED.get()
    expect(keys)
    try:
        yield
    finally:
        EXPECTED.set(before)


def expect_nothing() -> None:
    """End what `expect` began: what a request found is of no use to the next one of its thread."""
    EXPECTED.set(None)


def _read(key: str, raw: bytes | None, kind: type[Kind]) -> Kind | None:
    if raw is None:
        return None
    try:
        return cast(Kind, _reader(cast(Hashable, kind)).validate_python(orjson.loads(raw)))
    except ValidationError as error:
        log.warning("%s%s has another shape and is left aside: %s", PREFIX, key, error.errors()[0]["msg"])
        return None


@functools.lru_cache(maxsize=128)
def _reader(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def forget(key: str) -> None:
    """Drop the value under `key`."""
    current_app.extensions["redis_written"] += 1
    _memory().forget(key)
    ask(lambda client: client.delete(PREFIX + key), None)
