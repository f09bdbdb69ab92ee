"""A Redis that hangs or is away must not cost every page its patience again: redis-py asks here about each
command."""

import logging
import socket
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import TimeoutError as TooSlow
from redis.retry import Retry

PATIENCE = 0.3  # seconds for one answer of Redis, and for a connection
PAUSE = 2.0  # seconds in which nothing is asked after a failure
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


class RedisAway(ConnectionLost):
    """Redis did not answer a moment ago, and is not asked again yet."""


class Breaker(Retry):
    """redis-py's rule for failures: one more try on a new connection, none after a time-out, then a pause.

    After the pause one thread tries; the others go on without Redis until that one had its answer.
    """

    __hash__ = Retry.__hash__

    def __init__(self) -> None:
        super().__init__(NoBackoff(), 1, (ConnectionLost, TooSlow, socket.timeout))  # type: ignore[no-untyped-call]
        self._shut_until = 0.0
        self._trying: int | None = None

    def __eq__(self, other: object) -> bool:
        return self is other

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Breaker":
        """All connections of a client share one; redis-py copies its rules."""
        return self

    @property
    def is_shut(self) -> bool:
        """True from the first failure until Redis answers again."""
        return self._shut_until > 0

    def call_with_retry(  # type: ignore[override]
        self,
        do: Callable[[], Answer],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,
    ) -> Answer:
        """The result of `do`; raises RedisAway at once during the pause."""
        self._enter()
        failures = 0
        while True:
            try:
                result = do()
            except self._supported_errors as error:
                failures += 1
                fail(error, failures) if with_failure_count else fail(error)
                final = failures > self._retries or isinstance(error, (TooSlow, socket.timeout, RedisAway))
                if final or (is_retryable is not None and not is_retryable(error)):
                    self._shut(error)
                    raise
            else:
                self._open()
                return result

    def _enter(self) -> None:
        if not self._shut_until or self._trying == threading.get_ident():
            return
        if monotonic() < self._shut_until:
            raise RedisAway("Redis did not answer just now")
        self._trying = threading.get_ident()
        self._shut_until = monotonic() + PAUSE

    def _shut(self, error: Exception) -> None:
        if not self._shut_until:
            log.warning("Redis does not answer: %s. Pages do without it.", error)
        self._shut_until, self._trying = monotonic() + PAUSE, None

    def _open(self) -> None:
        if self._shut_until:
            log.warning("Redis answers again.")
        self._shut_until, self._trying = 0.0, None
