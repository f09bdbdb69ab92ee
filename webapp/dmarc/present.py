"""What an address of the room answers: queries and answers put together, for JSON."""

from datetime import date

from sqlalchemy.orm import Session

from webapp.dmarc import answers, failures, queries, seen, shapes, tls, tlsshapes
from webapp.dmarc.filter import DaysFilter, PagedFilter, TlsDaysFilter
from webapp.dmarc.standing import classed, standing
from webapp.dmarc.tlsnow import tls_now
from webapp.errors import NotFound

MOST_ON_A_DAY = 500  # reports and sources


def all_domains(session: Session, chosen: DaysFilter) -> shapes.DomainsAnswer:
    """Every domain with its figures."""
    found = queries.domains(session, chosen.since)
    return answers.domains_answer(found, seen.count_sources(session, chosen.since))


def overview(session: Session, name: str, chosen: DaysFilter) -> shapes.OverviewAnswer:
    """One domain; raises NotFound."""
    return answers.overview_answer(standing(session, name, chosen.since))


def days(session: Session, name: str, chosen: PagedFilter) -> shapes.DaysAnswer:
    """A page of a domain's days; raises NotFound."""
    queries.latest_policy(session, name)
    found = queries.days(session, name, chosen.since, chosen.limit, chosen.offset)
    count = queries.count_days(session, name, chosen.since)
    return answers.reports_answer(name, found, count, chosen.page, chosen.limit)


def day(session: Session, name: str, when: date, folder: str) -> shapes.DayAnswer:
    """One day with its reports and sources; raises NotFound."""
    reports = queries.reports(session, name, MOST_ON_A_DAY, day=when)
    if not reports:
        raise NotFound(f"There is no report about {name} on {when}")
    found = classed(session, seen.sources_of_day(session, name, when, MOST_ON_A_DAY))
    listed = [answers.source_answer(one, folder) for one in found]
    figures = queries.day_of(session, name, when)
    return answers.day_answer(name, figures, reports, listed)


def sources(session: Session, name: str, chosen: PagedFilter, folder: str) -> shapes.SourcesAnswer:
    """A page of a domain's sources; raises NotFound."""
    queries.latest_policy(session, name)
    found = classed(session, seen.sources(session, name, chosen.since, chosen.limit, chosen.offset))
    count = seen.count_sources(session, chosen.since, name)
    return answers.sources_answer(name, found, count, chosen.page, chosen.limit, folder)


def source(session: Session, name: str, address: str, chosen: DaysFilter, folder: str) -> shapes.SourceAnswer:
    """One source with what each reporter said of it; raises NotFound."""
    found = classed(session, [seen.get_source(session, name, address, chosen.since)])
    said = seen.records_of(session, name, address, chosen.since)
    return {
        "domain": name,
        **answers.source_answer(found[0], folder),
        "records": [
            {
                "report": row.report,
                "org_name": row.organisation,
                "report_id": row.report_id,
                "date": row.day,
                "spans_days": row.spans,
                **answers.record_answer(row, folder),
            }
            for row in said
        ],
    }


def report(session: Session, number: int, folder: str, page: int) -> shapes.ReportAnswer:
    """One report with a page of 500 of its records; raises NotFound."""
    head = queries.get_report(session, number)
    records = queries.records(session, number, offset=(page - 1) * queries.MOST_RECORDS)
    return answers.report_answer(head, records, folder)


def all_reports(session: Session, chosen: PagedFilter) -> shapes.ReportsAnswer:
    """A page of all reports."""
    rows = queries.reports(session, None, chosen.limit, chosen.offset)
    return answers.all_reports_answer(rows, queries.count_reports(session), chosen.page, chosen.limit)


def failure_list(session: Session, name: str, chosen: PagedFilter, folder: str) -> shapes.FailuresAnswer:
    """A page of a domain's failure reports; raises NotFound."""
    queries.latest_policy(session, name)
    rows = failures.failures(session, name, chosen.since, chosen.limit, chosen.offset)
    listed = [failures.failure_answer(row, folder) for row in rows]
    count = failures.count_failures(session, name, chosen.since)
    return {"domain": name, "data": listed, **answers.pages_of(count, chosen.page, chosen.limit)}


def tls_list(session: Session, name: str, chosen: DaysFilter) -> tlsshapes.TlsListAnswer:
    """The TLS reports of a domain; raises NotFound."""
    queries.latest_policy(session, name)
    rows = tls.tls_reports(session, name, chosen.since)
    total = rows[0].all_reports if rows else 0
    return {"domain": name, "total": total, "data": [tls.report_answer(row) for row in rows]}


def tls_daily(session: Session, name: str, chosen: TlsDaysFilter) -> tlsshapes.TlsDaysAnswer:
    """The days of a domain that have TLS reports; raises NotFound."""
    queries.latest_policy(session, name)
    rows = tls.tls_days(session, name, chosen.since, chosen.page_size, chosen.offset)
    return tls.daily_answer(name, rows, chosen.page, chosen.page_size)


def tls_day(session: Session, name: str, when: date) -> tlsshapes.TlsDayAnswer:
    """One day of TLS reports; raises NotFound."""
    rows = tls.tls_reports(session, name, when, day=when)
    if not rows:
        raise NotFound(f"There is no TLS report about {name} on {when}")
    return tls.details_answer(name, when, rows, tls_now(session, name))
