"""Real lines with what is right about them; each case names where they were posted."""

import json
from pathlib import Path
from typing import Any

from tests.samples.recorded import CLOCKS, NEWEST_AT

CASES = json.loads((Path(__file__).parent / "real-lines.json").read_text())
MAILS = [case for case in CASES if "message" not in case]
EVENTS = [case for case in CASES if "message" in case]
_NEWEST = max(int(row["time"]) for case in MAILS for row in case["postfix"])


def lists() -> dict[str, list[Any]]:
    """The lists that mailcow would give, oldest first, the newest line half a minute old."""
    return {name: _rows(name, clock) for name, clock in CLOCKS.items()}


def _rows(name: str, clock: str) -> list[dict[str, Any]]:
    rows = sorted((row for case in MAILS for row in case.get(name, [])), key=lambda row: int(row[clock]))
    return [{**row, clock: type(row[clock])(int(row[clock]) + NEWEST_AT - _NEWEST)} for row in rows]
