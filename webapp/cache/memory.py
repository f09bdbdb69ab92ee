"""What would be kept in Redis, kept by this process while Redis is away; small, so that it costs nobody."""

from collections import OrderedDict
from time import monotonic

MOST = 200  # values
LONGEST = 1024 * 1024  # bytes of one value
LONGEST_KEPT = 300  # seconds, whatever was asked for: other processes cannot change it


class Memory:
    """The latest values of this process, each for its time."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def put(self, key: str, value: bytes, ttl: int | None) -> None:
        """Keep a value, for `ttl` seconds where given; the oldest one goes where there are too many."""
        if len(value) <= LONGEST:
            self._values[key] = monotonic() + min(ttl or LONGEST_KEPT, LONGEST_KEPT), value
            self._values.move_to_end(key)
        while len(self._values) > MOST:
            self._values.popitem(last=False)

    def get(self, key: str) -> bytes | None:
        """The value, or None."""
        until, value = self._values.get(key, (0.0, None))
        return value if monotonic() < until else None

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()

    def forget(self, key: str) -> None:
        """Forget one."""
        self._values.pop(key, None)
