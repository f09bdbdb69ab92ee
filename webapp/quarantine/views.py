"""The quarantine: the list and its actions; the same functions for JSON and pages."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.lists.actionpage import (
    ACTION_EXAMPLE,
    ActionAnswer,
    ActionRequest,
    api_answer,
    change_page,
    confirm_page,
    note_deed,
)
from webapp.lists.livepage import PATIENCE, list_page, news_part
from webapp.lists.page import given
from webapp.mailcow.actions import allowed
from webapp.mailcow.live import QUARANTINE, present
from webapp.quarantine import queries
from webapp.quarantine.answers import EXAMPLE, QuarantineAnswer
from webapp.quarantine.filter import QuarantineFilter
from webapp.quarantine.lists import QUARANTINE_LIST
from webapp.quarantine.reading import reading_of
from webapp.tables.db import db
from webapp.web.openapi import described, documented
from webapp.web.page import settings
from webapp.web.visitor import may_act

api = Blueprint("quarantine_api", __name__)
pages = Blueprint("quarantine_pages", __name__)

TAG = "Queue and quarantine"


@api.get("/api/quarantine")
@documented(TAG, query=QuarantineFilter, answer=described(QuarantineAnswer, EXAMPLE))
def quarantine() -> ResponseReturnValue:
    """The quarantine, from mailcow

    Asked of mailcow at most every 30 seconds. Where mailcow does not answer within 4 seconds, the list last
    seen is given with its age.
    """
    chosen = given(QuarantineFilter)
    return jsonify(queries.answer(present(QUARANTINE, db.session(), settings(), PATIENCE), chosen))


@api.post("/api/quarantine/actions")
@documented(TAG, body=ActionRequest, answer=described(ActionAnswer, ACTION_EXAMPLE), codes=(400, 403))
def change_quarantine() -> ResponseReturnValue:
    """Release, delete or learn from messages in the quarantine

    `action` is release, delete, learn_ham or learn_spam; `ids` are mailcow's, as in an item's `ids`. Needs
    MAILCOW_API_KEY_RW.
    """
    return jsonify(api_answer(QUARANTINE_LIST))


@pages.get("/quarantine")
def show() -> ResponseReturnValue:
    """The list last seen, or its groups."""
    return list_page(QUARANTINE_LIST)


@pages.get("/quarantine/news")
def news() -> ResponseReturnValue:
    """Whether the quarantine has changed since it was shown."""
    return news_part(QUARANTINE_LIST)


@pages.get("/quarantine/<int(max=9223372036854775807):number>")
def read(number: int) -> ResponseReturnValue:
    """One message to be read before it is released: asked of mailcow, and on record, for those who may
    act."""
    found = reading_of(db.session(), settings(), number, may_act())
    if found.letter is not None:
        note_deed(QUARANTINE_LIST, "read", f"{number} {found.label}", "its text was shown")
    ways = allowed(settings()) and may_act()
    return render_template("quarantine/letter.html", view=found, may_act=ways), found.status


@pages.post("/quarantine/confirm")
def confirm() -> ResponseReturnValue:
    """The question before an action."""
    return confirm_page(QUARANTINE_LIST)


@pages.post("/quarantine/actions")
def change() -> ResponseReturnValue:
    """Do what was confirmed, and show the list with the result."""
    return change_page(QUARANTINE_LIST)
