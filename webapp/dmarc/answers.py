"""The room's JSON: the documented keys, and beside them those that the original's front end reads."""

from collections.abc import Sequence
from typing import Any

from webapp.dmarc import shapes
from webapp.dmarc.places import described_place
from webapp.dmarc.queries import Day, Domain
from webapp.dmarc.standing import JudgedSource, Standing
from webapp.dmarc.sums import midnight, passes, share, total


def domains_answer(found: list[Domain], unique_ips: int) -> shapes.DomainsAnswer:
    """All domains with their figures."""
    whole = total([domain.passes for domain in found])
    figures = whole.answer()
    return {
        "total_domains": len(found),
        "total_messages": whole.messages,
        "total_unique_ips": unique_ips,
        "overall_dmarc_pass_pct": figures["dmarc_pass_pct"],
        "overall_dmarc_compliant_pct": figures["dmarc_compliant_pct"],
        "total": len(found),
        "domains": [_domain(domain) for domain in found],
    }


def _domain(domain: Domain) -> shapes.DomainItem:
    figures = domain.passes.answer()
    return {
        "domain": domain.name,
        **figures,
        "unique_ips": domain.sources,
        "policy_p": domain.policy.p or None,
        "policy_sp": domain.policy.sp or None,
        "last_report_date": midnight(domain.last),
        "first_report": midnight(domain.first),
        "last_report": midnight(domain.last),
        "report_count": domain.all_reports,
        "tls_report_count": domain.all_tls_reports,
        "has_dmarc": domain.all_reports > 0,
        "has_tls": domain.all_tls_reports > 0,
        "stats_30d": {
            **figures,
            "unique_ips": domain.sources,
            "total_ips": domain.sources,
            "tls_success_pct": share(domain.tls_successful, domain.tls_failed)
            if domain.tls_successful + domain.tls_failed
            else None,
        },
    }


def overview_answer(standing: Standing) -> shapes.OverviewAnswer:
    """One domain with its days."""
    figures = standing.passes.answer()
    sources, reporters, policy = standing.source_count, len(standing.reporters), standing.policy
    return {
        "domain": standing.domain,
        **figures,
        "unique_ips": sources,
        "unique_reporters": reporters,
        "policy": {
            "p": policy.p or None,
            "sp": policy.sp or None,
            "np": policy.np or None,
            "adkim": policy.adkim or "r",
            "aspf": policy.aspf or "r",
            "pct": 100 if policy.pct is None else policy.pct,
            "fo": policy.fo or "0",
            "testing": policy.testing or None,
            "discovery_method": policy.discovery_method or None,
        },
        "daily_stats": [{"date": midnight(day), **sums.answer()} for day, sums in standing.days],
        "totals": {**figures, "unique_ips": sources, "total_ips": sources, "unique_reporters": reporters},
        "signs": [{"sign": noted.sign, "text": noted.text} for noted in standing.signs],
        "advice": [
            {"topic": item.topic, "text": item.text, "source": item.source} for item in standing.advice
        ],
    }


def reports_answer(domain: str, found: list[Day], count: int, page: int, limit: int) -> shapes.DaysAnswer:
    """A page of days."""
    days = [_day(day) for day in found]
    return {"domain": domain, "reports": days, "data": days, **pages_of(count, page, limit)}


def _day(day: Day) -> shapes.DayItem:
    return {
        "date": midnight(day.day),
        "report_count": day.reports,
        "unique_ips": day.sources,
        **day.passes.answer(),
        "reporters": day.reporters,
        "spans_days": day.spans,
    }


def sources_answer(
    domain: str, found: Sequence[JudgedSource], count: int, page: int, limit: int, folder: str
) -> shapes.SourcesAnswer:
    """A page of sources."""
    listed = [source_answer(one, folder) for one in found]
    return {"domain": domain, "sources": listed, "data": listed, **pages_of(count, page, limit)}


def source_answer(one: JudgedSource, folder: str) -> shapes.SourceItem:
    """One source with its place, class and figures."""
    source, facts, classed = one
    return {
        "source_ip": source.address,
        **source.passes.answer(),
        "total_count": source.passes.messages,
        "dmarc_pass": source.passes.said_either,
        "spf_pass": source.passes.said_spf,
        "dkim_pass": source.passes.said_dkim,
        "spf_aligned": source.passes.spf_aligned,
        "dkim_aligned": source.passes.dkim_aligned,
        **described_place(source.address, folder),
        "first_seen": midnight(source.first),
        "last_seen": midnight(source.last),
        "hostname": facts.host or None,
        "service": facts.service.name if facts.service else None,
        "in_spf": source.in_spf,
        "class": classed.kind,
        "class_reason": classed.why,
        "override_reasons": source.reasons | ({"local_policy_arc": source.arc} if source.arc else {}),
    }


def record_answer(row: Any, folder: str) -> shapes.RecordItem:
    """One record as its reporter gave it, with the alignment worked out anew beside it."""
    return {
        "source_ip": row.source,
        "count": row.messages,
        "disposition": row.disposition,
        "dkim_result": row.dkim,
        "spf_result": row.spf,
        "dkim_aligned": row.dkim_aligned,
        "spf_aligned": row.spf_aligned,
        "header_from": row.header_from,
        "envelope_from": row.envelope_from,
        "envelope_to": row.envelope_to,
        "reasons": row.reasons or [],
        "dkim_results": row.dkim_results or [],
        "spf_results": row.spf_results or [],
        **described_place(row.source or "", folder),
    }


def day_answer(
    domain: str, day: Day, reports: Sequence[Any], sources: list[shapes.SourceItem]
) -> shapes.DayAnswer:
    """One day: its reports and its sources."""
    figures = day.passes.answer()
    return {
        "domain": domain,
        "date": midnight(day.day),
        **figures,
        "totals": {**figures, "total_ips": day.sources, "unique_ips": day.sources},
        "reports": [listed_report(row) for row in reports],
        "sources": sources,
        "data": sources,
    }


def listed_report(row: Any) -> shapes.ListedReport:
    """A report in a list of reports of both kinds."""
    return {
        "type": row.kind,
        "id": row.id,
        "domain": row.domain,
        "org_name": row.organisation,
        "report_id": row.report_id,
        "begin_date": int(row.begin_at.timestamp()),
        "end_date": int(row.end_at.timestamp()),
        "date": midnight(row.day),
        "records_count": row.records,
        "total_messages": row.messages,
        "slips": row.slips,
        "created_at": row.received_at,
    }


def all_reports_answer(rows: Sequence[Any], count: int, page: int, limit: int) -> shapes.ReportsAnswer:
    """A page of all reports."""
    listed = [listed_report(row) for row in rows]
    return {"data": listed, "reports": listed, **pages_of(count, page, limit)}


def report_answer(row: Any, records: Sequence[Any], folder: str) -> shapes.ReportAnswer:
    """One DMARC report with its records."""
    return {
        "id": row.id,
        "domain": row.domain,
        "org_name": row.organisation,
        "email": row.email,
        "report_id": row.report_id,
        "begin_date": int(row.begin_at.timestamp()),
        "end_date": int(row.end_at.timestamp()),
        "schema": row.schema,
        "namespace": row.namespace,
        "generator": row.generator,
        "policy": row.policy,
        "errors": row.errors,
        "slips": row.slips,
        "records_count": row.records,
        **passes(row).answer(),
        "records": [record_answer(record, folder) for record in records],
    }


def pages_of(count: int, page: int, limit: int) -> shapes.Paged:
    """The keys that tell how far a list goes."""
    return {"total": count, "page": page, "limit": limit, "pages": max(-(-count // limit), 1)}
