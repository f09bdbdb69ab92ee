"""The write routes: what an administrator does to the mail queue, the quarantine and the bans."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .answers import NoRouteError
from .derived import release
from .scene import Scene, Story
from .state import Held, State
from .steps import NETFILTER, POSTFIX, UNQUEUE, delivered, lines

Answer = dict[str, Any] | list[dict[str, Any]]
DONE: Answer = {"type": "success", "msg": "Task completed"}
QUEUE_ID = re.compile(r"^[0-9a-fA-F]+$")


def _later(story: Story, by: float) -> Story:
    """Rows told in seconds after the mail's own story began, as part of a story that begins `by` seconds
    later."""
    for at, name, row in story:
        yield at - by, name, row


def _delivery(held: Held) -> Callable[[Scene], Story]:
    """The mail is tried again, and this time taken."""
    mail = replace(
        held.mail, targets=tuple(target for target in held.mail.targets if target.to in held.reasons)
    )

    def story(scene: Scene) -> Story:
        passed = scene.start - mail.clock
        yield 0.05, POSTFIX, lines.active(mail)
        yield from _later(delivered(mail, scene, passed + 0.1), passed)
        yield 3.0, UNQUEUE, {"queue_id": mail.queue_id}

    return story


def _postsuper(state: State, text: str) -> None:
    state.write(POSTFIX, lines.postfix("postsuper", text), state.clock())


def _queue_action(state: State, action: str, queue_id: str) -> None:
    held = state.queue.get(queue_id)
    if not held:
        return
    if action == "hold":
        state.traffic.cancel(held.scene)
        held.queue = "hold"
        _postsuper(state, f"{queue_id}: placed on hold")
        _postsuper(state, "Placed on hold: 1 message")
    elif action == "unhold":
        held.queue = "deferred"
        _postsuper(state, f"{queue_id}: released from hold")
        _postsuper(state, "Released from hold: 1 message")
        state.tell(_delivery(held))
    elif action == "deliver" and held.queue != "hold":
        state.traffic.cancel(held.scene)
        state.tell(_delivery(held))
    elif action == "delete":
        state.traffic.cancel(held.scene)
        del state.queue[queue_id]
        _postsuper(state, f"{queue_id}: removed")
        _postsuper(state, "Deleted: 1 message")


def _short(queue_ids: list[Any]) -> list[str]:
    """The ids that mailcow lets through: it drops long ones without a word."""
    return [str(one) for one in queue_ids if QUEUE_ID.match(str(one))]


def edit_queue(state: State, body: Any) -> Answer:
    action = body.get("attr", {}).get("action", "") if isinstance(body, dict) else ""
    if action in ("flush", "super_delete"):
        for queue_id in list(state.queue):
            _queue_action(state, "deliver" if action == "flush" else "delete", queue_id)
    else:
        for queue_id in _short(body.get("items", []) if isinstance(body, dict) else []):
            _queue_action(state, action, queue_id)
    return DONE


def delete_queue(state: State, body: Any) -> Answer:
    for queue_id in _short(body if isinstance(body, list) else []):
        _queue_action(state, "delete", queue_id)
    return DONE


def _kept_items(state: State, numbers: Any, word: str, act: Callable[[int], None]) -> Answer:
    answers: list[dict[str, Any]] = []
    for number in numbers:
        known = str(number).isdigit() and int(number) in state.quarantine
        log = ["quarantine", "edit", [str(number)]]
        if known:
            act(int(number))
        message: Any = [word, str(number)] if known else "access_denied"
        answers.append({"type": "success" if known else "danger", "log": log, "msg": message})
    return answers


def edit_quarantine(state: State, body: Any) -> Answer:
    attributes = body.get("attr", {}) if isinstance(body, dict) else {}
    action = attributes.get("action", "")
    words = {"release": "item_released", "learnham": "learned_ham", "learnspam": "learned_spam"}
    if action not in words:
        return {"type": "error", "msg": "Cannot find attributes in post data"}

    def act(number: int) -> None:
        item = state.quarantine.pop(number)
        if action == "release":
            mail = replace(
                item.mail, targets=tuple(target for target in item.mail.targets if target.to == item.rcpt)[:1]
            )
            state.tell(
                lambda scene: _later(release(mail, scene, scene.start - mail.clock), scene.start - mail.clock)
            )

    return _kept_items(state, body.get("items", []), words[action], act)


def delete_quarantine(state: State, body: Any) -> Answer:
    def act(number: int) -> None:
        del state.quarantine[number]

    return _kept_items(state, body if isinstance(body, list) else [], "item_deleted", act)


def edit_fail2ban(state: State, body: Any) -> Answer:
    """Unban (`{"items": [network], "attr": {"action": "unban"}}`) or change settings, which changes nothing
    here."""
    attributes = body.get("attr", {}) if isinstance(body, dict) else {}
    if attributes.get("action") == "unban":
        for network in [one for one in body.get("items", []) if state.bans.pop(one, None)]:
            state.write(NETFILTER, lines.netfilter(f"Unbanning {network}", "info"), state.clock())
    return [{"type": "success", "log": ["fail2ban", "edit"], "msg": "f2b_modified"}]


ROUTES: dict[str, Callable[[State, Any], Answer]] = {
    "edit/mailq": edit_queue,
    "delete/mailq": delete_queue,
    "edit/qitem": edit_quarantine,
    "delete/qitem": delete_quarantine,
    "edit/fail2ban": edit_fail2ban,
}


def answer(state: State, route: str, text: bytes) -> tuple[int, str]:
    """HTTP status and JSON text of a POST. Raises NoRouteError."""
    if route not in ROUTES:
        raise NoRouteError
    try:
        body = json.loads(text)
    except ValueError:
        return 400, json.dumps({"type": "error", "msg": "Request body doesn't contain valid json!"})
    if not body or (isinstance(body, dict) and not {"attr", "items"} & body.keys()):
        # As in mailcow: a body in another form does nothing.
        return 200, json.dumps(
            DONE
            if route.endswith("mailq")
            else {"type": "error", "msg": "Cannot find attributes in post data"}
        )
    with state.lock:
        state.advance()
        return 200, json.dumps(ROUTES[route](state, body))
