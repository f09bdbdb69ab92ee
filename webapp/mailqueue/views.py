"""The mail queue: the list and its actions; the same functions for JSON and pages."""

from collections.abc import Sequence

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.lists import actionpage
from webapp.lists.actionpage import ActionRequest, ActionResult, Room
from webapp.lists.page import chosen_by_url, given
from webapp.mailcow import live
from webapp.mailcow.actions import Action, Outcome, answer, checked_ids, named
from webapp.mailcow.live import QUEUE
from webapp.mailqueue import act, queries
from webapp.mailqueue.answers import QueueAnswer
from webapp.mailqueue.entries import by_id, read
from webapp.mailqueue.filter import QueueFilter, QueuePageFilter
from webapp.tables.db import db
from webapp.web.filters import count
from webapp.web.openapi import documented
from webapp.web.page import page, settings

api = Blueprint("mailqueue_api", __name__)
pages = Blueprint("mailqueue_pages", __name__)

TAG = "Queue and quarantine"
PATIENCE = 4.0  # seconds the API waits for mailcow
LABELS = {
    "search": "Search",
    "queue": "Queue",
    "reason": "Reason",
    "domain": "Destination",
    "sender": "Sender",
}
ROOM = Room("/queue", QUEUE, "Queue", LABELS, act.ACTIONS, {"flush": act.FLUSH})


def _carry_out(action: Action, ids: Sequence[str]) -> list[Outcome]:
    if action is act.FLUSH:
        return actionpage.done(ROOM, action, act.flush(db.session(), settings()))
    return actionpage.done(ROOM, action, act.act(action, checked_ids(ids), db.session(), settings()))


@api.get("/api/queue")
@documented(TAG, query=QueueFilter, answer=QueueAnswer)
def mail_queue() -> ResponseReturnValue:
    """The mail queue, from mailcow

    Asked of mailcow at most every 15 seconds. Where mailcow does not answer within 4 seconds, the list last
    seen is given with its age.
    """
    chosen = given(QueueFilter)
    return jsonify(queries.answer(live.present(QUEUE, db.session(), settings(), PATIENCE), chosen))


@api.post("/api/queue/actions")
@documented(TAG, body=ActionRequest, answer=ActionResult, codes=(400, 403))
def change_queue() -> ResponseReturnValue:
    """Deliver, hold, unhold or delete messages of the queue, or flush all of it

    `action` is deliver, hold, unhold, delete (of `ids`, which are queue ids) or flush (the whole queue).
    Needs MAILCOW_API_KEY_RW.
    """
    asked = actionpage.asked_by_api()
    action = named({**ROOM.actions, **ROOM.whole}, asked.action)
    return jsonify(answer(action, _carry_out(action, actionpage.texts(asked.ids))))


@pages.get("/queue")
def list_page() -> ResponseReturnValue:
    """The list last seen, or its groups; never waits for mailcow."""
    chosen, error = chosen_by_url(QueuePageFilter)
    listing = live.last(QUEUE, db.session())
    entries = read(listing.rows)
    found = queries.found_in(chosen.chosen_from(entries), chosen)
    return page(
        "mailqueue/list.html",
        "mailqueue/_list.html",
        status=400 if error else 200,
        found=found,
        group=chosen.group,
        counts=queries.counts(entries),
        long_ids=any(entry.has_long_id for entry in entries),
        **actionpage.common(ROOM, listing, error),
    )


@pages.get("/queue/news")
def news() -> ResponseReturnValue:
    """Whether the queue has changed since it was shown."""
    return render_template("actions/_news.html", room=ROOM, news=actionpage.news(ROOM))


@pages.post("/queue/confirm")
def confirm() -> ResponseReturnValue:
    """The question before an action."""
    chosen = actionpage.picked(ROOM)
    entries = read(live.last(QUEUE, db.session()).rows)
    if chosen.action is act.FLUSH:
        return actionpage.ask(ROOM, chosen, [], "", entries)
    if chosen.ids is None:
        meant = QueueFilter.model_validate(actionpage.filters_of_form(ROOM)).chosen_from(entries)
    else:
        known = by_id(entries)
        meant = [known[one] for one in chosen.ids if one in known]
    ids = [entry.queue_id for entry in meant] if chosen.ids is None else chosen.ids
    return actionpage.ask(ROOM, chosen, ids, count(len(ids), "message"), meant)


@pages.post("/queue/actions")
def change() -> ResponseReturnValue:
    """Do what was confirmed, and show the list with the result."""
    chosen = actionpage.picked(ROOM)
    return actionpage.back_to_list(ROOM, chosen.action, _carry_out(chosen.action, chosen.ids or []))
