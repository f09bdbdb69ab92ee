"""The four CSV exports; every list filter applies."""

from flask import Blueprint, Response

from webapp.export import table
from webapp.lists.conditions import Conditions
from webapp.lists.daylist import DayList
from webapp.lists.params import given, unpaged
from webapp.logs import queries as logs
from webapp.logs.filter import NetfilterFilter, PostfixFilter, RspamdFilter
from webapp.messages import queries as messages
from webapp.messages.filter import MessageFilter, conditions
from webapp.tables.db import db, now
from webapp.web.openapi import documented
from webapp.web.page import settings

api = Blueprint("export_api", __name__)


def csv_stream(name: str, listed: DayList, where: Conditions, header: str, read: table.Reader) -> Response:
    """A streamed CSV file of at most CSV_EXPORT_LIMIT rows; a header says where it was cut."""
    limit = settings().csv_export_limit
    found, _ = listed.count(where, limit)
    answer = Response(table.pieces(header, listed.stream(db.engine, where, limit), read), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{now():%Y%m%d-%H%M%S}.csv"'
    answer.headers["X-Export-Rows"] = str(min(found, limit))
    answer.headers["X-Export-Truncated"] = "true" if found > limit else "false"
    return answer


@api.get("/api/export/postfix/csv")
@documented("Export", query=unpaged(PostfixFilter))
def postfix() -> Response:
    """Postfix lines as CSV"""
    chosen = given(PostfixFilter)
    return csv_stream(
        "postfix-logs", logs.listed(db.session(), chosen), chosen.conditions(), table.POSTFIX, table.postfix
    )


@api.get("/api/export/rspamd/csv")
@documented("Export", query=unpaged(RspamdFilter))
def rspamd() -> Response:
    """Rspamd scans as CSV"""
    chosen = given(RspamdFilter)
    return csv_stream(
        "rspamd-logs", logs.listed(db.session(), chosen), chosen.conditions(), table.RSPAMD, table.rspamd
    )


@api.get("/api/export/netfilter/csv")
@documented("Export", query=unpaged(NetfilterFilter))
def netfilter() -> Response:
    """Netfilter events as CSV"""
    chosen = given(NetfilterFilter)
    return csv_stream(
        "netfilter-logs",
        logs.listed(db.session(), chosen),
        chosen.conditions(),
        table.NETFILTER,
        table.netfilter,
    )


@api.get("/api/export/messages/csv")
@documented("Export", query=unpaged(MessageFilter))
def message_list() -> Response:
    """Messages as CSV"""
    where = conditions(given(MessageFilter))
    return csv_stream("messages", messages.listed(db.session()), where, table.MESSAGES, table.message)
