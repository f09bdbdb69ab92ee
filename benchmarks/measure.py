"""The measurements themselves; each gives plain figures."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis

from benchmarks.client import Answer
from benchmarks.feed import KEY
from benchmarks.place import FILLED, Place
from benchmarks.questions import EXPORT, MEDIAN, QUESTIONS, READ, SEARCHES, WAITING, Question
from benchmarks.samples import Samples, take
from benchmarks.web import Web, served
from webapp.config import ROOT

STEP = 8_000  # Postfix lines that become visible at once; mailcow keeps 10,000
WARMING = 12  # requests of a kind that are not counted
FETCH_COUNT = 2_000
BOXES, MAILBOX_LIST = "boxes", "/api/mailbox-stats/all"
ENDING = 0.5  # seconds that PostgreSQL needs at the most to end the connections of a process that has ended


@dataclass
class Timing:
    """One row of the table of requests; milliseconds."""

    group: str
    name: str
    median: float | None
    p95: float | None
    worst: float | None
    target: float | None
    target_of: str
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the figure that has a target keeps it."""
        value = self.median if self.target_of == MEDIAN else self.p95
        return None if value is None or self.target is None else value <= self.target


def p95(values: Sequence[float]) -> float:
    """The value that 95 % of them do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def requests(place: Place, count: int) -> list[dict[str, Any]]:
    """All requests of the table, `count` different ones of each, one at a time."""
    samples = take(place, count + WARMING)
    subprocess.run(
        [sys.executable, "-m", "benchmarks.waiting", str(WAITING)],
        cwd=ROOT,
        env=place.environment(FILLED),
        check=True,
    )
    with served(place, FILLED) as web:
        return [asdict(_timed(place, web, question, samples, count)) for question in QUESTIONS]


def _cold(place: Place, web: Web, paths: Sequence[str]) -> list[Answer]:
    """Ask each path after every cached figure was forgotten."""
    cache = Redis.from_url(place.server.url(0))
    answers = []
    for path in paths:
        cache.flushdb()
        answers += web.ask([path])
    return answers


def _timed(place: Place, web: Web, question: Question, samples: Samples, count: int) -> Timing:
    paths = [question.path.format(**samples.values(n)) for n in range(count + WARMING)]
    target = question.target and question.target * place.lenience
    row = Timing(question.group, question.name, None, None, None, target, question.of)
    if (status := web.status(paths[0])) != 200:
        row.note = "not built" if status == 404 else f"status {status}"
        return row
    asked = [*paths[count:], *paths[:count]]
    answers = (_cold(place, web, asked) if question.cold else web.ask(asked))[WARMING:]
    wrong = sum(answer[0] != 200 for answer in answers)
    times = [answer[2] for answer in answers]
    row.median, row.p95, row.worst = statistics.median(times), p95(times), max(times)
    row.note = f"{wrong} of {count} not answered with 200" if wrong else ""
    return row


def export(place: Place) -> dict[str, Any]:
    """The CSV of 10,000 Postfix rows: first byte, whole, and how much more memory it takes than one of
    1,000."""
    with served(place, FILLED) as web:
        if web.status(EXPORT + "?limit=1") == 404:
            return {"note": "not built"}
        peaks = {rows: _peak(place, rows) for rows in (1_000, 10_000)}
        answers = web.ask([EXPORT] * 8)[1:]
    return {
        "first_byte": statistics.median(answer[1] for answer in answers),
        "whole": statistics.median(answer[2] for answer in answers),
        "kilobytes": answers[0][3] / 1000,
        "growth_mb": peaks[10_000] - peaks[1_000],
    }


def _peak(place: Place, rows: int) -> float:
    with served(place, FILLED, CSV_EXPORT_LIMIT=str(rows)) as web:
        web.ask(["/api/health", "/api/messages?limit=500", EXPORT + "?search=removed"] * 2)
        web.forget_peak()
        web.ask([EXPORT] * 6)
        return web.memory()


@contextmanager
def feed(place: Place, lines: int) -> Iterator[str]:
    """A simulated mailcow with that many lines after the stored ones; gives its address."""
    start, end = place.span
    command = [sys.executable, "-m", "benchmarks.feed", str(place.lines), repr(start), repr(end), str(lines)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def ingestion(place: Place, name: str, url: str, steps: int) -> dict[str, Any]:
    """Read `steps` times STEP new lines; medians over the steps but the first, which warms up."""
    environment = place.environment(
        name, MAILCOW_URL=url, MAILCOW_API_KEY=KEY, FETCH_COUNT_POSTFIX=str(FETCH_COUNT)
    )
    began, worked = os.getloadavg()[0], place.database_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest", str(steps), str(STEP)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    time.sleep(ENDING)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    counted = found[1:]
    database = place.database_seconds() - worked
    seconds = sum(step["seconds"] for step in counted)
    return {
        "lines": sum(step["lines"] for step in counted),
        "steps": len(counted),
        "gaps": sum(step["gaps"] for step in found),
        "rate": statistics.median(step["lines"] / step["seconds"] for step in counted),
        "slowest": min(step["lines"] / step["seconds"] for step in counted),
        **{
            part: sum(step[part] for step in counted) / seconds for part in ("fetch", "store", "trace", "cpu")
        },
        "python_us": sum(step["cpu"] for step in counted) / sum(step["lines"] for step in counted) * 1e6,
        "database_us": database / sum(step["lines"] for step in found) * 1e6,
        "peak_mb": max(step["peak_mb"] for step in found),
        "load_before": began,
        "load_after": os.getloadavg()[0],
    }


def under_load(place: Place, database: str, url: str, steps: int) -> dict[str, Any]:
    """Ingestion while two clients search without a pause."""
    samples = take(place, 40)
    paths = [question.path.format(**samples.values(n)) for n in range(40) for question in SEARCHES]
    with served(place, database) as web:
        built = [path for path in paths if web.status(path) == 200]
        half = len(built) // 2
        clients = web.searchers([built, built[half:] + built[:half]])
        figures = ingestion(place, database, url, steps)
        answers: list[Answer] = clients.end()
    times = [answer[2] for answer in answers]
    return {
        **figures,
        "searches": len(times),
        "search_median": statistics.median(times),
        "search_p95": p95(times),
        "wrong": sum(answer[0] != 200 for answer in answers),
    }


def retention(place: Place, database: str, days: int) -> dict[str, Any]:
    """Drop whole days one by one, as the nightly job does, and one more while a client reads; milliseconds.

    The first day of the stored span is not whole: it is dropped first, and not counted.
    """
    found = _drop(place, database, 0, days + 1)[1:]
    with served(place, database) as web:
        reader = web.searchers([READ])
        _drop(place, database, days + 1, 1)
        answers = reader.end()
    return {
        "rows": found[0]["rows"],
        "target": 200 * place.lenience,
        "megabytes": found[0]["bytes"] / 1e6,
        "median": statistics.median(day["milliseconds"] for day in found),
        "worst": max(day["milliseconds"] for day in found),
        "freeing": statistics.median(day["freeing"] for day in found),
        "read": len(answers),
        "read_worst": max(answer[2] for answer in answers),
        "wrong": sum(answer[0] != 200 for answer in answers),
    }


def _drop(place: Place, database: str, first: int, days: int) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.drop", repr(place.span[0]), str(first), str(days)],
        cwd=ROOT,
        env=place.environment(database),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def mailboxes(place: Place, count: int = 30) -> dict[str, Any]:
    """The list of 5,000 mailboxes with 10,000 aliases, cold and from the cache, and the job that reads
    them."""
    place.cluster.drop_database(BOXES)
    place.cluster.create_database(BOXES)
    environment = place.environment(BOXES)
    for command in (["flask", "--app", "wsgi", "db", "upgrade"], ["benchmarks.mailboxes", "fill"]):
        subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, check=True, capture_output=True
        )
    with place.connect(BOXES) as connection:
        connection.execute("VACUUM (ANALYZE)")
    job = [sys.executable, "-m", "benchmarks.mailboxes", "refresh"]
    refreshed = subprocess.run(job, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE).stdout
    with served(place, BOXES) as web:
        web.ask([MAILBOX_LIST] * WARMING)
        found = {
            name: [answer[2] for answer in answers]
            for name, answers in (
                ("cold", _cold(place, web, [MAILBOX_LIST] * count)),
                ("cold_90", _cold(place, web, [MAILBOX_LIST + "?date_range=90days&search=box1"] * count)),
                ("warm", web.ask([MAILBOX_LIST] * count)),
            )
        }
    place.cluster.drop_database(BOXES)
    timings = {name: {"median": statistics.median(times), "p95": p95(times)} for name, times in found.items()}
    return {"refresh": json.loads(refreshed), **timings}


def alerts(place: Place, database: str) -> dict[str, Any]:
    """One look at all rules, a minute after the newest line: in milliseconds."""
    job = [sys.executable, "-m", "benchmarks.alerts", repr(place.span[1])]
    environment = place.environment(database)
    made = subprocess.run(job, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE).stdout
    times = json.loads(made)
    return {name: {"median": statistics.median(found), "p95": p95(found)} for name, found in times.items()}
