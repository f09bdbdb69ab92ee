"""What an aggregate report says, as data: the report's head and its records."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Schema(StrEnum):
    """The specification that a report follows."""

    DRAFT = "draft"
    RFC7489 = "rfc7489"
    RFC9990 = "rfc9990"


class DkimResult(NamedTuple):
    """One DKIM signature as the reporter found it."""

    domain: str
    selector: str
    result: str
    human_result: str


class SpfResult(NamedTuple):
    """One SPF check as the reporter made it; `scope` is mfrom, helo or ''."""

    domain: str
    scope: str
    result: str
    human_result: str


class Reason(NamedTuple):
    """Why the reporter did not do what the policy says."""

    type: str
    comment: str


class Record(NamedTuple):
    """One row of a report: messages of one source with the same results. `source` is None where the row names
    no address.
    """

    source: str | None
    messages: int
    disposition: str
    dkim: str
    spf: str
    reasons: tuple[Reason, ...]
    header_from: str
    envelope_from: str
    envelope_to: str
    dkim_results: tuple[DkimResult, ...]
    spf_results: tuple[SpfResult, ...]
    dkim_aligned: bool = False
    spf_aligned: bool = False


@dataclass(frozen=True)
class Policy:
    """The policy as the reporter found it in the DNS; '' or None for what it does not say."""

    domain: str
    p: str = ""
    sp: str = ""
    np: str = ""
    adkim: str = ""
    aspf: str = ""
    fo: str = ""
    pct: int | None = None
    testing: str = ""
    discovery_method: str = ""


@dataclass(frozen=True)
class AggregateReport:
    """The head of a report and its exact sums. Times are UTC; `slips` tells what was wrong with the file and
    mended.
    """

    organisation: str
    report_id: str
    begin: datetime
    end: datetime
    policy: Policy
    schema: Schema
    records: int
    messages: int
    email: str = ""
    contact: str = ""
    version: str = ""
    namespace: str = ""
    generator: str = ""
    errors: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()
