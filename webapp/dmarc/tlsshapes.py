"""The shapes of the room's JSON about TLS reports (RFC 8460). Rates are per cent of sessions, 100 where none
was tried."""

from datetime import datetime

from typing_extensions import TypedDict  # pydantic refuses the one of `typing` below Python 3.12


class Tried(TypedDict):
    """Sessions of a report or a day."""

    total_success: int
    total_fail: int
    success_rate: float


class TlsItem(Tried):
    """One report in the list of single ones."""

    id: int
    report_id: str
    organization_name: str
    start_datetime: datetime
    end_datetime: datetime


class TlsListAnswer(TypedDict):
    """The TLS reports of a domain, newest first, at most 500 of `total`."""

    domain: str
    total: int
    data: list[TlsItem]


class TlsDay(Tried):
    """One day."""

    date: str
    report_count: int
    organization_count: int
    organizations: list[str]


class TlsTotals(TypedDict):
    """The sums of the period."""

    total_days: int
    total_reports: int
    total_successful_sessions: int
    total_failed_sessions: int
    overall_success_rate: float


class TlsDaysAnswer(TypedDict):
    """A page of days."""

    domain: str
    totals: TlsTotals
    data: list[TlsDay]
    total: int
    page: int
    page_size: int
    pages: int


class Sessions(TypedDict):
    """Sessions of a provider or under a policy."""

    successful_sessions: int
    failed_sessions: int
    total_sessions: int
    success_rate: float


class TlsFailureItem(TypedDict):
    """One kind of failure (RFC 8460, section 4.3) with our words for it."""

    result_type: str
    meaning: str
    failed_session_count: int
    sending_mta_ip: str | None
    receiving_mx_hostname: str | None
    receiving_ip: str | None
    failure_reason_code: str | None
    additional_information: str | None


class TlsPolicyItem(Sessions):
    """What a provider saw under one policy."""

    policy_type: str
    policy_domain: str
    mx_host: str
    mx_hosts: list[str]
    policy_string: list[str]
    failure_details: list[TlsFailureItem] | None
    remarks: list[str]


class ProviderItem(Sessions):
    """One provider's report."""

    id: int
    report_id: str
    organization_name: str
    contact_info: str | None
    start_datetime: datetime
    end_datetime: datetime
    policies: list[TlsPolicyItem]


class TlsDayFigures(Tried):
    """The sums of a day."""

    total_reports: int
    total_providers: int
    total_sessions: int


class TlsDayAnswer(TypedDict):
    """A day with its providers and their policies."""

    domain: str
    date: str
    stats: TlsDayFigures
    providers: list[ProviderItem]
