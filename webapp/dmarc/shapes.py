"""The shapes of the room's JSON about DMARC reports. Days are Unix seconds of their midnight (UTC),
rates per cent with one decimal, None where there was no mail. `data` repeats the list under the word that the
original's front end reads."""

from datetime import date, datetime
from typing import Any, Required

from typing_extensions import TypedDict  # pydantic refuses the one of `typing` below Python 3.12


class Figures(TypedDict):
    """Messages, and how many passed; `dmarc_pass_pct` needs SPF and DKIM, `dmarc_compliant_pct` one."""

    total_messages: int
    dmarc_pass_pct: float | None
    dmarc_compliant_pct: float | None
    spf_pass_pct: float | None
    dkim_pass_pct: float | None
    dmarc_aligned_pct: float | None


class PlaceKeys(TypedDict):
    """Where an address is; None for what is not known."""

    country_code: str | None
    country_name: str | None
    country_emoji: str
    city: str | None
    asn: str | None
    asn_org: str | None


class Paged(TypedDict):
    """How far a list goes."""

    total: int
    page: int
    limit: int
    pages: int


class Recent(Figures):
    """The period's figures of a domain."""

    unique_ips: int
    total_ips: int
    tls_success_pct: float | None


class DomainItem(Figures):
    """One domain that reports tell of."""

    domain: str
    unique_ips: int
    policy_p: str | None
    policy_sp: str | None
    last_report_date: int | None
    first_report: int | None
    last_report: int | None
    report_count: int
    tls_report_count: int
    has_dmarc: bool
    has_tls: bool
    stats_30d: Recent


class DomainsAnswer(TypedDict):
    """All domains."""

    total_domains: int
    total_messages: int
    total_unique_ips: int
    overall_dmarc_pass_pct: float | None
    overall_dmarc_compliant_pct: float | None
    total: int
    domains: list[DomainItem]


class PolicyKeys(TypedDict):
    """The policy that the newest report saw, RFC 7489 section 6.3 with its defaults."""

    p: str | None
    sp: str | None
    np: str | None
    adkim: str
    aspf: str
    pct: int
    fo: str
    testing: str | None
    discovery_method: str | None


class DayFigures(Figures):
    """One day of the chart."""

    date: int | None


class Totals(Figures):
    """The sums of a period."""

    unique_ips: int
    total_ips: int


class WholeTotals(Totals):
    """The sums of a domain's period."""

    unique_reporters: int


class Sign(TypedDict):
    """What stands out."""

    sign: str
    text: str


class Advice(TypedDict):
    """What to do, and where it is written."""

    topic: str
    text: str
    source: str


class OverviewAnswer(Figures):
    """One domain day by day."""

    domain: str
    unique_ips: int
    unique_reporters: int
    policy: PolicyKeys
    daily_stats: list[DayFigures]
    totals: WholeTotals
    signs: list[Sign]
    advice: list[Advice]


class DayItem(Figures):
    """One day in the list of days."""

    date: int | None
    report_count: int
    unique_ips: int
    reporters: list[str]
    spans_days: int


class DaysAnswer(Paged):
    """A page of days."""

    domain: str
    reports: list[DayItem]
    data: list[DayItem]


_Class = TypedDict("_Class", {"class": str})
_Said = TypedDict("_Said", {"class": str | None})


class SourceItem(Figures, PlaceKeys, _Class):
    """One source of a domain. `override_reasons` are messages by the reporters' reason."""

    source_ip: str
    total_count: int
    dmarc_pass: int
    spf_pass: int
    dkim_pass: int
    spf_aligned: int
    dkim_aligned: int
    first_seen: int | None
    last_seen: int | None
    hostname: str | None
    service: str | None
    in_spf: bool | None
    class_reason: str
    override_reasons: dict[str, int]


class SourcesAnswer(Paged):
    """A page of sources."""

    domain: str
    sources: list[SourceItem]
    data: list[SourceItem]


class RecordItem(PlaceKeys):
    """One record as its reporter gave it, with the alignment worked out anew beside it."""

    source_ip: str | None
    count: int
    disposition: str | None
    dkim_result: str | None
    spf_result: str | None
    dkim_aligned: bool | None
    spf_aligned: bool | None
    header_from: str | None
    envelope_from: str | None
    envelope_to: str | None
    reasons: list[Any]
    dkim_results: list[Any]
    spf_results: list[Any]


class SaidRecord(RecordItem):
    """A record with the report it stands in."""

    report: int
    org_name: str
    report_id: str
    date: date
    spans_days: bool


class SourceAnswer(SourceItem):
    """One source with what each reporter said of it."""

    domain: str
    records: list[SaidRecord]


class ListedReport(TypedDict):
    """A report in a list of reports of both kinds; `slips` are its mistakes that were mended."""

    type: str
    id: int
    domain: str
    org_name: str
    report_id: str
    begin_date: int
    end_date: int
    date: int | None
    records_count: int
    total_messages: int
    slips: list[str]
    created_at: datetime


class DayAnswer(Figures):
    """One day: its reports and its sources."""

    domain: str
    date: int | None
    totals: Totals
    reports: list[ListedReport]
    sources: list[SourceItem]
    data: list[SourceItem]


class ReportsAnswer(Paged):
    """A page of all reports."""

    reports: list[ListedReport]
    data: list[ListedReport]


class ReportAnswer(Figures):
    """One DMARC report with its records."""

    id: int
    domain: str
    org_name: str
    email: str | None
    report_id: str
    begin_date: int
    end_date: int
    schema: str | None
    namespace: str | None
    generator: str | None
    policy: dict[str, Any]
    errors: list[str]
    slips: list[str]
    records_count: int
    records: list[RecordItem]


class FailureItem(PlaceKeys):
    """One failure report (RFC 6591); of addresses only the domain is kept."""

    id: int
    reporter: str | None
    arrival_date: datetime | None
    date: date
    source_ip: str | None
    auth_failure: str | None
    identity_alignment: str | None
    delivery_result: str | None
    original_mail_from: str | None
    original_rcpt_to: str | None
    incidents: int


class FailuresAnswer(Paged):
    """A page of failure reports."""

    domain: str
    data: list[FailureItem]


class Uploaded(TypedDict, total=False):
    """What became of one report; a duplicate has no number and no counts."""

    status: Required[str]
    message: Required[str]
    report_type: Required[str]
    domain: Required[str]
    report_id: int
    records_count: int
    messages_count: int
    slips: list[str]


class UploadAnswer(Uploaded):
    """What became of the first new report of a file, and of all."""

    reports: list[Uploaded]


class Done(TypedDict):
    """That it is done, in words."""

    status: str
    message: str


class ClassedAnswer(_Said):
    """A source and what it is said to be; None for what is found by itself."""

    status: str
    domain: str
    source_ip: str
