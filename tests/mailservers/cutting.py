"""A way to a server on loopback that breaks: each of the first connections is cut after so many bytes."""

import asyncio
from dataclasses import dataclass, field

from webapp.demo.ownloop import OwnLoop


@dataclass
class CuttingProxy(OwnLoop):
    """Use as a context manager. `cuts` are the bytes from the server after which connections are cut, in
    their order."""

    target: int
    cuts: list[int]
    port: int = field(default=0, init=False)
    done: int = field(default=0, init=False)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def _close(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        left = self.cuts[self.done] if self.done < len(self.cuts) else None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, back, None))
                group.create_task(self._pass(there, writer, left))
        except* (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()
            back.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: int | None) -> None:
        while piece := await source.read(4096):
            if left is not None:
                left -= len(piece)
                if left < 0:
                    self.done += 1
                    raise ConnectionResetError
            sink.write(piece)
            await sink.drain()
        raise ConnectionResetError
