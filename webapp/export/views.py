"""The CSV exports of the lists; every filter applies."""

from typing import Any

from flask import Blueprint, Response

from webapp.export import table
from webapp.lists.page import given
from webapp.lists.params import unpaged
from webapp.lists.rowlist import RowList
from webapp.logs.filter import PostfixFilter, RspamdFilter
from webapp.logs.lists import POSTFIX, RSPAMD
from webapp.messages.filter import MessageFilter
from webapp.messages.lists import MESSAGES
from webapp.security.filter import NetfilterFilter
from webapp.security.lists import EVENTS
from webapp.tables.db import db, now
from webapp.web.openapi import documented
from webapp.web.page import settings

api = Blueprint("export_api", __name__)


def _csv(rows: RowList[Any], name: str) -> Response:
    """A streamed CSV file of at most CSV_EXPORT_LIMIT rows; a header says where it was cut."""
    limit, chosen = settings().csv_export_limit, given(rows.filter)
    found, _ = rows.opened(db.session()).count(chosen.conditions(), limit)
    stream = rows.stream(db.session(), db.engine, chosen, limit)
    answer = Response(table.pieces(rows.csv, stream), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{now():%Y%m%d-%H%M%S}.csv"'
    answer.headers["X-Export-Rows"] = str(min(found, limit))
    answer.headers["X-Export-Truncated"] = "true" if found > limit else "false"
    return answer


@api.get("/api/export/postfix/csv")
@documented("Export", query=unpaged(PostfixFilter))
def postfix() -> Response:
    """Postfix lines as CSV"""
    return _csv(POSTFIX, "postfix-logs")


@api.get("/api/export/rspamd/csv")
@documented("Export", query=unpaged(RspamdFilter))
def rspamd() -> Response:
    """Rspamd scans as CSV"""
    return _csv(RSPAMD, "rspamd-logs")


@api.get("/api/export/netfilter/csv")
@documented("Export", query=unpaged(NetfilterFilter))
def netfilter() -> Response:
    """Netfilter events as CSV"""
    return _csv(EVENTS, "netfilter-logs")


@api.get("/api/export/messages/csv")
@documented("Export", query=unpaged(MessageFilter))
def messages() -> Response:
    """Messages as CSV"""
    return _csv(MESSAGES, "messages")
