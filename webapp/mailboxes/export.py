"""Daily figures as CSV."""

from collections.abc import Sequence
from typing import Any

from webapp.export.table import pieces
from webapp.lists.answer import CsvColumn
from webapp.mailboxes.queries import DOMAIN_COUNTS, MOST_DAYS
from webapp.tables.db import now

COLUMNS = (
    CsvColumn("Date", "day"),
    CsvColumn("Domain", "domain"),
    *(CsvColumn(name.capitalize(), name) for name in DOMAIN_COUNTS),
)


def text(rows: Sequence[Any]) -> str:
    """The rows of domain_days as a CSV file."""
    return "".join(pieces(COLUMNS, rows))


def headers(rows: Sequence[Any]) -> dict[str, str]:
    """Its name, and whether it was cut."""
    return {
        "Content-Disposition": f'attachment; filename="domains-{now():%Y%m%d-%H%M%S}.csv"',
        "X-Export-Truncated": "true" if len(rows) == MOST_DAYS else "false",
    }
