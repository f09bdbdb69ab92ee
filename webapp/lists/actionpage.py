"""The way of an action on a page: what was picked, the question before it, its result; and what such lists
share in their URL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import redirect, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import Forbidden

from webapp.mailcow import audit
from webapp.mailcow.actions import FORBIDDEN, Action, Outcome, allowed, keep_result, named, record, result
from webapp.mailcow.live import Kind, Listing, last_without_rows, wake
from webapp.tables.db import db
from webapp.web.page import link, page, settings, visitor

TRAIL = 20  # latest actions shown
EXAMPLES = 10  # items named before an action


@dataclass(frozen=True)
class Room:
    """A list with actions: its path, the filters of its URL with their labels, its actions on items and those
    on the whole."""

    path: str
    kind: Kind
    title: str
    labels: Mapping[str, str]
    actions: Mapping[str, Action]
    whole: Mapping[str, Action] = field(default_factory=dict)

    @property
    def kept(self) -> tuple[str, ...]:
        """The parameters that a page comes back to."""
        return (*self.labels, "sort", "group", "limit", "page")


@dataclass(frozen=True)
class Picked:
    """The submitted action and its items; `ids` is None for all that match the filter."""

    action: Action
    ids: list[str] | None


def require_key() -> None:
    """Raises Forbidden where nothing may be changed."""
    if not allowed(settings()):
        raise Forbidden(FORBIDDEN)


def picked(room: Room) -> Picked:
    """What the form says: `do` is an action, or an action and its items; raises BadParameter for an unknown
    action."""
    require_key()
    name, _, own = request.form.get("do", "").partition(":")
    action = named({**room.actions, **room.whole}, name)
    if own:
        return Picked(action, own.split())
    if request.form.get("matching"):
        return Picked(action, None)
    return Picked(action, [one for value in request.form.getlist("ids") for one in value.split()])


def filters_of_form(room: Room) -> dict[str, str]:
    """The list's parameters that the form was sent from."""
    return {name: value for name, value in parse_qsl(request.form.get("back", "")) if name in room.kept}


def ask(
    room: Room, chosen: Picked, ids: Sequence[str], what: str, meant: Sequence[Any]
) -> ResponseReturnValue:
    """The question before an action: `what` it is done to in words, and some of what is meant."""
    back = filters_of_form(room)
    return page(
        "actions/confirm.html",
        "actions/_confirm.html",
        room=room,
        action=chosen.action,
        ids=ids,
        question=chosen.action.question.format(what),
        examples=meant[:EXAMPLES],
        matched=len(meant),
        whole=chosen.action.name in room.whole,
        back=urlencode(back),
        way_back=link(back, base={}, path=room.path),
    )


def done(room: Room, action: Action, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Put the outcomes on record."""
    record(
        db.session.connection(), visitor(), request.remote_addr, f"{room.kind.name}:{action.name}", outcomes
    )
    db.session.commit()
    return list(outcomes)


def back_to_list(room: Room, action: Action, outcomes: Sequence[Outcome]) -> ResponseReturnValue:
    """The list the action came from, with its result."""
    return redirect(
        link({**filters_of_form(room), "result": keep_result(action, outcomes)}, base={}, path=room.path), 303
    )


def common(room: Room, listing: Listing, error: str | None) -> dict[str, Any]:
    """What the page of such a list gets besides its rows; a newer list is asked for in the background."""
    wake(room.kind, settings(), listing.age)
    change: Callable[..., str] = lambda **changes: link({"result": None, **changes})  # noqa: E731
    typed = {name: request.args.get(name, "").strip() for name in room.kept if name != "page"}
    return {
        "room": room,
        "listing": listing,
        "error": error,
        "may_act": allowed(settings()),
        "link": change,
        "filters": SimpleNamespace(**{name: value or None for name, value in typed.items()}),
        "asked": {name: value for name, value in typed.items() if value},
        "chips": [
            (label, typed[name], change(**{name: None})) for name, label in room.labels.items() if typed[name]
        ],
        "result": result(request.args.get("result")),
        "trail": trail(room),
    }


def trail(room: Room) -> list[SimpleNamespace]:
    """The latest actions, newest first; `verb` in words."""
    verbs = {
        f"{room.kind.name}:{name}": action.verb for name, action in {**room.actions, **room.whole}.items()
    }
    return [
        SimpleNamespace(**entry._mapping, verb=verbs.get(entry.action, entry.action))
        for entry in audit.recent(db.session(), f"{room.kind.name}:", TRAIL)
    ]


def news(room: Room) -> SimpleNamespace:
    """Whether the list is another than the one shown, its age, and why it is not newer; a newer one is asked
    for."""
    present = last_without_rows(room.kind)
    wake(room.kind, settings(), present.age)
    return SimpleNamespace(
        changed=present.mark != request.args.get("since", ""),
        taken_at=present.taken_at,
        error=present.error,
        is_old=present.is_old,
    )


class ActionRequest(BaseModel):
    """What to do, and to which items."""

    model_config = ConfigDict(json_schema_extra={"example": {"action": "hold", "ids": ["4FqGc71Rz2z1x"]}})

    action: str = Field(description="The action's name")
    ids: list[str | int] = Field(default_factory=list, description="The items", max_length=10_000)


class ActionResult(BaseModel):
    """What has become of each item: done, failed, or open where that is not known yet; checked against a
    fresh list of mailcow's."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "action": "hold",
                "done": 1,
                "open": 0,
                "failed": 0,
                "results": [{"id": "B98C6260CA1", "outcome": "done", "detail": "is on hold"}],
            }
        }
    )

    action: str
    done: int
    open: int
    failed: int
    results: list[dict[str, str]]


def asked_by_api() -> ActionRequest:
    """The request's body; raises ValidationError, which is answered with 400."""
    require_key()
    return ActionRequest.model_validate(request.get_json(silent=True) or {})


def texts(ids: Iterable[str | int]) -> list[str]:
    """Ids as texts without blanks."""
    return [str(one).strip() for one in ids if str(one).strip()]
