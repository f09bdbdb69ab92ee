"""/api/mailbox-stats/*: what mailboxes, aliases and domains send and receive."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from webapp.lists.page import given
from webapp.mailboxes import export, figures, queries
from webapp.mailboxes.answers import (
    DomainDays,
    MailboxDomains,
    MailboxPage,
    MailboxRefresh,
    MailboxSummary,
)
from webapp.mailboxes.filter import DailyFilter, DayRange, MailboxFilter
from webapp.tables.db import db
from webapp.web.openapi import documented

TAG = "Mailbox Statistics"
api = Blueprint("mailboxes_api", __name__)


@api.get("/api/mailbox-stats/summary")
@documented(TAG, query=DayRange, answer=MailboxSummary)
def summary() -> ResponseReturnValue:
    """What all mailboxes sent and received"""
    return jsonify(figures.summary(db.session(), given(DayRange)))


@api.get("/api/mailbox-stats/all")
@documented(TAG, query=MailboxFilter, answer=MailboxPage)
def every() -> ResponseReturnValue:
    """Mailboxes with their aliases and counts"""
    return jsonify(figures.every(db.session(), given(MailboxFilter)))


@api.get("/api/mailbox-stats/domains")
@documented(TAG, answer=MailboxDomains)
def domains() -> ResponseReturnValue:
    """Domains that have mailboxes"""
    return jsonify(figures.domains(db.session()))


@api.get("/api/mailbox-stats/refresh")
@documented(TAG, answer=MailboxRefresh)
def refresh() -> ResponseReturnValue:
    """When mailcow's mailboxes and aliases were read last"""
    return jsonify(figures.refresh(db.session()))


@api.get("/api/mailbox-stats/daily")
@documented(TAG, query=DailyFilter, answer=DomainDays)
def daily() -> ResponseReturnValue:
    """Messages by domain and day, as JSON or CSV"""
    chosen = given(DailyFilter)
    if chosen.format == "json":
        return jsonify(figures.daily(db.session(), chosen))
    rows = queries.daily(db.session(), chosen)
    return Response(export.text(rows), headers=export.headers(rows), mimetype="text/csv")
