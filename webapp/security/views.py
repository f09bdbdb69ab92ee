"""Who attacks: the list of events as JSON and as a page, and the addresses with their charts."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.lists.daylist import Found
from webapp.lists.page import chosen_by_url, frame, json_answer, list_page, news_part
from webapp.security import attackers
from webapp.security.answers import ConnectionPage, NetfilterPage, SignInPage
from webapp.security.filter import AttackerFilter, ConnectionFilter, NetfilterFilter, SignInFilter
from webapp.security.lists import CONNECTIONS, EVENTS, SIGN_INS
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import page, settings

api = Blueprint("security_api", __name__)
pages = Blueprint("security_pages", __name__)


@api.get("/api/logs/netfilter")
@documented("Logs", query=NetfilterFilter, answer=NetfilterPage)
def netfilter_events() -> ResponseReturnValue:
    """Netfilter (fail2ban) events, newest first"""
    return json_answer(EVENTS)


@api.get("/api/logs/connections")
@documented("Logs", query=ConnectionFilter, answer=ConnectionPage)
def refused_connections() -> ResponseReturnValue:
    """Connections that Postfix refused before there was a mail, newest first"""
    return json_answer(CONNECTIONS)


@api.get("/api/logs/sign-ins")
@documented("Logs", query=SignInFilter, answer=SignInPage)
def refused_sign_ins() -> ResponseReturnValue:
    """Sign-ins that Dovecot refused, newest first"""
    return json_answer(SIGN_INS)


@pages.get("/security")
def overview() -> ResponseReturnValue:
    """One row per address, with the charts."""
    chosen, error = chosen_by_url(AttackerFilter)
    figures = attackers.overview(db.session(), chosen, settings().geoip_folder, settings().tz)
    rows, count = attackers.attackers(db.session(), chosen, chosen.state)
    found = Found(rows, count, figures.cut, chosen.page, chosen.limit)
    view = frame(chosen, found, error)
    return page("security/security.html", "security/_security.html", view.status, view=view, overview=figures)


@pages.get("/security/events")
def events() -> ResponseReturnValue:
    """Netfilter events, one by one."""
    return list_page(EVENTS)


@pages.get("/security/events/news")
def news() -> ResponseReturnValue:
    """How many events have come since the list was shown."""
    return news_part(EVENTS)


@pages.get("/security/connections")
def connections() -> ResponseReturnValue:
    """Refused connections, one by one."""
    return list_page(CONNECTIONS)


@pages.get("/security/connections/news")
def connections_news() -> ResponseReturnValue:
    """How many connections were refused since the list was shown."""
    return news_part(CONNECTIONS)


@pages.get("/security/sign-ins")
def sign_ins() -> ResponseReturnValue:
    """Refused sign-ins, one by one."""
    return list_page(SIGN_INS)


@pages.get("/security/sign-ins/news")
def sign_ins_news() -> ResponseReturnValue:
    """How many sign-ins were refused since the list was shown."""
    return news_part(SIGN_INS)
