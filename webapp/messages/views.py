"""Messages: the list, its news, one message; the same queries for JSON and pages."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.lists.page import json_answer, list_page, news_part
from webapp.messages import queries
from webapp.messages.answers import MessageAnswer, MessageDetail, MessagePage, QueueLinesAnswer
from webapp.messages.filter import MessageFilter
from webapp.messages.lists import MESSAGES
from webapp.tables.db import db
from webapp.web.openapi import documented

api = Blueprint("messages_api", __name__)
pages = Blueprint("messages_pages", __name__)


def _detail(correlation_key: str) -> MessageDetail:
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
    return json_answer(MESSAGES)


@api.get("/api/message/<correlation_key>/details")
@documented("Messages", answer=MessageAnswer, codes=(404,))
def message_details(correlation_key: str) -> ResponseReturnValue:
    """One message with all that belongs to it

    `deliveries` holds every recipient's own outcome, `related` the notices, copies, retries and redirects.
    """
    return jsonify(_detail(correlation_key))


@api.get("/api/logs/postfix/by-queue/<queue_id>")
@documented("Logs", answer=QueueLinesAnswer, codes=(404,))
def lines_by_queue_id(queue_id: str) -> ResponseReturnValue:
    """All Postfix lines of a queue id, with the Rspamd row of its newest message"""
    found = queries.lines_of(db.session(), queue_id)
    if found is None:
        raise NotFound("There are no lines with this queue id; they may be older than the retention")
    return jsonify(found)


@pages.get("/messages")
def overview() -> ResponseReturnValue:
    """The list with its filter."""
    return list_page(MESSAGES)


@pages.get("/messages/news")
def news() -> ResponseReturnValue:
    """How many messages have come since the list was shown."""
    return news_part(MESSAGES)


@pages.get("/messages/<correlation_key>")
def message_page(correlation_key: str) -> ResponseReturnValue:
    """One message."""
    return render_template("messages/message.html", message=_detail(correlation_key))
