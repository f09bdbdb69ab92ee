"""Bytes that wait: the first few in memory, the rest in a file without a name, all of them counted."""

import tempfile
import threading
from typing import IO

from webapp.standalone.visitors.limits import IN_MEMORY


class NoRoom(OSError):
    """All that visitors may leave with this process is taken."""


class Room:
    """What all spools of a process hold together; `folder` is where their files are (None: the system's)."""

    def __init__(self, size: int, folder: str | None = None) -> None:
        self.size, self.folder = size, folder
        self.taken = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> None:
        """Reserve that many bytes; raises NoRoom."""
        with self._lock:
            if self.taken + count > self.size:
                raise NoRoom(f"{self.taken} of {self.size} bytes are taken")
            self.taken += count

    def give(self, count: int) -> None:
        """Give that many bytes back."""
        with self._lock:
            self.taken -= count


class Spool:
    """First in, first out. Not for two threads at a time."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._file: IO[bytes] | None = None
        self._begin = self._end = 0

    def __len__(self) -> int:
        return self._end - self._begin

    def put(self, data: bytes | memoryview) -> None:
        """Add bytes; raises OSError (NoRoom, or a full disk)."""
        if not data:
            return
        if self._file is None:
            self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=self._room.folder)  # noqa: SIM115
        self._room.take(len(data))
        self._file.seek(self._end)
        self._file.write(data)
        self._end += len(data)

    def look(self, count: int) -> bytes:
        """The next bytes, at most `count`; they stay."""
        if self._file is None or not len(self):
            return b""
        self._file.seek(self._begin)
        return self._file.read(min(count, len(self)))

    def drop(self, count: int) -> None:
        """Leave out that many of the next bytes; room is given back when all are gone."""
        self._begin += count
        if self._begin >= self._end:
            self.close()

    def take(self, count: int) -> bytes:
        """The next bytes, at most `count`."""
        data = self.look(count)
        self.drop(len(data))
        return data

    def close(self) -> None:
        """Forget all."""
        if self._file is not None:
            self._file.close()
        self._room.give(self._end)
        self._file, self._begin, self._end = None, 0, 0
