"""`python -m benchmarks.drop START FIRST DAYS`: drop whole days of DATABASE_URL one by one, as the nightly
job does; prints JSON.

START is the Unix second of the first stored line, FIRST the number of the first day to drop, counted from
that day. For each day: milliseconds, rows, bytes, and the milliseconds in which the file system frees a plain
file of as many bytes.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from webapp.app import create_app
from webapp.config import load_settings
from webapp.tables.db import db, now
from webapp.trace import retention

BLOCK = bytes(2**20)


def main() -> None:
    """The first time the job runs it loads what it needs; it drops nothing then."""
    day, first, days = (
        datetime.fromtimestamp(float(sys.argv[1]), UTC).date(),
        int(sys.argv[2]),
        int(sys.argv[3]),
    )
    settings = load_settings(_env_file=None)
    with create_app(settings).app_context():
        _cleanup(3000)
        print(
            json.dumps(
                [
                    _dropped((day + timedelta(days=first + n)).toordinal(), Path(settings.data_dir))
                    for n in range(days)
                ]
            )
        )


def _dropped(ordinal: int, folder: Path) -> dict[str, Any]:
    """Run the job with the retention that makes this day one too old."""
    rows, size = _stored()
    milliseconds = _cleanup(now().date().toordinal() - ordinal - 1)
    left, smaller = _stored()
    return {
        "milliseconds": milliseconds,
        "rows": rows - left,
        "bytes": size - smaller,
        "freeing": _freed(folder, size - smaller),
    }


def _cleanup(retention_days: int) -> float:
    settings = load_settings(_env_file=None, retention_days=retention_days)
    began = time.perf_counter()
    retention.cleanup(db.session.connection(), settings)
    db.session.commit()
    return (time.perf_counter() - began) * 1000


def _stored() -> tuple[int, int]:
    """Postfix lines, and the bytes of the whole database."""
    found = db.session.execute(
        text("SELECT (SELECT count(*) FROM postfix_logs), pg_database_size(current_database())")
    ).one()
    db.session.commit()
    return int(found[0]), int(found[1])


def _freed(folder: Path, size: int) -> float:
    """Milliseconds that the disk of the database takes to free a file of so many bytes."""
    path = folder / "as-large-as-a-day"
    with path.open("wb") as file:
        for _ in range(size // len(BLOCK)):
            file.write(BLOCK)
        os.fsync(file.fileno())
    began = time.perf_counter()
    path.unlink()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
