"""Looking at mailcow's logs again and again, before a small ring could overflow between two regular looks."""

import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.ingest.collect import Progress, fetch_logs
from webapp.ingest.pace import AMPLE, Pace, keep_pace, kept_pace
from webapp.ingest.read import Reading, known_length
from webapp.ingest.rows import good_records
from webapp.ingest.sources import SOURCES
from webapp.mailcow.client import Mailcow
from webapp.tables.db import now

WHOLE_LOOK = 5  # seconds between looks at all lists while some are watched
LONGEST_WATCH = 300  # seconds a run goes on looking; then the next one takes over
BEGINNING = 10  # seconds for which lists of which no pace is known are looked at every FIRST_PAUSE
FIRST_PAUSE = 0.5  # seconds; a burst in a small ring may have begun with the first look


def watch_logs(session: Session, mailcow: Mailcow, settings: Settings) -> Iterator[Progress]:
    """Read all lists, and again before a small ring could overflow, for as long as lines come that fast, and
    a few times more where nothing is known yet of how fast they come.

    Yields and raises as `fetch_logs` does.
    """
    paces = {source.name: kept_pace(source.name) for source in SOURCES if source.is_watched}
    unknown = [name for name, pace in paces.items() if not pace.capacity]
    started, total = time.monotonic(), Progress()
    only: set[str] = set()
    last_whole = 0.0
    while True:
        looked = time.monotonic()
        if looked - last_whole >= min(WHOLE_LOOK, settings.fetch_interval):
            only, last_whole = set(), looked
        yield from fetch_logs(session, mailcow, settings, total, only)
        for name, pace in paces.items():
            if name in total.readings:
                _note_pace(mailcow, pace, total.readings[name], probe=not only)
        pauses = {name: pace.pause(settings.fetch_interval) for name, pace in paces.items()}
        if time.monotonic() - started < min(BEGINNING, settings.fetch_interval):
            pauses |= {name: FIRST_PAUSE for name in unknown if pauses[name] is None}
        only = {name for name, pause in pauses.items() if pause is not None}
        total.in_haste = bool(only)
        if not only or time.monotonic() - started > LONGEST_WATCH:
            return
        pause = min(pause for pause in pauses.values() if pause is not None)
        time.sleep(max(0.0, looked + pause - time.monotonic()))


def _note_pace(mailcow: Mailcow, pace: Pace, reading: Reading[Any], probe: bool) -> None:
    times = [row.time for row in good_records(reading.rows)]
    pace.note(times, reading.length, now().timestamp(), is_new=reading.aligned)
    if probe and pace.capacity < AMPLE and pace.peak:
        pace.capacity = known_length(mailcow, reading.source, pace.capacity, AMPLE)
    keep_pace(reading.source.name, pace)
