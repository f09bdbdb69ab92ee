"""The DMARC room: the same functions for JSON and pages."""

from io import BytesIO

from flask import Blueprint, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from webapp.dmarc import byimap, present, queries, shapes, syncanswers, tlsshapes
from webapp.dmarc import pages as page_of
from webapp.dmarc.byimap import HistoryFilter
from webapp.dmarc.filter import (
    ClassRequest,
    DaysFilter,
    PagedFilter,
    RecordsFilter,
    TlsDaysFilter,
    report_date,
)
from webapp.dmarc.upload import Uploaded, allow_delete, safe_name, store, store_each
from webapp.lists.page import given
from webapp.reports.forget import forget_report
from webapp.reports.imap import state as failures
from webapp.reports.judge import WORDS, set_class
from webapp.reports.refusal import limits
from webapp.reports.tlswords import meaning
from webapp.reports.values import domain as named
from webapp.tables.db import db
from webapp.web.files import sent_file, sent_files
from webapp.web.openapi import described, documented
from webapp.web.openapi_answers import Facts
from webapp.web.page import is_fragment, link, settings, visitor

api = Blueprint("dmarc_api", __name__)
pages = Blueprint("dmarc_pages", __name__)
TAG = "DMARC"
UPLOADED = described(shapes.UploadAnswer)
PATIENCE = 25.0  # seconds that the API waits for a sync


@api.post("/api/dmarc/upload")
@documented(
    TAG,
    answer=described(shapes.UploadAnswer),
    codes=(400, 403, 413, 415, 422),
    facts=Facts(also=(201,), form="file"),
)
def upload() -> ResponseReturnValue:
    """Store the reports in a file (field `file`): XML, JSON, gzip, zip or a mail

    201 with the first new report, and all of them in `reports`; 200 where all were stored before. A file
    that is refused leaves nothing behind; the answer says why.
    """
    name, data = sent_file("file", limits(settings()).upload)
    uploaded = store(db.session(), data, name, settings())
    db.session.commit()
    return jsonify(uploaded.answer()), uploaded.status


@api.get("/api/dmarc/domains")
@documented(TAG, answer=described(shapes.DomainsAnswer), query=DaysFilter)
def domains() -> ResponseReturnValue:
    """All domains that reports tell of, with their figures"""
    return jsonify(present.all_domains(db.session(), given(DaysFilter)))


@api.get("/api/dmarc/domains/<domain>/overview")
@documented(TAG, answer=described(shapes.OverviewAnswer), query=DaysFilter, codes=(404,))
def overview(domain: str) -> ResponseReturnValue:
    """One domain day by day, with its policy and what to do"""
    return jsonify(present.overview(db.session(), named(domain), given(DaysFilter)))


@api.get("/api/dmarc/domains/<domain>/reports")
@documented(TAG, answer=described(shapes.DaysAnswer), query=PagedFilter, codes=(404,))
def days(domain: str) -> ResponseReturnValue:
    """The days of a domain that have reports, newest first"""
    return jsonify(present.days(db.session(), named(domain), given(PagedFilter)))


@api.get("/api/dmarc/domains/<domain>/reports/<date>/details")
@documented(TAG, answer=described(shapes.DayAnswer), codes=(400, 404))
def day(domain: str, date: str) -> ResponseReturnValue:
    """One day of a domain: its reports and its sources

    `date` is a date such as 2026-01-31, or the Unix second of its midnight.
    """
    when = report_date(date)
    return jsonify(present.day(db.session(), named(domain), when, settings().geoip_folder))


@api.get("/api/dmarc/domains/<domain>/sources")
@documented(TAG, answer=described(shapes.SourcesAnswer), query=PagedFilter, codes=(404,))
def sources(domain: str) -> ResponseReturnValue:
    """The sources of a domain, the one with the most messages first"""
    chosen = given(PagedFilter)
    return jsonify(present.sources(db.session(), named(domain), chosen, settings().geoip_folder))


@api.get("/api/dmarc/domains/<domain>/sources/<ip>/details")
@documented(TAG, answer=described(shapes.SourceAnswer), query=DaysFilter, codes=(404,))
def source(domain: str, ip: str) -> ResponseReturnValue:
    """One source of a domain, with what each reporter said of it"""
    chosen = given(DaysFilter)
    return jsonify(present.source(db.session(), named(domain), ip, chosen, settings().geoip_folder))


@api.get("/api/dmarc/domains/<domain>/failures")
@documented(TAG, answer=described(shapes.FailuresAnswer), query=PagedFilter, codes=(404,))
def failure_reports(domain: str) -> ResponseReturnValue:
    """What failure reports (ruf) say of single messages of a domain, newest first

    They are kept with DMARC_RUF_ENABLED: never a message's text, and no name before an @.
    """
    chosen = given(PagedFilter)
    return jsonify(present.failure_list(db.session(), named(domain), chosen, settings().geoip_folder))


@api.get("/api/dmarc/domains/<domain>/tls-reports")
@documented(TAG, answer=described(tlsshapes.TlsListAnswer), query=DaysFilter, codes=(404,))
def tls_reports(domain: str) -> ResponseReturnValue:
    """The TLS reports about a domain, newest first"""
    return jsonify(present.tls_list(db.session(), named(domain), given(DaysFilter)))


@api.get("/api/dmarc/domains/<domain>/tls-reports/daily")
@documented(TAG, answer=described(tlsshapes.TlsDaysAnswer), query=TlsDaysFilter, codes=(404,))
def tls_daily(domain: str) -> ResponseReturnValue:
    """TLS reports day by day"""
    return jsonify(present.tls_daily(db.session(), named(domain), given(TlsDaysFilter)))


@api.get("/api/dmarc/domains/<domain>/tls-reports/<date>/details")
@documented(TAG, answer=described(tlsshapes.TlsDayAnswer), codes=(400, 404))
def tls_day(domain: str, date: str) -> ResponseReturnValue:
    """The TLS reports of one day, with policies and failures"""
    return jsonify(present.tls_day(db.session(), named(domain), report_date(date)))


@api.get("/api/dmarc/reports/all")
@documented(TAG, answer=described(shapes.ReportsAnswer), query=PagedFilter)
def all_reports() -> ResponseReturnValue:
    """All stored reports of both kinds, newest first"""
    return jsonify(present.all_reports(db.session(), given(PagedFilter)))


@api.get("/api/dmarc/reports/<int:number>")
@documented(TAG, answer=described(shapes.ReportAnswer), query=RecordsFilter, codes=(404,))
def report(number: int) -> ResponseReturnValue:
    """One DMARC report with its records, 500 a page"""
    page = given(RecordsFilter).page
    return jsonify(present.report(db.session(), number, settings().geoip_folder, page))


@api.delete("/api/dmarc/reports/<kind>/<int:number>")
@documented(TAG, answer=described(shapes.Done), codes=(403, 404))
def delete_report(kind: str, number: int) -> ResponseReturnValue:
    """Delete one report; `kind` is dmarc, tls or failure. Needs DMARC_ALLOW_REPORT_DELETE."""
    allow_delete(settings())
    forget_report(db.session.connection(), kind, number)
    db.session.commit()
    return jsonify({"status": "success", "message": f"Deleted {kind} report {number}"})


@pages.get("/dmarc")
def show_domains() -> ResponseReturnValue:
    """All domains, and the upload."""
    return _domains_page([])


def _domains_page(results: list[Uploaded]) -> ResponseReturnValue:
    config = settings()
    view = page_of.domains_page(db.session(), given(DaysFilter))
    upload = {"can_upload": config.dmarc_manual_upload_enabled, "most_mb": config.dmarc_max_upload_mb}
    return render_template("dmarc/domains.html", view=view, results=results, **upload)


@pages.post("/dmarc/upload")
def upload_files() -> ResponseReturnValue:
    """Store the files of a form without a script, with a line about each."""
    files = sent_files("file", limits(settings()).upload)
    results = store_each(db.session(), files, settings())
    db.session.commit()
    return _domains_page(results)


@pages.get("/dmarc/<domain>")
def show_domain(domain: str) -> ResponseReturnValue:
    """One domain: what to do, and the evidence."""
    chosen = given(DaysFilter)
    view = page_of.domain_page(db.session(), named(domain), chosen, settings().geoip_folder)
    return render_template("dmarc/domain.html", view=view)


@pages.get("/dmarc/<domain>/sources")
def show_sources(domain: str) -> ResponseReturnValue:
    """Every source."""
    chosen = given(PagedFilter)
    view = page_of.sources_page(db.session(), named(domain), chosen, settings().geoip_folder)
    return render_template("dmarc/sources.html", view=view, link=changed)


@pages.get("/dmarc/<domain>/reports")
def show_days(domain: str) -> ResponseReturnValue:
    """Day by day."""
    chosen, name = given(PagedFilter), named(domain)
    found = page_of.days_page(db.session(), name, chosen)
    return render_template("dmarc/reports.html", domain=name, chosen=chosen, found=found, link=changed)


@pages.get("/dmarc/<domain>/day")
def find_day(domain: str) -> ResponseReturnValue:
    """A column of the chart names its day by the time at which it begins."""
    day = report_date(request.args.get("start_date", "")[:10])
    return redirect(url_for("dmarc_pages.show_day", domain=named(domain), date=day.isoformat()))


@pages.get("/dmarc/<domain>/reports/<date>")
def show_day(domain: str, date: str) -> ResponseReturnValue:
    """One day."""
    view = page_of.day_page(db.session(), named(domain), report_date(date))
    return render_template("dmarc/day.html", view=view)


@pages.get("/dmarc/<domain>/source/<ip>")
def show_source(domain: str, ip: str) -> ResponseReturnValue:
    """One source."""
    chosen = given(DaysFilter)
    view = page_of.source_page(db.session(), named(domain), ip, chosen, settings().geoip_folder)
    return render_template("dmarc/source.html", view=view, classes=WORDS)


@pages.get("/dmarc/<domain>/tls")
def show_tls(domain: str) -> ResponseReturnValue:
    """TLS reports."""
    view = page_of.tls_page(db.session(), named(domain), given(DaysFilter))
    return render_template("dmarc/tls.html", view=view, meaning=meaning)


@pages.get("/dmarc/<domain>/failures")
def show_failures(domain: str) -> ResponseReturnValue:
    """Failure reports."""
    chosen, name = given(PagedFilter), named(domain)
    view = {"domain": name, "chosen": chosen, "found": page_of.failures_page(db.session(), name, chosen)}
    return render_template("dmarc/failures.html", **view, link=changed, are_kept=settings().dmarc_ruf_enabled)


@pages.get("/dmarc/reports/<int:number>")
def show_report(number: int) -> ResponseReturnValue:
    """One report, record by record."""
    view = page_of.report_page(db.session(), number, given(RecordsFilter).page)
    return render_template("dmarc/report.html", view=view, link=changed)


@pages.get("/dmarc/reports/<kind>/<int:number>/file")
def download(kind: str, number: int) -> ResponseReturnValue:
    """The file in which a report came, as it was received; never shown, only saved."""
    name, content, received_at = queries.file_of(db.session(), kind, number)
    file = BytesIO(content)
    return send_file(
        file, "application/octet-stream", True, safe_name(name), last_modified=received_at, max_age=0
    )


def changed(**changes: object) -> str:
    """This page's address with other parameters."""
    return link(changes)


@api.post("/api/dmarc/domains/<domain>/sources/<ip>/class")
@documented(TAG, answer=described(shapes.ClassedAnswer), body=ClassRequest, codes=(400, 404, 415))
def class_source(domain: str, ip: str) -> ResponseReturnValue:
    """Say what a source is

    `class` is legitimate, forwarder, unauthorised or stale, or empty for what is found by itself.
    """
    word = ClassRequest.model_validate(request.get_json()).kind
    set_class(db.session.connection(), named(domain), ip, word, visitor(), request.remote_addr)
    db.session.commit()
    return jsonify({"status": "success", "domain": named(domain), "source_ip": ip, "class": word or None})


@pages.post("/dmarc/<domain>/source/<ip>/class")
def say_class(domain: str, ip: str) -> ResponseReturnValue:
    """The same from the source's page."""
    word = request.form.get("class", "")
    set_class(db.session.connection(), named(domain), ip, word, visitor(), request.remote_addr)
    db.session.commit()
    return redirect(url_for("dmarc_pages.show_source", domain=named(domain), ip=ip), 303)


@api.get("/api/dmarc/imap/status")
@documented(TAG, answer=syncanswers.STATUS, codes=(404,))
def imap_status() -> ResponseReturnValue:
    """The mailbox that reports are fetched from, and the last sync

    404 where none is configured.
    """
    return jsonify(byimap.status(db.session(), settings()))


@api.post("/api/dmarc/imap/sync")
@documented(TAG, answer=syncanswers.SYNC, facts=Facts(also=(202,), or_word=True))
def imap_sync() -> ResponseReturnValue:
    """Fetch reports now

    Waits up to 25 seconds; longer syncs answer 202 with `status: running` and the `sync_id`. A sync that runs
    is not started twice. Without a mailbox the answer is `status: disabled`.
    """
    number = byimap.ask(db.session(), settings())
    db.session.commit()
    byimap.start(db.session(), settings(), number)
    answer, code = byimap.ended(db.session(), number, PATIENCE)
    return jsonify(answer), code


@api.get("/api/dmarc/imap/history")
@documented(TAG, answer=syncanswers.HISTORY, query=HistoryFilter)
def imap_history() -> ResponseReturnValue:
    """The syncs, newest first"""
    return jsonify(byimap.history(db.session(), given(HistoryFilter)))


@pages.get("/dmarc/import")
def show_import() -> ResponseReturnValue:
    """The mailbox, mails that are not imported, and the syncs; for htmx how far a sync is."""
    view = byimap.import_page(db.session(), settings(), given(HistoryFilter))
    full = "dmarc/import.html" if not is_fragment() else "dmarc/_import.html"
    return render_template(full, view=view, link=changed)


@pages.post("/dmarc/import")
def import_now() -> ResponseReturnValue:
    """Begin a sync, and show how far it is."""
    number = byimap.ask(db.session(), settings())
    db.session.commit()
    byimap.start(db.session(), settings(), number)
    return show_import() if is_fragment() else redirect(url_for(".show_import"), 303)


@pages.post("/dmarc/import/mails/<int:number>/retry")
def retry_mail(number: int) -> ResponseReturnValue:
    """Try a mail that is not imported once more, now."""
    failures.retry(db.session.connection(), number)
    return import_now()


@pages.post("/dmarc/import/mails/<int:number>/dismiss")
def dismiss_mail(number: int) -> ResponseReturnValue:
    """Take a mail from the list."""
    failures.dismiss(db.session.connection(), number)
    db.session.commit()
    return show_import() if is_fragment() else redirect(url_for(".show_import"), 303)
