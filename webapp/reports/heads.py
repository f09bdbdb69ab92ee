"""The head of an aggregate report: who reports what to whom, and what a report cannot be without."""

from typing import Protocol

from webapp.reports import values
from webapp.reports.records import AggregateReport, Policy, Schema
from webapp.reports.refusal import Broken

NAMESPACE = "urn:ietf:params:xml:ns:dmarc-2.0"  # RFC 9990
NEW_FIELDS = ("np", "testing", "discovery_method", "generator")


class Read(Protocol):
    """What was read of a report: the texts of its head, and its sums."""

    head: dict[str, str]
    errors: list[str]
    namespace: str
    records: int
    messages: int
    new_fields: bool


def head_of(read: Read, slips: tuple[str, ...], name: str) -> AggregateReport:
    """The report's head; raises Broken where it lacks what a report cannot be without."""
    head = read.head
    told = values.file_name(name)
    begin, end = values.moment(head.get("begin", "")), values.moment(head.get("end", ""))
    begin, end = begin or end or told.begin, end or begin or told.end
    policy = policy_of(head, told.domain)
    if begin is None or end is None:
        raise Broken("The report has no date range")
    if not policy.domain:
        raise Broken("The report does not say which domain it is about")
    if begin > end:
        begin, end, slips = (
            end,
            begin,
            (*slips, "The report ends before it begins; both times were exchanged"),
        )
    email = values.clean(head.get("email", ""))
    organisation = (
        values.clean(head.get("org_name", "")) or email.rpartition("@")[2].strip("<> ") or told.reporter
    )
    if not organisation:
        raise Broken("The report does not say who made it")
    return AggregateReport(
        organisation=organisation,
        report_id=values.clean(head.get("report_id", "")).strip("<>"),
        begin=begin,
        end=end,
        policy=policy,
        schema=_schema(read),
        records=read.records,
        messages=read.messages,
        email=email,
        contact=values.clean(head.get("extra_contact_info", "")),
        version=values.clean(head.get("version", "")),
        namespace=read.namespace,
        generator=values.clean(head.get("generator", "")),
        errors=tuple(read.errors),
        slips=slips,
    )


def policy_of(head: dict[str, str], domain: str = "") -> Policy:
    """The published policy out of the head's texts; `domain` is whom the file's name tells, where the report
    does not.
    """

    def word(key: str) -> str:
        return values.word(head.get(key, ""))

    pct = word("pct")
    return Policy(
        domain=values.domain(head.get("policy_domain", "")) or domain,
        p=word("p"),
        sp=word("sp"),
        np=word("np"),
        adkim=word("adkim"),
        aspf=word("aspf"),
        fo=word("fo"),
        testing=word("testing"),
        discovery_method=word("discovery_method"),
        pct=int(pct) if pct.isascii() and pct.isdecimal() and len(pct) < 4 else None,
    )


def _schema(read: Read) -> Schema:
    """Told by namespace or by fields: large senders send the one with the other."""
    if read.namespace == NAMESPACE or read.new_fields or any(read.head.get(key) for key in NEW_FIELDS):
        return Schema.RFC9990
    return Schema.RFC7489 if read.head.get("version") or read.namespace or "fo" in read.head else Schema.DRAFT
