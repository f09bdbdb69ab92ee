"""The way of an action: its entries, the question before it, its result; on a page and over the API."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic
from urllib.parse import parse_qsl, urlencode

from flask import redirect, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import Forbidden

from webapp.lists.livefilter import Entry
from webapp.lists.livelist import Example, LiveList
from webapp.mailcow import audit, live
from webapp.mailcow.actions import (
    FORBIDDEN,
    Action,
    ItemOutcome,
    ItemState,
    allowed,
    carry_out,
    checked_ids,
    get_action,
)
from webapp.mailcow.results import keep_result, record, sum_up
from webapp.parse.clean import clean_text
from webapp.tables.db import db
from webapp.web.page import link, page, settings, visitor

EXAMPLES = 10  # entries named before an action
# pages of one thing from which one acts on a list, and to which the result comes back
PLACES = re.compile(r"/messages/[0-9a-f]{64}|/security/address/[0-9A-Fa-f.:]{2,45}")


@dataclass(frozen=True)
class Selection:
    """The submitted action and its items; `ids` is None for all that match the filter."""

    action: Action
    ids: list[str] | None


@dataclass(frozen=True)
class Question(Generic[Entry]):
    """What the question before an action shows: some of the `matched` entries, the ids to be sent, and the
    parameters of the list, or the page of one thing, to come back to. `excludes` is what the choice rules
    out, where there is more to say than its meaning."""

    live: LiveList[Entry]
    action: Action
    ids: Sequence[str]
    words: str
    excludes: str | None
    examples: Sequence[Example]
    matched: int
    back: str
    place: str | None
    way_back: str

    @property
    def is_empty(self) -> bool:
        """True where no entry is meant."""
        return not self.ids and self.action.on_whole is None


class ActionRequest(BaseModel):
    """What to do, and to which items."""

    model_config = ConfigDict(json_schema_extra={"example": {"action": "hold", "ids": ["4FqGc71Rz2z1x"]}})

    action: str = Field(description="The action's name")
    ids: list[str | int] = Field(default_factory=list, description="The items", max_length=10_000)


ACTION_EXAMPLE = {
    "action": "hold",
    "done": 1,
    "open": 0,
    "failed": 0,
    "results": [{"id": "B98C6260CA1", "outcome": "done", "detail": "is on hold"}],
}


@dataclass(frozen=True)
class ItemAnswer:
    """What has become of one item."""

    id: str
    outcome: ItemState
    detail: str


@dataclass(frozen=True)
class ActionAnswer:
    """What has become of each item: done, failed, or open where that is not known yet; checked against a
    fresh list of mailcow's."""

    action: str
    done: int
    open: int
    failed: int
    results: list[ItemAnswer]


def confirm_page(live_list: LiveList[Entry]) -> ResponseReturnValue:
    """The question before an action; raises BadParameter for an unknown one."""
    selection = _selection(live_list)
    entries = live_list.read(live.last(live_list.target.source, db.session()).rows)
    ids, scope = _scope(live_list, selection, entries)
    back, place = _list_parameters(live_list), _place()
    question = Question(
        live=live_list,
        action=selection.action,
        ids=ids,
        words=selection.action.question.format(live_list.extent_words(ids, scope)),
        excludes=live_list.excludes(selection.action, scope),
        examples=[live_list.example(entry) for entry in scope[:EXAMPLES]],
        matched=len(scope),
        back=urlencode(back),
        place=place,
        way_back=place or link(back, base={}, path=live_list.path),
    )
    return page("actions/confirm.html", "actions/_confirm.html", view=question)


def _scope(
    live_list: LiveList[Entry], selection: Selection, entries: Sequence[Entry]
) -> tuple[Sequence[str], Sequence[Entry]]:
    """(the ids that are sent, the entries that are meant)."""
    if selection.action.on_whole is not None:
        return [], entries
    if selection.ids is not None:
        return selection.ids, live_list.of_ids(entries, selection.ids)
    found = live_list.filter.model_validate(_list_parameters(live_list)).select(entries)
    return [one for entry in found for one in entry.ids], found


def change_page(live_list: LiveList[Entry]) -> ResponseReturnValue:
    """Do what was confirmed, and lead back with the result: to the list, or the page it was asked from."""
    selection, place = _selection(live_list), _place()
    outcomes = _carry_out(live_list, selection.action, selection.ids or [])
    kept = {} if place else _list_parameters(live_list)
    shown = {**kept, "result": keep_result(selection.action, outcomes)}
    return redirect(f"{link(shown, base={}, path=place or live_list.path)}#result", 303)


def api_answer(live_list: LiveList[Entry]) -> ActionAnswer:
    """Do what the request's body asks for; raises ValidationError or BadParameter, which are answered with
    400."""
    _require_key()
    body = ActionRequest.model_validate(request.get_json(silent=True) or {})
    action = get_action(live_list.actions, body.action)
    outcomes = _carry_out(live_list, action, [text for one in body.ids if (text := str(one).strip())])
    result = sum_up(action.verb, outcomes)
    items = [ItemAnswer(outcome.item, outcome.state, outcome.words) for outcome in outcomes]
    return ActionAnswer(action.name, result.done, result.open, result.failed, items)


def _require_key() -> None:
    """Raises Forbidden where nothing may be changed."""
    if not allowed(settings()):
        raise Forbidden(FORBIDDEN)


def _selection(live_list: LiveList[Entry]) -> Selection:
    """What the form says: `do` is an action, or an action and its items."""
    _require_key()
    name, _, own = request.form.get("do", "").partition(":")
    action = get_action(live_list.actions, name)
    if own:
        return Selection(action, own.split())
    if request.form.get("matching"):
        return Selection(action, None)
    return Selection(action, [one for value in request.form.getlist("ids") for one in value.split()])


def _place() -> str | None:
    """The page of one thing that the form was sent from; None where it was the list."""
    given = request.form.get("place", "")
    return given if PLACES.fullmatch(given) else None


def _list_parameters(live_list: LiveList[Entry]) -> dict[str, str]:
    """The parameters of the list that the form was sent from."""
    known = (*live_list.labels, "sort", "group", "limit", "page")
    return {name: value for name, value in parse_qsl(request.form.get("back", "")) if name in known}


def note_deed(live_list: LiveList[Entry], deed: str, item: str, words: str) -> None:
    """Put on record what somebody has done to an entry without changing it on mailcow."""
    name = f"{live_list.target.source.name}:{deed}"
    told = [(clean_text(item), True, clean_text(words))]
    audit.record(db.session.connection(), visitor(), request.remote_addr, name, told)
    db.session.commit()


def _carry_out(live_list: LiveList[Entry], action: Action, ids: Sequence[str]) -> list[ItemOutcome]:
    """Put on record what is asked for, do it, and complete the record with the outcomes."""
    whole = f"whole {live_list.target.source.name}"
    items = [whole] if action.on_whole is not None else checked_ids(ids)
    name = f"{live_list.target.source.name}:{action.name}"
    entries = audit.begin(db.session.connection(), visitor(), request.remote_addr, name, items)
    db.session.commit()
    outcomes = carry_out(live_list.target, action, ids, db.session(), settings())
    record(db.session.connection(), entries, whole, outcomes)
    db.session.commit()
    return outcomes
