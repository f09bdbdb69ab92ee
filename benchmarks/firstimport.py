"""A viewer that is started on an empty folder beside a mailcow with a backlog: how soon the first lines are
seen, how soon all, and what every process holds meanwhile."""

import time
from pathlib import Path
from typing import Any

from benchmarks import memory

LINES = 75_000
PATIENCE = 300.0  # seconds
REST = 30.0


def first_import() -> dict[str, Any]:
    """Seconds to the first line and to the last, PSS in MB by kind of process at the peak and at rest, and MB
    of the write-ahead log afterwards."""
    with memory.viewer(LINES) as running:
        peak, first, whole = memory.imported(running, LINES, PATIENCE)
        log = Path(running.folder, "postgres", "pg_wal")
        wal = sum(file.stat().st_size for file in log.iterdir() if file.is_file())
        time.sleep(REST)
        rest = running.held()
    return {
        "lines": LINES,
        "first": first,
        "whole": whole,
        "wal": wal / 1e6,
        "peak": dict(peak),
        "rest": dict(rest),
        "program_peak": memory.program(peak) + peak["valkey"],
        "program_rest": memory.program(rest) + rest["valkey"],
        "whole_rest": memory.program(rest) + rest["valkey"] + rest["postgres"],
    }
