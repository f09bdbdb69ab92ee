"""The DMARC room: the same functions for JSON and pages."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp.dmarc import present
from webapp.dmarc.filter import DaysFilter, PagedFilter, RecordsFilter, TlsDaysFilter, report_date
from webapp.dmarc.upload import allow_delete, limits, store
from webapp.lists.page import given
from webapp.reports.forget import forget_report
from webapp.reports.values import domain as named
from webapp.tables.db import db
from webapp.web.files import sent_file
from webapp.web.openapi import documented
from webapp.web.page import settings

api = Blueprint("dmarc_api", __name__)
TAG = "DMARC"


@api.post("/api/dmarc/upload")
@documented(TAG, codes=(400, 403, 413, 415, 422))
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
@documented(TAG, query=DaysFilter)
def domains() -> ResponseReturnValue:
    """All domains that reports tell of, with their figures"""
    return jsonify(present.all_domains(db.session(), given(DaysFilter)))


@api.get("/api/dmarc/domains/<domain>/overview")
@documented(TAG, query=DaysFilter, codes=(404,))
def overview(domain: str) -> ResponseReturnValue:
    """One domain day by day, with its policy and what to do"""
    return jsonify(present.overview(db.session(), named(domain), given(DaysFilter)))


@api.get("/api/dmarc/domains/<domain>/reports")
@documented(TAG, query=PagedFilter, codes=(404,))
def days(domain: str) -> ResponseReturnValue:
    """The days of a domain that have reports, newest first"""
    return jsonify(present.days(db.session(), named(domain), given(PagedFilter)))


@api.get("/api/dmarc/domains/<domain>/reports/<date>/details")
@documented(TAG, codes=(400, 404))
def day(domain: str, date: str) -> ResponseReturnValue:
    """One day of a domain: its reports and its sources

    `date` is a date such as 2026-01-31, or the Unix second of its midnight.
    """
    when = report_date(date)
    return jsonify(present.day(db.session(), named(domain), when, settings().geoip_db_dir))


@api.get("/api/dmarc/domains/<domain>/sources")
@documented(TAG, query=PagedFilter, codes=(404,))
def sources(domain: str) -> ResponseReturnValue:
    """The sources of a domain, the one with the most messages first"""
    chosen = given(PagedFilter)
    return jsonify(present.sources(db.session(), named(domain), chosen, settings().geoip_db_dir))


@api.get("/api/dmarc/domains/<domain>/sources/<ip>/details")
@documented(TAG, query=DaysFilter, codes=(404,))
def source(domain: str, ip: str) -> ResponseReturnValue:
    """One source of a domain, with what each reporter said of it"""
    chosen = given(DaysFilter)
    return jsonify(present.source(db.session(), named(domain), ip, chosen, settings().geoip_db_dir))


@api.get("/api/dmarc/domains/<domain>/tls-reports")
@documented(TAG, query=DaysFilter, codes=(404,))
def tls_reports(domain: str) -> ResponseReturnValue:
    """The TLS reports about a domain, newest first"""
    return jsonify(present.tls_list(db.session(), named(domain), given(DaysFilter)))


@api.get("/api/dmarc/domains/<domain>/tls-reports/daily")
@documented(TAG, query=TlsDaysFilter, codes=(404,))
def tls_daily(domain: str) -> ResponseReturnValue:
    """TLS reports day by day"""
    return jsonify(present.tls_daily(db.session(), named(domain), given(TlsDaysFilter)))


@api.get("/api/dmarc/domains/<domain>/tls-reports/<date>/details")
@documented(TAG, codes=(400, 404))
def tls_day(domain: str, date: str) -> ResponseReturnValue:
    """The TLS reports of one day, with policies and failures"""
    return jsonify(present.tls_day(db.session(), named(domain), report_date(date)))


@api.get("/api/dmarc/reports/all")
@documented(TAG, query=PagedFilter)
def all_reports() -> ResponseReturnValue:
    """All stored reports of both kinds, newest first"""
    return jsonify(present.all_reports(db.session(), given(PagedFilter)))


@api.get("/api/dmarc/reports/<int:number>")
@documented(TAG, query=RecordsFilter, codes=(404,))
def report(number: int) -> ResponseReturnValue:
    """One DMARC report with its records, 500 a page"""
    page = given(RecordsFilter).page
    return jsonify(present.report(db.session(), number, settings().geoip_db_dir, page))


@api.delete("/api/dmarc/reports/<kind>/<int:number>")
@documented(TAG, codes=(403, 404))
def delete_report(kind: str, number: int) -> ResponseReturnValue:
    """Delete one report; `kind` is dmarc or tls. Needs DMARC_ALLOW_REPORT_DELETE."""
    allow_delete(settings())
    forget_report(db.session.connection(), kind, number)
    db.session.commit()
    return jsonify({"status": "success", "message": f"Deleted {kind} report {number}"})
