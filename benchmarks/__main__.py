"""`python -m benchmarks`: measure whole things on a filled database and print tables. Never fails because of
a figure."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import measure, place, report
from benchmarks.disk import disk
from benchmarks.firstimport import first_import
from webapp.config import ROOT
from webapp.standalone import StartError

PARTS = (
    *("first_import", "requests", "export", "disk", "mailboxes"),
    *("ingestion", "under_load", "alerts", "retention"),
)


def arguments() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--lines", type=int, default=1_000_000, help="Postfix lines that are stored (default 1,000,000)"
    )
    parser.add_argument("--fresh", action="store_true", help="fill the database anew")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="measure only this; may be given several times"
    )
    parser.add_argument("--requests", type=int, default=60, help="requests of each kind (default 60)")
    parser.add_argument(
        "--steps", type=int, default=14, help="portions of 8,000 new lines that ingestion reads (default 14)"
    )
    parser.add_argument(
        "--cache", type=Path, default=ROOT / "data", help="folder of the filled databases (default data)"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    return parser.parse_args()


def main() -> None:
    """Prepare, measure, print."""
    given = arguments()
    try:
        with place.opened(given.cache, given.lines, given.fresh) as prepared:
            figures = _figures(prepared, given)
    except StartError as error:
        raise SystemExit(str(error)) from error
    text = report.tables(given.lines, figures)
    print(f"\n{text}")
    if given.write:
        report.write(given.lines, text)


def _figures(prepared: place.Place, given: argparse.Namespace) -> dict[str, Any]:
    """Measure what is wanted; with --only, what an earlier run found of the rest is kept."""
    wanted = given.only or PARTS
    kept = prepared.root / "figures.json"
    figures: dict[str, Any] = (
        json.loads(kept.read_text(encoding="utf-8")) if given.only and kept.exists() else {}
    )
    figures["machine"] = report.machine(prepared)
    jobs: dict[str, Callable[[], Any]] = {
        "first_import": first_import,
        "requests": lambda: measure.requests(prepared, given.requests),
        "export": lambda: measure.export(prepared),
        "disk": lambda: disk(prepared),
        "mailboxes": lambda: measure.mailboxes(prepared),
    }
    for name, job in jobs.items():
        if name in wanted:
            _tell(name)
            figures[name] = job()
    if {"ingestion", "under_load", "alerts", "retention"} & set(wanted):
        figures |= _on_a_copy(prepared, wanted, given.steps)
    kept.write_text(json.dumps(figures), encoding="utf-8")
    return figures


def _on_a_copy(prepared: place.Place, wanted: Sequence[str], steps: int) -> dict[str, Any]:
    """What changes the database, all on one copy of it."""
    database, figures = prepared.fresh_copy(), {}
    with measure.feed(prepared, 2 * (steps + 1) * measure.STEP) as url:
        if "ingestion" in wanted:
            _tell("ingestion")
            figures["ingestion"] = measure.ingestion(prepared, database, url, steps)
        if "under_load" in wanted:
            _tell("ingestion under load")
            figures["under_load"] = measure.under_load(prepared, database, url, steps)
    if "alerts" in wanted:
        _tell("alerts")
        figures["alerts"] = measure.alerts(prepared, database)
    if "retention" in wanted:
        _tell("retention")
        figures["retention"] = measure.retention(prepared, database, 4)
    prepared.drop_copy()
    return figures


def _tell(what: str) -> None:
    print(f"  measuring: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
