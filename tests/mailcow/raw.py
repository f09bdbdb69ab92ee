"""A server on loopback that sends bytes as it is told, whatever was asked."""

import asyncio
import contextlib

from webapp.demo.ownloop import OwnLoop


class RawServer(OwnLoop):
    """After each request it sends `pieces`, then `drip` again and again: few bytes slowly, many at once."""

    def __init__(self) -> None:
        self.port = 0
        self.pieces: tuple[bytes, ...] = ()
        self.drip = b""

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def _close(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                for piece in self.pieces:
                    writer.write(piece)
                    await writer.drain()
                while self.drip:
                    writer.write(self.drip)
                    await writer.drain()
                    await asyncio.sleep(0 if len(self.drip) > 100 else 0.02)
