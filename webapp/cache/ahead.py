"""Values that one request will read, taken along with the first of them: each question of its own costs as
much again as a small answer."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar

Texts = list[bytes | None]


class Ahead:
    """The keys that a request is expected to read, and what it found: one answer tells one state of things.
    That holds while this process has written nothing (`written` counts that)."""

    def __init__(self) -> None:
        self._wanted, self._found, self._written = list[str](), dict[str, bytes | None](), 0

    def want(self, keys: Sequence[str]) -> None:
        """Read these along with the first question that needs an answer."""
        self._wanted += keys

    def texts(self, keys: list[str], read: Callable[[list[str]], Texts], written: int) -> Texts:
        """The texts under these keys, by `read` where they are not here."""
        if written != self._written:
            self._found.clear()
            self._written = written
        if new := [key for key in keys if key not in self._found]:
            new += [key for key in self._wanted if key not in new]
            self._wanted = []
            self._found.update(zip(new, read(new), strict=True))
        return [self._found[key] for key in keys]


EXPECTED: ContextVar[Ahead | None] = ContextVar("expected", default=None)
