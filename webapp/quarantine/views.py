"""The quarantine: the list and its actions; the same functions for JSON and pages."""

from collections.abc import Sequence

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.lists import actionpage
from webapp.lists.actionpage import ActionRequest, ActionResult, Room
from webapp.lists.page import chosen_by_url, given
from webapp.mailcow import live
from webapp.mailcow.actions import Action, Outcome, answer, checked_ids, named
from webapp.mailcow.live import QUARANTINE
from webapp.quarantine import act, queries
from webapp.quarantine.answers import QuarantineAnswer
from webapp.quarantine.filter import QuarantineFilter, QuarantinePageFilter
from webapp.quarantine.items import ids_of, read
from webapp.tables.db import db
from webapp.web.filters import count
from webapp.web.openapi import documented
from webapp.web.page import page, settings

api = Blueprint("quarantine_api", __name__)
pages = Blueprint("quarantine_pages", __name__)

TAG = "Queue and quarantine"
PATIENCE = 4.0  # seconds the API waits for mailcow
ROOM = Room(
    "/quarantine",
    QUARANTINE,
    "Quarantine",
    {"search": "Search", "action": "Action", "recipient": "Recipient", "sender": "Sender"},
    act.ACTIONS,
)


def _carry_out(action: Action, ids: Sequence[str]) -> list[Outcome]:
    return actionpage.done(ROOM, action, act.act(action, checked_ids(ids), db.session(), settings()))


@api.get("/api/quarantine")
@documented(TAG, query=QuarantineFilter, answer=QuarantineAnswer)
def quarantine() -> ResponseReturnValue:
    """The quarantine, from mailcow

    Asked of mailcow at most every 30 seconds. Where mailcow does not answer within 4 seconds, the list last
    seen is given with its age.
    """
    chosen = given(QuarantineFilter)
    return jsonify(queries.answer(live.present(QUARANTINE, db.session(), settings(), PATIENCE), chosen))


@api.post("/api/quarantine/actions")
@documented(TAG, body=ActionRequest, answer=ActionResult, codes=(400, 403))
def change_quarantine() -> ResponseReturnValue:
    """Release, delete or learn from messages in the quarantine

    `action` is release, delete, learn_ham or learn_spam; `ids` are mailcow's, as in an item's `ids`. Needs
    MAILCOW_API_KEY_RW.
    """
    asked = actionpage.asked_by_api()
    action = named(dict(ROOM.actions), asked.action)
    return jsonify(answer(action, _carry_out(action, actionpage.texts(asked.ids))))


@pages.get("/quarantine")
def list_page() -> ResponseReturnValue:
    """The list last seen, or its groups; never waits for mailcow."""
    chosen, error = chosen_by_url(QuarantinePageFilter)
    listing = live.last(QUARANTINE, db.session())
    items = read(listing.rows)
    found = queries.found_in(chosen.chosen_from(items), chosen)
    return page(
        "quarantine/list.html",
        "quarantine/_list.html",
        status=400 if error else 200,
        found=found,
        group=chosen.group,
        counts=queries.counts(items),
        **actionpage.common(ROOM, listing, error),
    )


@pages.get("/quarantine/news")
def news() -> ResponseReturnValue:
    """Whether the quarantine has changed since it was shown."""
    return render_template("actions/_news.html", room=ROOM, news=actionpage.news(ROOM))


@pages.post("/quarantine/confirm")
def confirm() -> ResponseReturnValue:
    """The question before an action."""
    chosen = actionpage.picked(ROOM)
    items = read(live.last(QUARANTINE, db.session()).rows)
    if chosen.ids is None:
        meant = QuarantineFilter.model_validate(actionpage.filters_of_form(ROOM)).chosen_from(items)
    else:
        meant = [item for item in items if set(item.ids) & set(chosen.ids)]
    ids = ids_of(meant) if chosen.ids is None else chosen.ids
    boxes = f" for {count(len(ids), 'mailbox', 'mailboxes')}" if len(ids) > len(meant) else ""
    return actionpage.ask(ROOM, chosen, ids, count(len(meant), "message") + boxes, meant)


@pages.post("/quarantine/actions")
def change() -> ResponseReturnValue:
    """Do what was confirmed, and show the list with the result."""
    chosen = actionpage.picked(ROOM)
    return actionpage.back_to_list(ROOM, chosen.action, _carry_out(chosen.action, chosen.ids or []))
