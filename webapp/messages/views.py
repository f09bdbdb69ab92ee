"""Messages: the list, its news, one message; the same queries for JSON and pages."""

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import BadParameter, NotFound
from webapp.lists import page as listpage
from webapp.lists.daylist import EXACT, Found
from webapp.lists.params import given
from webapp.logs import queries as logs
from webapp.messages import present, queries
from webapp.messages.answers import MessageDetail, MessagePage, QueueLines
from webapp.messages.filter import MessageFilter
from webapp.messages.page import message_view
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import link, page, settings

api = Blueprint("messages_api", __name__)
pages = Blueprint("messages_pages", __name__)


def _found(chosen: MessageFilter) -> Found:
    return queries.search_messages(db.session(), chosen, max(EXACT, settings().max_search_results))


def _detail(correlation_key: str) -> queries.Detail:
    message = queries.find_message(db.session(), correlation_key)
    if message is None:
        raise NotFound("There is no message with this key; it may be older than the retention")
    return queries.get_detail(db.session(), message)


@api.get("/api/messages")
@documented("Messages", query=MessageFilter, answer=MessagePage)
def list_messages() -> ResponseReturnValue:
    """Messages, newest first

    Postfix, Rspamd and bounce notices joined into messages with every recipient's own outcome.
    """
    found = _found(given(MessageFilter))
    return jsonify(
        {
            "total": found.total,
            "total_is_estimate": found.total_is_estimate,
            "page": found.page,
            "limit": found.limit,
            "pages": found.pages,
            "next_cursor": queries.next_cursor(found),
            "data": [present.list_item(row) for row in found.rows],
        }
    )


@api.get("/api/message/<correlation_key>/details")
@documented("Messages", answer=MessageDetail, codes=(404,))
def message_details(correlation_key: str) -> ResponseReturnValue:
    """One message with all that belongs to it

    `deliveries` holds every recipient's own outcome, `related` the notices, copies, retries and redirects.
    """
    return jsonify(present.detail(_detail(correlation_key)))


@api.get("/api/logs/postfix/by-queue/<queue_id>")
@documented("Logs", answer=QueueLines, codes=(404,))
def lines_by_queue_id(queue_id: str) -> ResponseReturnValue:
    """All Postfix lines of a queue id, with the Rspamd row of its newest message"""
    lines = logs.lines_of_queue_id(db.session(), queue_id)
    if not lines:
        raise NotFound("There are no lines with this queue id; they may be older than the retention")
    message = queries.newest_of_queue_id(db.session(), queue_id)
    return jsonify(present.queue_lines(queue_id, lines, message, queries.scan_of(db.session(), message)))


@pages.get("/messages")
def list_page() -> ResponseReturnValue:
    """The list with its filter; a bad parameter is told on the page."""
    chosen, error = listpage.chosen(MessageFilter)
    found = _found(chosen) if error is None else listpage.nothing(chosen.limit)
    return page(
        "messages/list.html",
        "messages/_list.html",
        status=400 if error else 200,
        found=listpage.list_view(found, found.rows, "first_seen"),
        cursor=queries.newest_cursor(found),
        export=listpage.export_view(found, "/api/export/messages/csv"),
        **listpage.common(MessageFilter, error, chosen.is_short),
    )


@pages.get("/messages/news")
def news() -> ResponseReturnValue:
    """How many messages have come since the list was shown."""
    since = request.args.get("since")
    if not since:
        raise BadParameter("since must be the cursor of a list")
    count = queries.count_newer(db.session(), given(MessageFilter), since)
    return render_template(
        "messages/_news.html",
        news=listpage.news_view(count, since),
        link=lambda **changes: link(changes, path=url_for("messages_pages.list_page")),
    )


@pages.get("/messages/<correlation_key>")
def message_page(correlation_key: str) -> ResponseReturnValue:
    """One message."""
    return render_template("messages/message.html", message=message_view(_detail(correlation_key)))
