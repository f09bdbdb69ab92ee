"""The CSV exports of the lists; every filter applies."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response

from webapp.export import table
from webapp.lists.answer import CsvColumn
from webapp.lists.page import given
from webapp.lists.params import unpaged
from webapp.lists.rowlist import RowList
from webapp.logs.filter import DovecotFilter, PostfixFilter, RspamdFilter
from webapp.logs.lists import DOVECOT, POSTFIX, RSPAMD
from webapp.messages.filter import MessageFilter
from webapp.messages.groupanswers import GROUP_CSV, GroupQuery
from webapp.messages.groups import all_groups
from webapp.messages.lists import MESSAGES
from webapp.security.filter import ConnectionFilter, NetfilterFilter, SignInFilter
from webapp.security.lists import CONNECTIONS, EVENTS, SIGN_INS
from webapp.tables.db import db, now
from webapp.web.openapi import documented
from webapp.web.openapi_answers import Facts
from webapp.web.page import settings
from webapp.web.squeezed import squeeze_stream

api = Blueprint("export_api", __name__)
FILE = Facts(csv=True, json=False)


def _csv(rows: RowList[Any], name: str) -> Response:
    """A streamed CSV file of at most CSV_EXPORT_LIMIT rows; a header says where it was cut."""
    limit, chosen = settings().csv_export_limit, given(rows.filter)
    found, _ = rows.opened(db.session()).count(chosen.conditions(), limit)
    return _file(rows.csv, rows.stream(db.session(), db.engine, chosen, limit), name, found)


def _file(columns: Sequence[CsvColumn], rows: Iterable[Any], name: str, found: int) -> Response:
    """The rows as a streamed file; `found` is how many there are without the limit."""
    limit = settings().csv_export_limit
    answer = Response(table.pieces(columns, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{now():%Y%m%d-%H%M%S}.csv"'
    answer.headers["X-Export-Rows"] = str(min(found, limit))
    answer.headers["X-Export-Truncated"] = "true" if found > limit else "false"
    return squeeze_stream(answer)


@api.get("/api/export/postfix/csv")
@documented("Export", facts=FILE, query=unpaged(PostfixFilter))
def postfix() -> Response:
    """Postfix lines as CSV"""
    return _csv(POSTFIX, "postfix-logs")


@api.get("/api/export/rspamd/csv")
@documented("Export", facts=FILE, query=unpaged(RspamdFilter))
def rspamd() -> Response:
    """Rspamd scans as CSV"""
    return _csv(RSPAMD, "rspamd-logs")


@api.get("/api/export/dovecot/csv")
@documented("Export", facts=FILE, query=unpaged(DovecotFilter))
def dovecot() -> Response:
    """Dovecot's lines of deliveries and refused sign-ins as CSV"""
    return _csv(DOVECOT, "dovecot-logs")


@api.get("/api/export/netfilter/csv")
@documented("Export", facts=FILE, query=unpaged(NetfilterFilter))
def netfilter() -> Response:
    """Netfilter events as CSV"""
    return _csv(EVENTS, "netfilter-logs")


@api.get("/api/export/sign-ins/csv")
@documented("Export", facts=FILE, query=unpaged(SignInFilter))
def sign_ins() -> Response:
    """Refused sign-ins as CSV"""
    return _csv(SIGN_INS, "refused-sign-ins")


@api.get("/api/export/connections/csv")
@documented("Export", facts=FILE, query=unpaged(ConnectionFilter))
def connections() -> Response:
    """Refused connections as CSV"""
    return _csv(CONNECTIONS, "refused-connections")


@api.get("/api/export/messages/csv")
@documented("Export", facts=FILE, query=unpaged(MessageFilter))
def messages() -> Response:
    """Messages as CSV"""
    return _csv(MESSAGES, "messages")


@api.get("/api/export/messages/groups/csv")
@documented("Export", facts=FILE, query=unpaged(GroupQuery))
def message_groups() -> Response:
    """Messages by account, sender, recipient, domain, destination, reason or hour as CSV"""
    chosen = given(GroupQuery)
    found = all_groups(db.session(), chosen.by, chosen, settings().csv_export_limit).found
    return _file(GROUP_CSV, found.rows, f"messages-by-{chosen.by}", found.total)
