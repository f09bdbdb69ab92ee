"""A TCP server on loopback whose connections are handled by one coroutine; hostile ones are short."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from webapp.demo.ownloop import OwnLoop

HOST = "127.0.0.1"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter, "Loopback"], Awaitable[None]]


@dataclass
class Loopback(OwnLoop):
    """Use as a context manager; `sent` counts the bytes written by `send`, `connections` those accepted."""

    handler: Handler
    tls: ssl.SSLContext | None = None
    port: int = field(default=0, init=False)
    sent: int = field(default=0, init=False)
    connections: int = field(default=0, init=False)

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Writes and waits until the other side takes more."""
        if writer.transport.is_closing():
            raise ConnectionResetError
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0)  # lets the loop notice that the other side has gone
        self.sent += len(data)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accepted, HOST, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self.handler(reader, writer, self)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()

    def _close(self) -> None:
        self._server.close()
