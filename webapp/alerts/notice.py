"""A notice: what the administrator is told, once. Rules and events make notices; the outbox delivers them."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a notice matters, the least first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Notice:
    """One thing to tell. Title and lines are plain text; foreign text inside them is data, never markup.

    `key` is the notice's natural key: a notice whose key was put before is the same one, told once. `kinds`
    are the names of the rules it tells of (channels choose by them), `link` a path in this program, or ''.
    """

    key: str
    kinds: tuple[str, ...]
    severity: Severity
    title: str
    lines: tuple[str, ...] = ()
    link: str = ""
