"""`python -m benchmarks.fill LINES DAYS END`: fill the database of DATABASE_URL by the product's own store
and link code."""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from benchmarks.feed import KEY, stored_rows
from webapp.app import create_app
from webapp.config import Settings, load_settings
from webapp.demo.bulk import RowState
from webapp.demo.server import serve
from webapp.ingest import collect, store
from webapp.ingest.read import Reading
from webapp.ingest.rows import Element
from webapp.ingest.source import Context
from webapp.ingest.sources import SOURCES
from webapp.mailcow import domains as directory
from webapp.mailcow.client import Mailcow
from webapp.tables.db import db
from webapp.tables.engine import JOB
from webapp.tables.gin import emptied_beside
from webapp.tables.packing import pack
from webapp.trace.load import load_surroundings

PORTION = 20_000  # rows of all lists at a time
BY_ROUTE = {source.route: source for source in SOURCES}


def main() -> None:
    """Fill, and say every now and then how far it is; then pack days that are over, as is done each night."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fill")
    parser.add_argument("lines", type=int)
    parser.add_argument("days", type=float)
    parser.add_argument("end", type=float)
    given = parser.parse_args()
    app = create_app(load_settings(_env_file=None), patience=JOB)
    with app.app_context():
        _fill(given.lines, given.days, given.end, app.config["SETTINGS"])
        pack(db.engine, datetime.fromtimestamp(given.end, UTC).date())


def _fill(lines: int, days: float, end: float, settings: Settings) -> None:
    _learn_domains()
    surroundings = load_surroundings(db.session.connection(), settings)
    window = settings.max_correlation_age_minutes * 60
    with emptied_beside(db.engine) as empty:
        context = Context(surroundings, window)
        run = collect.Run(db.session(), settings, context, collect.Progress(), empty=empty)
        began, told = time.monotonic(), 0
        for readings in _portions(lines, days, end):
            run.context = Context(surroundings, window)
            _store(run, readings)
            done = run.progress.rows["postfix"]
            if done - told >= 100_000 or done == lines:
                told, passed = done, time.monotonic() - began
                print(
                    f"  filled {done:,} of {lines:,} lines, {done / passed:,.0f} a second",
                    file=sys.stderr,
                    flush=True,
                )


def _store(run: collect.Run, readings: dict[str, Reading[Any]]) -> None:
    cursors = store.load_cursors(db.session.connection())
    for source in SOURCES:
        cursor = cursors[source.name]
        readings[source.name].older, readings[source.name].newest = list(cursor.tail), cursor.newest
    collect.announce(db.session.connection(), readings, run.context)
    for source in SOURCES:
        reading = readings[source.name]
        for _ in collect.take_in(run, reading):
            db.session.commit()


def _portions(lines: int, days: float, end: float) -> Iterator[dict[str, Reading[Any]]]:
    rows = stored_rows(lines, days, end)
    while portion := list(islice(rows, PORTION)):
        read: dict[str, list[Element[Any]]] = defaultdict(list)
        for name, raw in portion:
            source = BY_ROUTE[name]
            read[source.name].append(source.record(raw))
        yield {source.name: Reading(source, read[source.name]) for source in SOURCES}


def _learn_domains() -> None:
    server = serve(0, KEY, state=RowState(0))
    directory.save_domains(db.session.connection(), directory.read_domains(Mailcow(server.url, KEY)))
    db.session.commit()
    server.close()


if __name__ == "__main__":
    main()
