"""The one shape of every result: a grade with the documented keys, and findings with what to publish
instead."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The documented status words; `unknown` also stands for a look-up that got no answer."""

    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """What a finding means for mail, worst first."""

    ERROR = "error"  # mail is lost or can be forged
    WARNING = "warning"
    RECOMMENDATION = "recommendation"
    INFORMATION = "information"


class Level(StrEnum):
    """How strongly the standard asks for it (RFC 2119)."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A record ready to copy into the zone: its name without final dot, its type, its text without quotes."""

    name: str
    type: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing noticed. `code` is a stable word such as `spf-no-all`; `why` is one sentence for the
    reader."""

    severity: Severity
    level: Level
    code: str
    why: str
    publish: Publication | None = None


@dataclass(frozen=True, kw_only=True)
class Grade:
    """What every check returns; the checks of single records add their documented keys in subclasses.

    `record` is the text found in DNS, None where there is none. A grade whose status is `unknown` says that
    no
    answer came, so it never replaces an earlier one.
    """

    status: Status
    message: str
    record: str | None = None
    warnings: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def answer(self) -> dict[str, Any]:
        """The grade as JSON has it: the documented keys, `findings` beside them; without NUL, which
        PostgreSQL's JSON cannot hold."""
        return {name: _without_nul(value) for name, value in asdict(self).items()}


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(inner) for name, inner in value.items()}
    return tuple(_without_nul(inner) for inner in value) if isinstance(value, (tuple, list)) else value


_ORDER = tuple(Severity)


def worst(findings: tuple[Finding, ...]) -> Severity | None:
    """The gravest severity among the findings, None without any."""
    return min((finding.severity for finding in findings), key=_ORDER.index, default=None)


def status_of(findings: tuple[Finding, ...]) -> Status:
    """The documented word for these findings: recommendations and information leave a success a success."""
    gravest = worst(findings)
    if gravest is Severity.ERROR:
        return Status.ERROR
    return Status.WARNING if gravest is Severity.WARNING else Status.SUCCESS
