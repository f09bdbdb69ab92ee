"""Figures -> tables for the terminal and for README.md."""

import os
import platform
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.disk import shown
from benchmarks.place import FILLED, Place

README = Path(__file__).with_name("README.md")
DISK_TARGET = 700  # bytes a line
Cell = str | float | int | None


def machine(place: Place) -> dict[str, Any]:
    """Where and when the figures were taken."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = place.query(FILLED, "SHOW server_version")[0][0]
    size = place.query(FILLED, f"SELECT pg_database_size('{FILLED}')")[0][0]
    counts = place.query(
        FILLED,
        "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM deliveries), "
        "(SELECT count(*) FROM rspamd_logs)",
    )[0]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "python": platform.python_version(),
        "postgres": version.split()[0],
        "database_gb": round(size / 1e9, 2),
        "messages": counts[0],
        "deliveries": counts[1],
        "rspamd": counts[2],
        "load": round(os.getloadavg()[0], 2),
        "additions": round(_additions(), 2),
    }


def _additions() -> float:
    """Seconds that ten million additions take: how fast the machine is just now, for its neighbours share
    it."""
    began, total = time.perf_counter(), 0
    for number in range(10_000_000):
        total += number
    return time.perf_counter() - began


def tables(lines: int, figures: dict[str, Any]) -> str:
    """All tables of one size, as Markdown."""
    where = figures["machine"]
    parts: list[str] = [
        f"### {lines:,} Postfix lines stored\n",
        f"{where['date']}; {where['cores']} cores, {where['memory_gb']} GB, Python {where['python']}, "
        f"PostgreSQL {where['postgres']}; "
        f"{where['messages']:,} messages, {where['deliveries']:,} deliveries, {where['rspamd']:,} Rspamd "
        f"rows, database "
        f"{where['database_gb']} GB; load average {where['load']} before the start; ten million additions in "
        f"Python take "
        f"{where['additions']} s (neighbours of the virtual machine and other work on it make figures "
        f"worse).\n",
    ]
    makers: dict[str, Callable[[str, Any], str]] = {
        "first_import": _first_import,
        "disk": _disk,
        "ingestion": _ingestion,
        "under_load": _ingestion,
        "requests": _requests,
        "export": _export,
        "mailboxes": _mailboxes,
        "alerts": _alerts,
        "retention": _retention,
    }
    for name, make in makers.items():
        if name in figures:
            parts.append(make(name, figures[name]))
    return "\n".join(parts)


def write(lines: int, text: str) -> None:
    """Put the tables of this size into README.md, in place of the older ones."""
    readme = README.read_text(encoding="utf-8")
    block = f"<!-- {lines} -->\n{text}\n<!-- end of {lines} -->"
    old = re.compile(rf"<!-- {lines} -->.*?<!-- end of {lines} -->", re.DOTALL)
    readme = old.sub(lambda _: block, readme) if old.search(readme) else f"{readme.rstrip()}\n\n{block}\n"
    README.write_text(readme, encoding="utf-8")


def _table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [max(len(head[column]), *(len(row[column]) for row in texts)) for column in range(len(head))]
    sides = [
        row[column].replace(",", "").replace(".", "").isdigit()
        for row in texts[:1]
        for column in range(len(head))
    ]

    def line(cells: Sequence[str]) -> str:
        return (
            "| "
            + " | ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(cells, widths, sides, strict=True)
            )
            + " |"
        )

    rule = (
        "|"
        + "|".join(
            "-" * (width + 1) + (":" if right else "-") for width, right in zip(widths, sides, strict=True)
        )
        + "|"
    )
    return "\n".join([line(head), rule, *map(line, texts)]) + "\n"


def _first_import(_: str, found: dict[str, Any]) -> str:
    title = f"**First import: a viewer is started beside a backlog of {found['lines']:,} lines**\n\n"
    peak, rest, whole = (found[name] for name in ("program_peak", "program_rest", "whole_rest"))
    rows: list[Sequence[Cell]] = [
        ["first line visible after the start, s", found["first"], "2", _verdict(found["first"] <= 2)],
        ["all stored and linked, s", found["whole"], "6", _verdict(found["whole"] <= 6)],
        ["all processes of the program and Valkey at the peak, PSS, MB", peak, "280", _verdict(peak <= 280)],
        ["the same at rest, PSS, MB", rest, "200", _verdict(rest <= 200)],
        ["everything at rest, with its database in use, PSS, MB", whole, "320", _verdict(whole <= 320)],
        ["write-ahead log after it, MB", found["wal"], "128", _verdict(found["wal"] <= 128)],
    ]
    kinds = sorted({kind for held in ("peak", "rest") for kind in found[held] if ":" not in kind})
    processes: list[Sequence[Cell]] = [
        [kind, float(found["peak"].get(kind, 0)), float(found["rest"].get(kind, 0))] for kind in kinds
    ]
    head = ["PSS, MB", "at the peak", "at rest"]
    return title + _table(["", "figure", "target", "met"], rows) + "\n" + _table(head, processes)


def _disk(_: str, found: dict[str, Any]) -> str:
    title = (
        "**Disk by table and index, bytes a Postfix line with all that belongs to it; shared buffers**\n\n"
    )
    rows: list[Sequence[Cell]] = [[str(what), *map(float, figures)] for what, *figures in shown(found)]
    whole = found["whole"] / found["lines"]
    verdict = _verdict(whole <= DISK_TARGET)
    note = f"Target: {DISK_TARGET} bytes a line ({verdict}); write-ahead log {found['wal'] / 1e6:,.0f} MB.\n"
    return title + _table(["", "bytes a line", "in shared buffers, MB"], rows) + "\n" + note


def _mailboxes(_: str, found: dict[str, Any]) -> str:
    job = found["refresh"]
    rows: list[Sequence[Cell]] = [
        [
            "list, nothing cached, ms (p95)",
            found["cold"]["p95"],
            "under 300",
            _verdict(found["cold"]["p95"] < 300),
        ],
        ["the same, 90 days and a search, ms (p95)", found["cold_90"]["p95"], "", ""],
        [
            "list from the cache, ms (p95)",
            found["warm"]["p95"],
            "under 20",
            _verdict(found["warm"]["p95"] < 20),
        ],
        ["refresh job, seconds", job["seconds"], "under 60", _verdict(job["seconds"] < 60)],
        ["refresh job, peak memory, MB", job["peak_mb"], "under 300", _verdict(job["peak_mb"] < 300)],
    ]
    title = "**5,000 mailboxes, 10,000 aliases, 2,000,000 deliveries in 30 days**\n\n"
    return title + _table(["", "figure", "target", "met"], rows)


def _alerts(_: str, found: dict[str, Any]) -> str:
    words = {
        "quiet": "nothing wrong, ms (p95)",
        "begin": "500 domains turn bad at once, ms",
        "open": "500 events open, ms (p95)",
    }
    rows: list[Sequence[Cell]] = [
        [words[name], found[name]["p95"], "under 500", _verdict(found[name]["p95"] < 500)] for name in words
    ]
    title = "**One look at all rules, each minute: a queue of 10,000, 500 domains**\n\n"
    return title + _table(["", "figure", "target", "met"], rows)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:,.1f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else cell


def _verdict(is_met: bool | None) -> str:
    return "" if is_met is None else "yes" if is_met else "NO"


def _ingestion(name: str, found: dict[str, Any]) -> str:
    busy = name == "under_load"
    title = "Ingestion while two clients search" if busy else "Ingestion"
    rows: list[list[Cell]] = [
        [
            "fetch + store + trace, lines a second (median)",
            found["rate"],
            "at least 5,000, aim 10,000",
            _verdict(found["rate"] >= 5000),
        ],
        ["slowest step, lines a second", found["slowest"], "", ""],
        [
            "peak memory of the reading process, MB",
            found["peak_mb"],
            "under 300",
            _verdict(found["peak_mb"] < 300),
        ],
        [
            "share of the time: fetch / store / trace, %",
            " / ".join(f"{found[part] * 100:.0f}" for part in ("fetch", "store", "trace")),
            "",
            "",
        ],
        ["processor of the reading process, % of one core", found["cpu"] * 100, "", ""],
        ["lines read, gaps", f"{found['lines']:,}, {found['gaps']}", "no gap", _verdict(found["gaps"] == 0)],
    ]
    if not busy:
        cost = f"{found['python_us']:.0f} + {found['database_us']:.0f}"
        rows.append(["processor time a line, µs: reading process + PostgreSQL", cost, "", ""])
    if busy:
        rows += [
            ["searches meanwhile", found["searches"], "", ""],
            ["a search, ms (median)", found["search_median"], "", ""],
            ["a search, ms (p95)", found["search_p95"], "under 100", _verdict(found["search_p95"] < 100)],
            ["searches not answered with 200", found["wrong"], "0", _verdict(found["wrong"] == 0)],
        ]
    note = (
        f"Load average before: {found['load_before']:.1f}, after: {found['load_after']:.1f} (the "
        f"measurement itself takes about 1.5).\n"
    )
    return f"**{title}**\n\n" + _table(["", "figure", "target", "met"], rows) + "\n" + note


def _requests(_: str, found: list[dict[str, Any]]) -> str:
    parts = []
    for group in dict.fromkeys(row["group"] for row in found):
        rows: list[list[Cell]] = []
        for row in found:
            if row["group"] == group:
                target = f"{row['target_of']} {row['target']:g}" if row["target"] else ""
                rows.append(
                    [
                        row["name"],
                        row["median"],
                        row["p95"],
                        row["worst"],
                        target,
                        row["note"] or _verdict(_is_met(row)),
                    ]
                )
        parts.append(
            f"**Requests: {group}** (ms, whole request)\n\n"
            + _table(["request", "median", "p95", "worst", "target", "met"], rows)
        )
    return "\n".join(parts)


def _is_met(row: dict[str, Any]) -> bool | None:
    value = row[row["target_of"]]
    return None if value is None or row["target"] is None else bool(value <= row["target"])


def _export(_: str, found: dict[str, Any]) -> str:
    if "note" in found:
        return f"**CSV of 10,000 Postfix rows**: {found['note']}\n"
    rows: list[list[Cell]] = [
        ["first byte, ms", found["first_byte"], "100", _verdict(found["first_byte"] < 100)],
        ["whole, ms", found["whole"], "600", _verdict(found["whole"] < 600)],
        ["sent (compressed), kB", found["kilobytes"], "", ""],
        [
            "more memory than for 1,000 rows, MB",
            found["growth_mb"],
            "about 0",
            _verdict(found["growth_mb"] < 5),
        ],
    ]
    return "**CSV of 10,000 Postfix rows**\n\n" + _table(["", "figure", "target", "met"], rows)


def _retention(_: str, found: dict[str, Any]) -> str:
    target = found["target"]
    rows: list[list[Cell]] = [
        ["median, ms", found["median"], str(target), _verdict(found["median"] < target)],
        ["worst, ms", found["worst"], str(target), _verdict(found["worst"] < target)],
        ["Postfix lines in it", found["rows"], "", ""],
        ["its size, MB", found["megabytes"], "", ""],
        ["the file system alone, freeing a file of that size, ms", found["freeing"], "", ""],
        [f"worst of {found['read']:,} requests meanwhile, ms", found["read_worst"], "", ""],
        ["requests not answered with 200", found["wrong"], "0", _verdict(found["wrong"] == 0)],
    ]
    return "**Dropping a day (the whole nightly job)**\n\n" + _table(["", "figure", "target", "met"], rows)
