"""Redis: cached values, job status, and the state of the connection to mailcow.

A value is read back as what it was: its reader names the dataclass or type. What has another shape, as an
earlier version of this program may have left it, counts as absent.
"""

import functools
import logging
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import orjson
from flask import Flask, current_app
from pydantic import TypeAdapter, ValidationError
from redis import Redis

PREFIX = "mlv:"
Result = TypeVar("Result")
Kind = TypeVar("Kind")
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Make the client; it connects on first use."""
    app.extensions["redis"] = Redis.from_url(
        app.config["SETTINGS"].redis_url or "redis://localhost:6379/0",
        socket_timeout=5,
        socket_connect_timeout=5,
        health_check_interval=30,
    )


def redis() -> Redis:
    """The application's Redis client."""
    client: Redis = current_app.extensions["redis"]
    return client


def bound(work: Callable[[], Result]) -> Callable[[], Result]:
    """The work as any thread may do it: inside the application of the one who hands it over."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> Result:
        with app.app_context():
            return work()

    return run


def cached(key: str, ttl: int, make: Callable[[], Kind], kind: type[Kind]) -> Kind:
    """The value under `key`, made anew when older than `ttl` seconds."""
    kept = fetch("cache:" + key, kind)
    if kept is None:
        kept = make()
        put("cache:" + key, kept, ttl)
    return kept


def clear_stats_cache() -> int:
    """Forget every cached figure; returns how many there were. Called after each import that changes them."""
    keys = list(redis().scan_iter(match=PREFIX + "cache:*", count=500))
    if keys:
        redis().delete(*keys)
    return len(keys)


def put(key: str, value: object, ttl: int | None = None) -> None:
    """Keep a dataclass, or what else has a JSON form, under `key`, for `ttl` seconds where given."""
    redis().set(PREFIX + key, orjson.dumps(value), ex=ttl)


def fetch(key: str, kind: type[Kind]) -> Kind | None:
    """The value under `key`, or None."""
    return _read(key, cast(bytes | None, redis().get(PREFIX + key)), kind)


def fetch_many(keys: list[str], kind: type[Kind]) -> list[Kind | None]:
    """The values under `keys` in one round trip."""
    found = cast(list[bytes | None], redis().mget([PREFIX + key for key in keys])) if keys else []
    return [_read(key, raw, kind) for key, raw in zip(keys, found, strict=True)]


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
    redis().delete(PREFIX + key)
