"""The raw log lists as JSON."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp.lists.daylist import EXACT, Found
from webapp.lists.params import given
from webapp.logs import present, queries
from webapp.logs.answers import NetfilterPage, PostfixPage, RspamdPage
from webapp.logs.filter import LogFilter, NetfilterFilter, PostfixFilter, RspamdFilter
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import settings

api = Blueprint("logs_api", __name__)


def search(chosen: LogFilter) -> Found:
    """The page that the filter names."""
    return queries.search_logs(db.session(), chosen, max(EXACT, settings().max_search_results))


def _answer(found: Found, show: Callable[[Any], dict[str, Any]]) -> ResponseReturnValue:
    following = queries.row_cursor(found.rows[-1]) if len(found.rows) == found.limit else None
    return jsonify(
        {
            "total": found.total,
            "total_is_estimate": found.total_is_estimate,
            "page": found.page,
            "limit": found.limit,
            "pages": found.pages,
            "next_cursor": following,
            "data": [show(row) for row in found.rows],
        }
    )


@api.get("/api/logs/postfix")
@documented("Logs", query=PostfixFilter, answer=PostfixPage)
def postfix() -> ResponseReturnValue:
    """Postfix lines, newest first"""
    found = search(given(PostfixFilter))
    keys = queries.message_keys(db.session(), found.rows)
    return _answer(found, lambda row: present.postfix_row(row, keys))


@api.get("/api/logs/rspamd")
@documented("Logs", query=RspamdFilter, answer=RspamdPage)
def rspamd() -> ResponseReturnValue:
    """Rspamd scans, newest first"""
    found = search(given(RspamdFilter))
    keys = queries.scan_keys(db.session(), found.rows)
    return _answer(found, lambda row: present.rspamd_row(row, keys))


@api.get("/api/logs/netfilter")
@documented("Logs", query=NetfilterFilter, answer=NetfilterPage)
def netfilter() -> ResponseReturnValue:
    """Netfilter (fail2ban) events, newest first"""
    return _answer(search(given(NetfilterFilter)), present.netfilter_row)
