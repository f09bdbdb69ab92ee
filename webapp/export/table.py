"""Rows -> CSV: UTF-8 with BOM, RFC 4180, and no cell that a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from webapp.lists.answer import CsvColumn
from webapp.tables.db import iso

FORMULA = ("=", "+", "-", "@", "\t", "\r")
PORTION = 250  # rows a piece of the stream
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def cell(value: Any) -> Any:
    """The value as it may stand in a cell; text that begins like a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "'" + value if value.startswith(FORMULA) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list):
        return cell(", ".join(value))
    return value


def pieces(columns: Sequence[CsvColumn], rows: Iterable[Any]) -> Iterator[str]:
    """The CSV in pieces of text, the header first and at once."""
    values = attrgetter(*(column.name for column in columns))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([column.head for column in columns])
    yield BOM + buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    for number, row in enumerate(rows, 1):
        writer.writerow(map(cell, values(row)))
        if number % PORTION == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
