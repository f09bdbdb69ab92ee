"""The raw lines: the same lists as JSON and as pages."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.lists.page import json_answer, list_page, news_part
from webapp.logs.answers import DovecotPage, PostfixPage, RspamdPage
from webapp.logs.filter import DovecotFilter, PostfixFilter, RspamdFilter
from webapp.logs.lists import DOVECOT, POSTFIX, RSPAMD
from webapp.web.openapi import documented

api = Blueprint("logs_api", __name__)
pages = Blueprint("logs_pages", __name__)


@api.get("/api/logs/postfix")
@documented("Logs", query=PostfixFilter, answer=PostfixPage)
def postfix_lines() -> ResponseReturnValue:
    """Postfix lines, newest first"""
    return json_answer(POSTFIX)


@api.get("/api/logs/rspamd")
@documented("Logs", query=RspamdFilter, answer=RspamdPage)
def rspamd_scans() -> ResponseReturnValue:
    """Rspamd scans, newest first"""
    return json_answer(RSPAMD)


@api.get("/api/logs/dovecot")
@documented("Logs", query=DovecotFilter, answer=DovecotPage)
def dovecot_lines() -> ResponseReturnValue:
    """Dovecot's lines of deliveries and refused sign-ins, newest first"""
    return json_answer(DOVECOT)


@pages.get("/logs")
def home() -> ResponseReturnValue:
    """The first tab, with what was asked for."""
    asked = request.query_string.decode("ascii", "replace")
    return redirect(url_for("logs_pages.postfix") + (f"?{asked}" if asked else ""))


@pages.get("/logs/postfix")
def postfix() -> ResponseReturnValue:
    """Postfix lines."""
    return list_page(POSTFIX)


@pages.get("/logs/rspamd")
def rspamd() -> ResponseReturnValue:
    """Rspamd scans."""
    return list_page(RSPAMD)


@pages.get("/logs/dovecot")
def dovecot() -> ResponseReturnValue:
    """Dovecot's lines of deliveries and refused sign-ins."""
    return list_page(DOVECOT)


@pages.get("/logs/dovecot/news")
def dovecot_news() -> ResponseReturnValue:
    """How many lines have come since the list was shown."""
    return news_part(DOVECOT)


@pages.get("/logs/postfix/news")
def postfix_news() -> ResponseReturnValue:
    """How many lines have come since the list was shown."""
    return news_part(POSTFIX)


@pages.get("/logs/rspamd/news")
def rspamd_news() -> ResponseReturnValue:
    """How many scans have come since the list was shown."""
    return news_part(RSPAMD)
