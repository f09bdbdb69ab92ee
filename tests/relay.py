"""A door before a real server that can be shut, or hang: it takes connections and says nothing."""

import asyncio
import contextlib
from typing import Literal

from webapp.demo.ownloop import OwnLoop

State = Literal["open", "hangs", "shut"]


class Relay(OwnLoop):
    """Passes bytes between a loopback port and a unix socket while it is `open`."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.port = 0
        self.state: State = "open"
        self._writers: set[asyncio.StreamWriter] = set()

    def become(self, state: State) -> None:
        """Change what happens to present and coming connections."""
        asyncio.run_coroutine_threadsafe(self._become(state), self._loop).result(10)

    async def _become(self, state: State) -> None:
        self.state = state
        if state == "shut":
            for writer in self._writers:
                writer.close()
            self._writers.clear()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _close(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if self.state == "shut":
            writer.close()
            return
        inner_reader, inner_writer = await asyncio.open_unix_connection(self.target)
        self._writers.add(inner_writer)
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await asyncio.gather(self._pass(reader, inner_writer), self._pass(inner_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            while self.state == "hangs":
                await asyncio.sleep(0.01)
            writer.write(data)
            await writer.drain()
        writer.close()
