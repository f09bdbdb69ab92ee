"""Rows -> CSV: UTF-8 with BOM, RFC 4180, and no cell that a spreadsheet would take for a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from webapp.lists.answer import CsvColumn
from webapp.tables.db import iso
from webapp.web.filters import visible

FORMULA = frozenset("=+-@\t\r\n")  # what a cell with a formula begins with
ALIKE = frozenset("\N{MINUS SIGN}\u2010\u2011\u2012\u2013\u2014\u2015")  # what some programs take for a minus
PORTION = 250  # rows a piece of the stream
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def cell(value: Any) -> Any:
    """The value as it may stand in a cell; text that begins like a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, str):
        shown = visible(value).replace("\t", "\\u0009")
        return "'" + shown if _begins_formula(value) else shown
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list):
        return cell(", ".join(value))
    return value


def _begins_formula(text: str) -> bool:
    """Also for a sign in another width or height, which a spreadsheet may take for the plain one."""
    first = text.lstrip(" ")[:1]
    return bool(first) and (first in ALIKE or unicodedata.normalize("NFKC", first)[:1] in FORMULA)


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
