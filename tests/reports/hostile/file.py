"""One hostile file: its name, how it is made, and whether it may be stored."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.reports.samples import METADATA, POLICY, record, xml

BIG = 9_900_000  # bytes: as large as an upload may be
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<feedback>{METADATA}{POLICY}\n'
TAIL = "</feedback>\n"


@dataclass(frozen=True)
class Hostile:
    """One file. `may_be_stored`: it is a report all the same, and only its texts are meant badly.

    `filename` is the name that it is sent under; `is_large`: too slow to make and read for a quick test.
    """

    name: str
    make: Callable[[], bytes]
    may_be_stored: bool = False
    filename: str = "report.xml"
    is_large: bool = False


def whole(body: str) -> bytes:
    """A report with this in the place of its records."""
    return (HEAD + body + TAIL).encode()


def ordinary(identity: str) -> bytes:
    """A good report under an id of its own."""
    return xml(record(), metadata=METADATA.replace("r-1", identity)).encode()
