"""The mail queue: the list and its actions; the same functions for JSON and pages."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.lists.actionpage import (
    ACTION_EXAMPLE,
    ActionAnswer,
    ActionRequest,
    api_answer,
    change_page,
    confirm_page,
)
from webapp.lists.livepage import PATIENCE, list_page, news_part
from webapp.lists.page import given
from webapp.mailcow.live import QUEUE, present
from webapp.mailqueue import delays as waits
from webapp.mailqueue import queries
from webapp.mailqueue.answers import EXAMPLE, QueueAnswer
from webapp.mailqueue.filter import QueueFilter
from webapp.mailqueue.lists import QUEUE_LIST
from webapp.tables.db import db
from webapp.web.openapi import described, documented
from webapp.web.page import settings

api = Blueprint("mailqueue_api", __name__)
pages = Blueprint("mailqueue_pages", __name__)

TAG = "Queue and quarantine"


@api.get("/api/queue")
@documented(TAG, query=QueueFilter, answer=described(QueueAnswer, EXAMPLE))
def mail_queue() -> ResponseReturnValue:
    """The mail queue, from mailcow

    Asked of mailcow at most every 15 seconds. Where mailcow does not answer within 4 seconds, the list last
    seen is given with its age.
    """
    chosen = given(QueueFilter)
    return jsonify(queries.answer(present(QUEUE, db.session(), settings(), PATIENCE), chosen))


@api.get("/api/queue/delays")
@documented(TAG, answer=described(waits.DelaysAnswer, waits.EXAMPLE))
def queue_delays() -> ResponseReturnValue:
    """Where delivered mail waited, by destination and stage

    Of the newest 20,000 deliveries of the last 24 hours: seconds that half of them, and 95 %, took no longer
    than.
    """
    return jsonify(waits.delays(db.session()))


@api.post("/api/queue/actions")
@documented(TAG, body=ActionRequest, answer=described(ActionAnswer, ACTION_EXAMPLE), codes=(400, 403))
def change_queue() -> ResponseReturnValue:
    """Deliver, hold, unhold or delete messages of the queue, or flush all of it

    `action` is deliver, hold, unhold, delete (of `ids`, which are queue ids) or flush (the whole queue).
    Needs MAILCOW_API_KEY_RW.
    """
    return jsonify(api_answer(QUEUE_LIST))


@pages.get("/queue")
def show() -> ResponseReturnValue:
    """The list last seen, or its groups."""
    return list_page(QUEUE_LIST)


@pages.get("/queue/delays")
def delays() -> ResponseReturnValue:
    """Delays by destination and stage."""
    ways = [("Queue", "/queue", False), *((words, url, True) for words, url in QUEUE_LIST.pages)]
    found = waits.delays(db.session())
    return render_template(
        "mailqueue/delays.html", found=found, stages=waits.STAGES, most=waits.MOST_LINES, ways=ways
    )


@pages.get("/queue/news")
def news() -> ResponseReturnValue:
    """Whether the queue has changed since it was shown."""
    return news_part(QUEUE_LIST)


@pages.post("/queue/confirm")
def confirm() -> ResponseReturnValue:
    """The question before an action."""
    return confirm_page(QUEUE_LIST)


@pages.post("/queue/actions")
def change() -> ResponseReturnValue:
    """Do what was confirmed, and show the list with the result."""
    return change_page(QUEUE_LIST)
