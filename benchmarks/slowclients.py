"""`python -m benchmarks.slowclients [PORT]`: honest visitors beside slow ones; prints a table.

Without PORT it starts gunicorn with the configuration of production, on an empty database of its own. Each
kind of slow visitor is tried alone: so many connections, then honest visitors, a new connection each request.
"""

import argparse
import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from benchmarks.slowplace import started

PAGES = ("/api/health", "/login", "/api/messages?limit=50", "/messages")
LARGE = "/static/app.css"
PATIENCE = 20.0  # seconds after which an honest visitor gives up
Slow = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class Row:
    """What honest visitors found beside one kind of slow ones; seconds, None where nobody was answered."""

    kind: str
    answered: int
    asked: int
    median: float | None
    worst: float | None


async def _open(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), PATIENCE)


async def one_byte(port: int) -> None:
    """Send one byte and wait."""
    _, writer = await _open(port)
    writer.write(b"G")
    await asyncio.sleep(3600)


async def _drip(port: int, beginning: bytes, piece: bytes = b"a") -> None:
    """A beginning at once, then a piece a second without an end."""
    _, writer = await _open(port)
    writer.write(beginning)
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(1)


async def drip(port: int) -> None:
    """A head without an end, a byte a second."""
    await _drip(port, b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")


async def slow_body(port: int) -> None:
    """A whole head, and a body that comes a byte a second."""
    form = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nusername="
    await _drip(port, b"POST /login HTTP/1.1\r\nHost: a\r\n" + form)


async def slow_chunks(port: int) -> None:
    """A chunked body that comes a chunk a second."""
    head = b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    await _drip(port, head, b"1\r\na\r\n")


async def slow_reader(port: int) -> None:
    """Ask for something large again and again on one connection, and read a byte a second."""
    reader, writer = await _open(port)
    writer.transport.get_extra_info("socket").setsockopt(1, 8, 4096)  # SO_RCVBUF
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(f"GET {LARGE} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 200)
    await asyncio.sleep(3600)
    await reader.read(1)


async def idle(port: int) -> None:
    """One request, then an open connection."""
    reader, writer = await _open(port)
    while True:
        writer.write(b"GET /api/health HTTP/1.1\r\nHost: a\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(10)


KINDS: dict[str, Slow | None] = {
    "nobody else": None,
    "one byte, then silence": one_byte,
    "a head, a byte a second": drip,
    "a body, a byte a second": slow_body,
    "chunks, one a second": slow_chunks,
    "readers that do not read": slow_reader,
    "open connections at rest": idle,
}


async def honest(port: int, path: str) -> float:
    """Seconds of one whole request; raises OSError or TimeoutError."""
    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
    if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 302", b"HTTP/1.1 503")):
        raise OSError(answer[:60])
    return time.perf_counter() - began


@contextlib.asynccontextmanager
async def _beside(kind: Slow | None, port: int, count: int) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_again(kind, port)) for _ in range(count)] if kind else []
    try:
        await asyncio.sleep(3 if kind else 0)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again(kind: Slow, port: int) -> None:
    """One slow visitor, who comes back whenever it was sent away."""
    while True:
        with contextlib.suppress(OSError, EOFError, TimeoutError):
            await kind(port)
        await asyncio.sleep(0.5)


async def tried(name: str, port: int, slow: int, visitors: int, requests: int) -> Row:
    """Let honest visitors ask beside slow ones of one kind."""

    async def visit(number: int) -> list[float | None]:
        found: list[float | None] = []
        for turn in range(requests):
            try:
                found.append(await honest(port, PAGES[(number + turn) % len(PAGES)]))
            except (OSError, TimeoutError):
                found.append(None)
            await asyncio.sleep(1)
        return found

    async def at(moment: float, number: int) -> list[float | None]:
        await asyncio.sleep(moment)
        return await visit(number)

    async with _beside(KINDS[name], port, slow):
        all_of_them = await asyncio.gather(*(at(number / visitors, number) for number in range(visitors)))
    times = [second for one in all_of_them for second in one]
    good = [second for second in times if second is not None]
    return Row(
        name,
        len(good),
        len(times),
        statistics.median(good) if good else None,
        max(good) if good else None,
    )


def table(rows: list[Row]) -> str:
    """As Markdown."""

    def shown(seconds: float | None) -> str:
        return "-" if seconds is None else f"{seconds * 1000:,.0f}"

    lines = ["| slow visitors | honest requests answered | median, ms | worst, ms |", "|---|--:|--:|--:|"]
    lines += [
        f"| {row.kind} | {row.answered} of {row.asked} | {shown(row.median)} | {shown(row.worst)} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Try every kind, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slowclients", description=__doc__)
    parser.add_argument("port", type=int, nargs="?", help="of a running viewer")
    parser.add_argument("--slow", type=int, default=500, help="slow connections (default 500)")
    parser.add_argument("--honest", type=int, default=50, help="honest visitors (default 50)")
    parser.add_argument("--requests", type=int, default=6, help="of each honest visitor (default 6)")
    parser.add_argument("--worker", default="", help="another worker class of gunicorn")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        rows = []
        for name in KINDS:
            with contextlib.ExitStack() as one:
                port = given.port or one.enter_context(started(given.worker))
                rows.append(asyncio.run(tried(name, port, given.slow, given.honest, given.requests)))
                print(rows[-1], flush=True)
        stack.close()
    print(table(rows))


if __name__ == "__main__":
    main()
