"""The Logs and Security pages."""

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import BadParameter, NotFound
from webapp.geoip import locate
from webapp.lists import page as listpage
from webapp.lists.daylist import Found
from webapp.lists.params import given, place
from webapp.logs import queries, security
from webapp.logs.filter import LogFilter, NetfilterFilter, PostfixFilter, RspamdFilter
from webapp.logs.views import search
from webapp.parse.rspamd import heaviest
from webapp.tables.db import db
from webapp.web.page import page, settings

pages = Blueprint("logs_pages", __name__)
KINDS: dict[str, type[LogFilter]] = {
    "postfix": PostfixFilter,
    "rspamd": RspamdFilter,
    "netfilter": NetfilterFilter,
}
TOP_SYMBOLS = 8


def _folder() -> str:
    return settings().geoip_db_dir


def _keys(kind: str, rows: list[Any]) -> dict[int, str]:
    if kind == "postfix":
        refused = {
            row.id: queries.refusal_key(row) for row in rows if row.status == "rejected" and not row.queue_id
        }
        return {**refused, **queries.message_keys(db.session(), rows)}
    return queries.scan_keys(db.session(), rows) if kind == "rspamd" else {}


def _rows(kind: str, found: Found) -> list[SimpleNamespace]:
    """The rows with the key of the message each belongs to, the place of its address, its heaviest
    symbols."""
    rows = list(found.rows)
    keys = _keys(kind, rows)
    return [
        SimpleNamespace(
            **row._mapping,
            key=keys.get(row.id),
            place=locate(row.ip, _folder()) if kind == "netfilter" else None,
            top=heaviest(row.symbols, TOP_SYMBOLS) if kind == "rspamd" else [],
        )
        for row in rows
    ]


def _list(kind: str, full: str, partial: str) -> ResponseReturnValue:
    chosen, error = listpage.chosen(KINDS[kind])
    found = search(chosen) if error is None else listpage.nothing(chosen.limit)
    rows = _rows(kind, found)
    return page(
        full,
        partial,
        status=400 if error else 200,
        kind=kind,
        found=listpage.list_view(found, rows, "time"),
        cursor=queries.row_cursor(rows[0]) if rows else None,
        export=listpage.export_view(found, f"/api/export/{kind}/csv"),
        **listpage.common(KINDS[kind], error, chosen.is_short),
    )


@pages.get("/logs")
def home() -> ResponseReturnValue:
    """The first tab, with what was asked for."""
    asked = request.query_string.decode("ascii", "replace")
    return redirect(url_for("logs_pages.postfix") + (f"?{asked}" if asked else ""))


@pages.get("/logs/postfix")
def postfix() -> ResponseReturnValue:
    """Postfix lines."""
    return _list("postfix", "logs/postfix.html", "logs/_postfix.html")


@pages.get("/logs/rspamd")
def rspamd() -> ResponseReturnValue:
    """Rspamd scans."""
    return _list("rspamd", "logs/rspamd.html", "logs/_rspamd.html")


@pages.get("/security/events")
def events() -> ResponseReturnValue:
    """Netfilter events, one by one."""
    return _list("netfilter", "logs/events.html", "logs/_events.html")


@pages.get("/logs/<kind>/news")
def news(kind: str) -> ResponseReturnValue:
    """How many rows have come since the list was shown."""
    if kind not in KINDS:
        raise NotFound("There is no such log")
    since = request.args.get("since")
    if not since:
        raise BadParameter("since must be the cursor of a list")
    chosen = given(KINDS[kind])
    count = queries.listed(db.session(), chosen).count_newer(chosen.conditions(), place(since))
    return render_template("logs/_news.html", news=listpage.news_view(count, since), kind=kind)


@pages.get("/security")
def overview() -> ResponseReturnValue:
    """One story per address, with the charts."""
    chosen, error = listpage.chosen(NetfilterFilter)
    session = db.session()
    told = security.overview(session, chosen, _folder(), settings().tz)
    stories, count = security.stories(session, chosen, _folder())
    found = Found(stories, count, told.cut, chosen.page, chosen.limit)
    return page(
        "logs/security.html",
        "logs/_security.html",
        status=400 if error else 200,
        overview=told,
        found=found,
        **listpage.common(NetfilterFilter, error, chosen.is_short),
    )
