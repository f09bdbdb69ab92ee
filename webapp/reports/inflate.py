"""Reads gzip (RFC 1952) and zlib (RFC 1950) piece by piece: several members, trailing bytes, streams that end
early.
"""

import zlib

from webapp.reports.refusal import Broken, CutShort
from webapp.reports.sniff import GZIP, begins_report

PIECE = 64 * 1024  # bytes handed over at a time
PEEK = 512
MEMBER = GZIP + b"\x08"  # gzip's magic number and its one method, deflate
AUTO = zlib.MAX_WBITS | 32  # zlib looks which of the two it is


class Inflated:
    """One document out of compressed bytes, read like a file.

    Members that continue the document are read on as one stream. Where a member begins a document of its own,
    reading
    stops there and `next_start` is that member's place; bytes after the last member that are no member are
    left alone.
    """

    def __init__(self, data: bytes, start: int = 0) -> None:
        self._data, self._at = data, start
        self._engine = zlib.decompressobj(AUTO)
        self._ended = False
        self.next_start: int | None = None

    def read(self, size: int = PIECE) -> bytes:
        """Up to `size` bytes, b"" at the end; raises Broken for damaged bytes and CutShort where they end
        early.
        """
        while not self._ended:
            piece = self._step(size)
            if self._engine.eof:
                self._next_member()
            if piece:
                return piece
        return b""

    def _step(self, size: int) -> bytes:
        waiting = self._engine.unconsumed_tail or self._data[self._at : self._at + PIECE]
        if not waiting:
            self._ended = True
            raise CutShort("The compressed file ends early: it was cut on its way")
        if not self._engine.unconsumed_tail:
            self._at += len(waiting)
        try:
            return self._engine.decompress(waiting, size)
        except zlib.error as error:
            raise Broken(f"The compressed file is damaged ({_words(error)})") from error

    def _next_member(self) -> None:
        """Go on with the member that follows, if one does."""
        start = self._at - len(self._engine.unused_data)
        while self._data[start : start + 1] == b"\0":  # padding, RFC 1952 readers skip it
            start += 1
        if not self._data.startswith(MEMBER, start):
            self._ended = True
            return
        if begins_report(peek(self._data, start)):
            self._ended, self.next_start = True, start
            return
        self._engine, self._at = zlib.decompressobj(AUTO), start


def peek(data: bytes, start: int = 0) -> bytes:
    """The first bytes of what is compressed there; as many as there are when it is damaged."""
    try:
        return zlib.decompressobj(AUTO).decompress(data[start : start + 4 * PEEK], PEEK)
    except zlib.error:
        return b""


def declared_size(data: bytes) -> int:
    """The unpacked size in bytes, modulo 2^32, that a gzip file states at its end; 0 where it cannot."""
    return int.from_bytes(data[-4:], "little") if data.startswith(GZIP) and len(data) > 18 else 0


def _words(error: zlib.error) -> str:
    return str(error).rpartition(": ")[2] or "unreadable"
