"""How long requests take, added up in Redis, so that the figures are those of all web processes together."""

import time
from collections import defaultdict
from typing import cast

from flask import Flask, Response, g, request
from redis import Redis

from webapp import cache

KEY = cache.PREFIX + "metrics:requests"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
BEYOND, SUM = "+Inf", "sum"
UNMATCHED = "unmatched"  # one name for all unknown paths, so that nobody can make names without end
SEPARATOR = "|"
Labels = tuple[str, str, str]  # endpoint, method, class of the status such as 2xx


def observe(app: Flask) -> None:
    """Measure every request of the application."""
    app.before_request(_start)
    app.after_request(_note)


def _start() -> None:
    g.began = time.perf_counter()


def _note(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    method = request.method if request.method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
    name = SEPARATOR.join((request.endpoint or UNMATCHED, method, f"{response.status_code // 100}xx"))
    bound = next((str(bound) for bound in BOUNDS if seconds <= bound), BEYOND)
    cache.ask(lambda redis: _add(redis, name, bound, seconds), None)
    return response


def _add(redis: Redis, name: str, bound: str, seconds: float) -> None:
    with redis.pipeline(transaction=False) as both:
        both.hincrby(KEY, name + SEPARATOR + bound, 1)
        both.hincrbyfloat(KEY, name + SEPARATOR + SUM, seconds)
        both.execute()


def latencies() -> dict[Labels, tuple[list[tuple[str, float]], float]]:
    """`{(endpoint, method, status): ([(upper bound, requests up to it)], seconds in all)}` since Redis was
    made."""
    found: dict[Labels, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    nothing: dict[bytes, bytes] = {}
    kept = cache.ask(lambda redis: cast(dict[bytes, bytes], redis.hgetall(KEY)), nothing)
    for field, value in kept.items():
        endpoint, method, status, what = field.decode().split(SEPARATOR)
        found[endpoint, method, status][what] += float(value)
    return {labels: (_cumulative(parts), parts[SUM]) for labels, parts in sorted(found.items())}


def _cumulative(parts: dict[str, float]) -> list[tuple[str, float]]:
    total, buckets = 0.0, []
    for bound in (*map(str, BOUNDS), BEYOND):
        total += parts[bound]
        buckets.append((bound, total))
    return buckets
