"""What mailboxes, aliases and domains send and receive: /api/mailbox-stats/* and the Mailboxes pages."""

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.lists.page import chosen_by_url, given
from webapp.mailboxes import export, figures, present, queries
from webapp.mailboxes.answers import (
    DomainDays,
    MailboxDomains,
    MailboxPage,
    MailboxRefresh,
    MailboxSummary,
)
from webapp.mailboxes.filter import DailyFilter, DayRange, MailboxFilter, PageFilter
from webapp.mailboxes.story import story
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.openapi_answers import Facts
from webapp.web.page import link, page, settings

TAG = "Mailbox Statistics"
api = Blueprint("mailboxes_api", __name__)
pages = Blueprint("mailboxes_pages", __name__)


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
@documented(TAG, query=DailyFilter, answer=DomainDays, facts=Facts(csv=True))
def daily() -> ResponseReturnValue:
    """Messages by domain and day, as JSON or CSV"""
    chosen = given(DailyFilter)
    if chosen.format == "json":
        return jsonify(figures.daily(db.session(), chosen))
    rows = queries.daily(db.session(), chosen)
    return Response(export.text(rows), headers=export.headers(rows), mimetype="text/csv")


@pages.get("/mailboxes")
def overview() -> ResponseReturnValue:
    """All mailboxes with their figures; a bad parameter is told on the page."""
    chosen, error = chosen_by_url(PageFilter)
    return page(
        "mailboxes/list.html",
        "mailboxes/_list.html",
        400 if error else 200,
        view=present.listing(db.session(), chosen, error, settings().retention_days),
        link=lambda **changes: link(changes),
    )


@pages.get("/mailboxes/<username>")
def mailbox(username: str) -> ResponseReturnValue:
    """One mailbox's story."""
    chosen, error = chosen_by_url(PageFilter)
    found = story(db.session(), username, chosen.days)
    if found is None:
        raise NotFound("mailcow has no mailbox of this name, and had none since it is watched")
    view = present.account(found, chosen, error, settings().retention_days)
    return render_template("mailboxes/mailbox.html", view=view, link=lambda **changes: link(changes))
