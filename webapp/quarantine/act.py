"""Changing the quarantine: release, delete, learn as ham or spam; each of them takes the item out, which a
fresh list shows."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.mailcow import live
from webapp.mailcow.actions import DONE, FAILED, OPEN, Action, Answers, Outcome, Said, Seen, ask, look_again
from webapp.mailcow.client import Mailcow
from webapp.mailcow.live import QUARANTINE

ACTIONS = {
    action.name: action
    for action in (
        Action(
            "release",
            "Release",
            "Release {}?",
            "Released mail is delivered to its recipients and leaves the quarantine.",
            "mail-forward",
        ),
        Action(
            "learn_ham",
            "Learn as ham",
            "Learn {} as ham?",
            "Rspamd learns that such mail is wanted. It leaves the quarantine; "
            "to have it delivered, release it instead.",
            "thumb-up",
            destroys=True,
        ),
        Action(
            "learn_spam",
            "Learn as spam",
            "Learn {} as spam?",
            "Rspamd learns that such mail is spam. It leaves the quarantine and cannot be released any more.",
            "thumb-down",
            destroys=True,
        ),
        Action("delete", "Delete", "Delete {}?", "Deleted mail is gone for good.", "trash", destroys=True),
    )
}
UNKNOWN = "is not in the quarantine"
MAILCOW_WORDS = {"release": "release", "learn_ham": "learnham", "learn_spam": "learnspam"}


def act(action: Action, ids: Sequence[str], session: Session, settings: Settings) -> list[Outcome]:
    """Do it and see what has become of each item; only what is in the quarantine is named to mailcow.

    Raises MailcowDenied without a key that may write.
    """
    before = _labels((look_again(QUARANTINE, settings).listing or live.last(QUARANTINE, session)).rows)
    session.rollback()  # no connection to the database is held while mailcow is asked
    said = ask(
        settings,
        [item for item in ids if item in before],
        lambda client, batch: _send(client, action.name, batch),
    )
    seen = look_again(QUARANTINE, settings)
    if seen.listing is not None and not seen.listing.rows and set(before) - set(ids):
        seen = Seen(None, "mailcow's list came back empty")
    after = set(_labels(seen.listing.rows)) if seen.listing else None
    return [
        replace(judge(item, said[item], after, seen.reason), label=before[item])
        if item in before
        else Outcome(item, FAILED, UNKNOWN)
        for item in ids
    ]


def _labels(rows: Sequence[dict[str, object]]) -> dict[str, str]:
    """The rows' ids, each with what people know the mail by."""
    return {
        str(row.get("id")): f"“{row.get('subject') or 'no subject'}” to {row.get('rcpt')}" for row in rows
    }


def _send(client: Mailcow, name: str, batch: list[str]) -> Answers:
    if name == "delete":
        return client.post("delete/qitem", batch)
    return client.post("edit/qitem", {"items": batch, "attr": {"action": MAILCOW_WORDS[name]}})


def judge(item: str, said: Said, after: set[str] | None, reason: str) -> Outcome:
    """What has become of an item that was in the quarantine, by mailcow's word and by the list after the
    action."""
    told = f"mailcow: {said.words}"
    if after is not None and item in after:
        return Outcome(item, FAILED, f"still in the quarantine; {told}")
    if said.done is False:
        return Outcome(item, FAILED, told)
    if after is None:
        return Outcome(item, DONE if said.done else OPEN, f"{told}; not checked: {reason}")
    return Outcome(item, DONE, told if said.done else "is no longer in the quarantine")
