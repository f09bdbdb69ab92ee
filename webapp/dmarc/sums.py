"""Messages and passes of anything that is counted, as rates; None is "no mail", which is no failure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from webapp.dmarc.shapes import Figures

COUNTED = (
    "messages",
    "said_spf",
    "said_dkim",
    "said_both",
    "said_either",
    "spf_aligned",
    "dkim_aligned",
    "passed",
)


def summed(prefix: str = "") -> str:
    """The select list that sums every counted column."""
    return ", ".join(f"coalesce(sum({prefix}{name}), 0)::bigint AS {name}" for name in COUNTED)


@dataclass(frozen=True)
class Passes:
    """Messages, those that the reporters let pass, and those that pass by alignment worked out anew."""

    messages: int
    said_spf: int
    said_dkim: int
    said_both: int
    said_either: int
    spf_aligned: int
    dkim_aligned: int
    passed: int

    @property
    def failed(self) -> int:
        """Messages that neither SPF nor DKIM let pass, as the reporters say."""
        return self.messages - self.said_either

    def rate(self, count: int) -> float | None:
        """Per cent of the messages, to one decimal."""
        return round(100 * count / self.messages, 1) if self.messages else None

    @property
    def compliant(self) -> float | None:
        """Per cent by DMARC's rule: SPF or DKIM."""
        return self.rate(self.said_either)

    def answer(self) -> Figures:
        """The figures as the API gives them; `dmarc_pass_pct` needs both, `dmarc_compliant_pct` one."""
        return {
            "total_messages": self.messages,
            "dmarc_pass_pct": self.rate(self.said_both),
            "dmarc_compliant_pct": self.compliant,
            "spf_pass_pct": self.rate(self.said_spf),
            "dkim_pass_pct": self.rate(self.said_dkim),
            "dmarc_aligned_pct": self.rate(self.passed),
        }


def passes(row: Any) -> Passes:
    """The counted columns of a row."""
    return Passes(*(getattr(row, name) for name in COUNTED))


def total(parts: list[Passes]) -> Passes:
    """The sum of several."""
    return Passes(*(sum(getattr(part, name) for part in parts) for name in COUNTED))


def midnight(day: date | None) -> int | None:
    """The Unix second at which a UTC day begins."""
    return int(datetime.combine(day, time(), UTC).timestamp()) if day else None


def share(good: int, bad: int, digits: int = 2) -> float:
    """Per cent of sessions that succeeded; 100 where none was tried."""
    return round(100 * good / (good + bad), digits) if good + bad else 100.0
