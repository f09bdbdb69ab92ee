"""What a visitor has sent: bytes, until a request is whole. gunicorn's parser reads the head, and later the
body."""

from typing import Any

from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.errors import InvalidChunkSize, LimitRequestHeaders, NoMoreData
from gunicorn.http.message import Request
from gunicorn.http.unreader import SocketUnreader

from webapp.standalone.visitors.chunks import Chunks
from webapp.standalone.visitors.limits import BODY_BYTES, HEAD_BYTES
from webapp.standalone.visitors.spool import Room, Spool

END = b"\r\n\r\n"


class Incoming:
    """One request at a time. `request` is there when its head is, `whole` tells that its body is, too."""

    def __init__(self, configuration: Any, address: Any, room: Room) -> None:
        self._configuration, self._address = configuration, address
        self.request: Any = None
        self.whole = self.last = False  # last: nothing that follows on this connection can be read
        self.moved = 0  # bytes of this request's body
        self._head = bytearray()
        self._given = 0  # bytes of the head that the parser has
        self._body = Spool(room)
        self._wanted: int | Chunks = 0  # bytes of the body, or the one who knows where it ends
        self._rest = b""  # of the next request

    @property
    def begun(self) -> bool:
        """Whether anything of a request is here."""
        return bool(self._head) or self.request is not None

    @property
    def expects_to_be_called(self) -> bool:
        """Whether the visitor waits for "100 Continue"; asked once."""
        expects = bool(self.request is not None and self.request._expected_100_continue)
        if expects:
            self.request._expected_100_continue = False  # gunicorn would send it with the answer
        return expects and not self.whole

    def take(self, data: bytes) -> None:
        """Take what came. Raises gunicorn's error where it is no request, OSError where there is no room."""
        if self.request is None:
            searched = max(0, len(self._head) - len(END) + 1)
            self._head += data
            end = self._head.find(END, searched)
            if end < 0:
                self._bound()
                return
            data = bytes(self._head[end + len(END) :])
            del self._head[end + len(END) :]
            self._understand()
        self._take_body(data)

    def recv(self, count: int) -> bytes:
        """What gunicorn's readers get instead of a socket's bytes; b'' behind the request."""
        if self._given < len(self._head):
            data = bytes(self._head[self._given : self._given + count])
            self._given += len(data)
            return data
        return self._body.take(count)

    def next(self) -> bool:
        """Forget this request; True where something of another one came with it, which `take` has taken."""
        rest = self._rest
        self.close()
        if rest:
            self.take(rest)
        return bool(rest)

    def close(self) -> None:
        """Forget all."""
        self._body.close()
        self._head.clear()
        self.request, self.whole, self._given, self._wanted, self._rest, self.moved = (
            None,
            False,
            0,
            0,
            b"",
            0,
        )

    def _bound(self) -> None:
        """A head that is too long is refused; gunicorn's parser tells which part it is."""
        if len(self._head) > HEAD_BYTES:
            try:
                self._understand()
            except NoMoreData as error:
                raise LimitRequestHeaders("max buffer headers") from error

    def _understand(self) -> None:
        self.request = Request(self._configuration, SocketUnreader(self), self._address)
        reader = self.request.body.reader
        if isinstance(reader, ChunkedReader):
            self._wanted, self.last = Chunks(), True
        elif isinstance(reader, LengthReader):
            self._wanted = reader.length

    def _take_body(self, data: bytes) -> None:
        used = self._belonging(data)
        self._body.put(memoryview(data)[:used])
        self.moved += used
        self._rest += data[used:]
        self.whole = self.whole or self._is_whole()

    def _belonging(self, data: bytes) -> int:
        if self.whole:
            return 0
        if isinstance(self._wanted, Chunks):
            used = self._wanted.take(data)
            if self._wanted.is_broken:
                raise InvalidChunkSize(b"")
            return used
        if self._wanted > BODY_BYTES:  # the application refuses it by its length
            self.last = True
            return 0
        return min(len(data), self._wanted - self.moved)

    def _is_whole(self) -> bool:
        if isinstance(self._wanted, Chunks):
            return self._wanted.ended or self.moved > BODY_BYTES
        return self._wanted > BODY_BYTES or self.moved >= self._wanted
