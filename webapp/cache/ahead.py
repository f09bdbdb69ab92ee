"""Values that one request will read, taken along with the first of them: each question of its own costs as
much again as a small answer."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar

Texts = list[bytes | None]


class Ahead:
    """The keys that are expected to be read, and what was found under them. Each is read from here once, and
    only while this process has written nothing (`written` counts that)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._wanted, self._found, self._written = list(keys), dict[str, bytes | None](), 0

    def texts(self, keys: list[str], read: Callable[[list[str]], Texts], written: int) -> Texts:
        """The texts under these keys, by `read` where they are not here."""
        if written != self._written:
            self._found.clear()
        if all(key in self._found for key in keys):
            return [self._found.pop(key) for key in keys]
        more = [key for key in self._wanted if key not in keys]
        found = read(keys + more)
        self._wanted, self._written = [], written
        self._found.update(zip(more, found[len(keys) :], strict=True))
        return found[: len(keys)]


EXPECTED: ContextVar[Ahead | None] = ContextVar("expected", default=None)
