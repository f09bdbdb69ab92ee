"""`python -m benchmarks.drop START DAYS`: drop the oldest whole days of DATABASE_URL one by one; prints the milliseconds of each."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from webapp.app import create_app
from webapp.config import load_settings
from webapp.db import db, now
from webapp.messages import retention


def main() -> None:
    """The first day of the stored span is not whole: it is dropped first, and not counted."""
    first, days = datetime.fromtimestamp(float(sys.argv[1]), UTC).date(), int(sys.argv[2])
    with create_app(load_settings(_env_file=None)).app_context():
        _dropped(0)
        print(json.dumps([_dropped((first + timedelta(days=n)).toordinal()) for n in range(days + 1)][1:]))


def _dropped(ordinal: int) -> dict[str, Any]:
    """Run the job with the retention that makes this day one too old; 0 keeps all."""
    keep = now().date().toordinal() - ordinal - 1 if ordinal else 3000
    settings = load_settings(_env_file=None, retention_days=keep)
    before = _rows()
    began = time.perf_counter()
    retention.cleanup(db.session.connection(), settings)
    db.session.commit()
    return {"milliseconds": (time.perf_counter() - began) * 1000, "rows": before - _rows()}


def _rows() -> int:
    found = int(db.session.scalar(text("SELECT count(*) FROM postfix_logs")) or 0)
    db.session.commit()
    return found


if __name__ == "__main__":
    main()
