"""Where a chunked body ends (RFC 9112 section 7.1); gunicorn's own reader takes it apart later."""

from enum import StrEnum

HEX = b"0123456789abcdefABCDEF"
LONGEST_LINE = 8192  # of a chunk's size, or of the trailer


class Part(StrEnum):
    """What the next byte belongs to."""

    SIZE = "size"
    DATA = "data"
    END = "end"  # of a chunk: an empty line
    TRAILER = "trailer"
    NOTHING = "nothing"


class Chunks:
    """Follows a chunked body through pieces of any length."""

    def __init__(self) -> None:
        self._part = Part.SIZE
        self._line = bytearray()
        self._left = 0  # of this chunk
        self.is_broken = False

    @property
    def ended(self) -> bool:
        """True behind the last byte."""
        return self._part is Part.NOTHING

    def take(self, data: bytes) -> int:
        """How many of these bytes belong to the body; none that follow what is no chunk (`is_broken`)."""
        position = 0
        while position < len(data) and not self.ended and not self.is_broken:
            if self._part is Part.DATA:
                step = min(self._left, len(data) - position)
                self._left -= step
                position += step
                self._part = Part.DATA if self._left else Part.END
            else:
                position = self._read_line(data, position)
        return position

    def _read_line(self, data: bytes, position: int) -> int:
        end = data.find(b"\n", position)
        upto = len(data) if end < 0 else end + 1
        self._line += data[position:upto]
        if len(self._line) > LONGEST_LINE:
            self.is_broken = True
        elif end >= 0:
            self._part = self._after(bytes(self._line))
            self._line.clear()
        return upto

    def _after(self, line: bytes) -> Part:
        if self._part is Part.TRAILER:
            return Part.TRAILER if line.strip() else Part.NOTHING
        if self._part is Part.END:
            self.is_broken = line != b"\r\n"
            return Part.SIZE
        digits = line.partition(b";")[0].strip()
        self.is_broken = not digits or len(digits) > 8 or bool(digits.strip(HEX))
        self._left = 0 if self.is_broken else int(digits, 16)
        return Part.DATA if self._left else Part.TRAILER
