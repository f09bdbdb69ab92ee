"""How many failed logins are taken: from an address, from a site, of an account, and all together.

Counted in Redis for all web processes, and by each process for itself while Redis does not answer. The limits
of an account and of all hold for addresses from which nobody has come in lately: so strangers can shut out
strangers only.
"""

import hashlib
import time
from collections.abc import Callable
from typing import TypeVar

from flask import current_app, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from webapp import cache
from webapp.auth.network import network_of
from webapp.auth.proxy import PEER

MINUTES = 15
OF_ADDRESS = RateLimitItemPerMinute(10, MINUTES, namespace="address")  # an IPv4 address or a /64
OF_SITE = RateLimitItemPerMinute(30, MINUTES, namespace="site")  # a /56
OF_ACCOUNT = RateLimitItemPerMinute(30, MINUTES, namespace="account")
OF_ALL = RateLimitItemPerMinute(100, MINUTES, namespace="all")
KNOWN_SECONDS = 30 * 24 * 3600  # that an address counts as known after someone came in from it
Result = TypeVar("Result")
Limit = tuple[RateLimitItem, tuple[str, ...]]


class Tries:
    """The tries to come in as one account from where the present request comes; without an account, as
    through a provider, where there is nothing to guess, only the address counts.

    What was forwarded is counted apart for each forwarder, so that who reaches us past the proxy can neither
    use up nor borrow the tries of those who come through it.
    """

    def __init__(self, username: str | None = None) -> None:
        address, way = request.remote_addr or "", request.environ.get(PEER, "")
        mark = hashlib.sha256((username or "").encode(errors="replace")).hexdigest()[:16]
        network, site = network_of(address), network_of(address, 56)
        self._known_as = f"{cache.PREFIX}known:{mark}:{network}:{way}"
        self.is_known = username is None or bool(_of_redis(lambda: cache.redis().exists(self._known_as), 0))
        self._limits: list[Limit] = [(OF_ADDRESS, (network, way))]
        if site != network:
            self._limits.append((OF_SITE, (site, way)))
        if not self.is_known:
            self._limits += [(OF_ACCOUNT, (mark,)), (OF_ALL, ())]

    def require_more(self) -> None:
        """Raises TooManyRequests, with the seconds to wait, where too many have failed."""
        for limit, names in self._limits:
            if not _count(lambda counter, one=limit, of=names: counter.test(one, *of)):
                window = _count(lambda counter, one=limit, of=names: counter.get_window_stats(one, *of))
                raise TooManyRequests(
                    f"Too many failed logins: try again in {MINUTES} minutes",
                    retry_after=max(int(window.reset_time - time.time()) + 1, 1),
                )

    def failed(self) -> None:
        """One more has failed."""
        for limit, names in self._limits:
            _count(lambda counter, one=limit, of=names: counter.hit(one, *of))

    def succeeded(self) -> None:
        """Someone has come in: from now on the address is known."""
        if not self.is_known:
            _of_redis(lambda: cache.redis().set(self._known_as, 1, ex=KNOWN_SECONDS), None)


def _of_redis(ask: Callable[[], Result], otherwise: Result) -> Result:
    try:
        return ask()
    except RedisError:
        return otherwise


def _count(ask: Callable[..., Result]) -> Result:
    try:
        return ask(_counter("login_limiter", _shared))
    except RedisError:
        return ask(_counter("login_limiter_alone", MemoryStorage))


def _counter(name: str, make: Callable[[], RedisStorage | MemoryStorage]) -> FixedWindowRateLimiter:
    if name not in current_app.extensions:
        current_app.extensions[name] = FixedWindowRateLimiter(make())
    found: FixedWindowRateLimiter = current_app.extensions[name]
    return found


def _shared() -> RedisStorage:
    return RedisStorage(
        current_app.config["SETTINGS"].redis_url or "redis://localhost:6379/0",
        connection_pool=current_app.extensions["redis"].connection_pool,
        key_prefix="mlv:limits",
    )
