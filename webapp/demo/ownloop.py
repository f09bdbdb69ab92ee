"""A server on loopback in an event loop and a thread of its own: for the demo's name server and for tests."""

import asyncio
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

PATIENCE = 10  # seconds that starting and stopping may take


class OwnLoop(ABC):
    """Use as a context manager: it listens inside, and every task of its loop is cancelled at the end."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=type(self).__name__.lower(), daemon=True
        )
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(PATIENCE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    @abstractmethod
    async def _listen(self) -> None:
        """Open the sockets."""

    @abstractmethod
    def _close(self) -> None:
        """Close the sockets."""

    async def _shut(self) -> None:
        self._close()
        others = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
