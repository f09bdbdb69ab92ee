"""Messages: the list, its news, one message, and their groups; the same queries for JSON and pages."""

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.lists.daylist import Found
from webapp.lists.page import Export, chosen_by_url, clock, frame, given, list_page, news_part, search
from webapp.lists.params import unpaged
from webapp.mailcow.actions import allowed
from webapp.mailcow.results import find_result
from webapp.messages import queries
from webapp.messages.answers import MessageAnswer, MessageDetail, MessagePage, QueueLinesAnswer, message_page
from webapp.messages.asked import message_with_id, period_in
from webapp.messages.explain import explanation
from webapp.messages.filter import MessageListFilter
from webapp.messages.groupanswers import GroupFilter, GroupPage, GroupQuery, Groups, group_answer, tab_of
from webapp.messages.grouping import GROUPINGS
from webapp.messages.groups import search_groups
from webapp.messages.lists import FOLDED_MESSAGES, MESSAGES
from webapp.messages.standing import standings
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import link, page, settings
from webapp.web.times import Times
from webapp.web.visitor import may_act

api = Blueprint("messages_api", __name__)
pages = Blueprint("messages_pages", __name__)
WAYS = ",".join(GROUPINGS)


def _detail(correlation_key: str) -> MessageDetail:
    message = queries.find_message(db.session(), correlation_key)
    if message is None:
        raise NotFound("There is no message with this key; it may be older than the retention")
    return queries.get_detail(db.session(), message)


@api.get("/api/messages")
@documented("Messages", query=MessageListFilter, answer=MessagePage)
def list_messages() -> ResponseReturnValue:
    """Messages, newest first

    Postfix, Rspamd and bounce notices joined into messages with every recipient's own outcome.
    """
    return jsonify(message_page(search(MESSAGES, given(MESSAGES.filter))))


@api.get("/api/messages/groups")
@documented("Messages", query=unpaged(GroupQuery, "page", "limit"), answer=GroupPage)
def groups_answer() -> ResponseReturnValue:
    """Messages by account, sender, recipient, domain, destination, reason or hour

    `filter` finds a group's messages with /api/messages, and its total there is the number of `messages`.
    """
    chosen = given(GroupQuery)
    return jsonify(group_answer(chosen.by, search_groups(db.session(), chosen.by, chosen)))


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


@pages.before_request
def period_of_search() -> ResponseReturnValue | None:
    """A search that names a time has it as its period, so that its URL shows others the same."""
    asked = period_in(request.args.get("search", ""), clock())
    if asked is None or request.path == "/search":
        return None
    changes = {"search": asked.search, "start_date": asked.start, "end_date": asked.end}
    return redirect(link(changes))


@pages.get("/search")
def search_page() -> ResponseReturnValue:
    """What was typed into the box on top: the message with this id, else the list."""
    typed = request.args.get("search", "").strip()
    key = message_with_id(db.session(), typed)
    return redirect(f"/messages/{key}" if key else link({}, path="/messages"))


@pages.get("/messages")
def overview() -> ResponseReturnValue:
    """The list with its filter."""
    return list_page(FOLDED_MESSAGES)


@pages.get("/messages/news")
def news() -> ResponseReturnValue:
    """How many messages have come since the list was shown."""
    return news_part(MESSAGES)


@pages.get(f"/messages/by/<any({WAYS}):by>")
def groups_page(by: str) -> ResponseReturnValue:
    """The groups of the messages that the filter finds."""
    chosen, error = chosen_by_url(GroupFilter)
    nothing = Groups(Found([], 0, False, 1, chosen.limit), 0)
    groups = search_groups(db.session(), by, chosen) if error is None else nothing
    limit = settings().csv_export_limit
    url = link({"limit": None, "by": by}, path="/api/export/messages/groups/csv")
    export = Export(url, limit, groups.found.total > limit)
    view = frame(chosen, groups.found, error, export=export)
    tab = tab_of(by, groups.days)
    return page("messages/groups.html", "messages/_groups.html", view.status, view=view, rows=tab)


@pages.get("/messages/<correlation_key>")
def one_message(correlation_key: str) -> ResponseReturnValue:
    """One message, with what can be done to it where mailcow has it now."""
    message, full = _detail(correlation_key), Times(settings().tz).full
    return render_template(
        "messages/message.html",
        message=message,
        standings=standings(db.session(), message),
        may_act=allowed(settings()) and may_act(),
        result=find_result(request.args.get("result")),
        explain=lambda delivery: explanation(message, delivery, full),
    )
