"""Redis: cached values, job status, and the state of the connection to mailcow."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from flask import Flask, current_app
from redis import Redis

PREFIX = "mlv:"
Result = TypeVar("Result")


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


def cached(key: str, ttl: int, make: Callable[[], Any]) -> Any:
    """The JSON value under `key`, made anew when older than `ttl` seconds."""
    raw: Any = redis().get(PREFIX + "cache:" + key)
    if raw is not None:
        return orjson.loads(raw)
    value = make()
    redis().set(PREFIX + "cache:" + key, orjson.dumps(value), ex=ttl)
    return value


def clear_stats_cache() -> int:
    """Forget every cached figure; returns how many there were. Called after each import that changes them."""
    keys = list(redis().scan_iter(match=PREFIX + "cache:*", count=500))
    if keys:
        redis().delete(*keys)
    return len(keys)


def put(key: str, value: dict[str, Any], ttl: int | None = None) -> None:
    """Keep a small JSON object under `key`, for `ttl` seconds where given."""
    redis().set(PREFIX + key, orjson.dumps(value), ex=ttl)


def fetch(key: str) -> dict[str, Any] | None:
    """The JSON object under `key`, or None."""
    raw: Any = redis().get(PREFIX + key)
    return orjson.loads(raw) if raw is not None else None


def fetch_many(keys: list[str]) -> list[dict[str, Any] | None]:
    """The JSON objects under `keys` in one round trip."""
    found: Any = redis().mget([PREFIX + key for key in keys]) if keys else []
    return [orjson.loads(raw) if raw is not None else None for raw in found]


def forget(key: str) -> None:
    """Drop the value under `key`."""
    redis().delete(PREFIX + key)
