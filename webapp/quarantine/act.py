"""Changing the quarantine: release, delete, learn as ham or spam; each of them takes the item out, which a
fresh list shows."""

from webapp.mailcow.actions import DONE, FAILED, Action, ActionTarget, Answers, ItemOutcome, Reply
from webapp.mailcow.client import Mailcow
from webapp.mailcow.live import QUARANTINE
from webapp.quarantine.items import MailboxCopy, copies

MAILCOW_WORDS = {"release": "release", "learn_ham": "learnham", "learn_spam": "learnspam"}


def send(client: Mailcow, name: str, batch: list[str]) -> Answers:
    """Ask mailcow to do it to these ids; raises MailcowError."""
    if name == "delete":
        return client.post("delete/qitem", batch)
    return client.post("edit/qitem", {"items": batch, "attr": {"action": MAILCOW_WORDS[name]}})


def judge(_name: str, item: str, reply: Reply, copy: MailboxCopy | None) -> ItemOutcome:
    """What has become of an item that was in the quarantine, by mailcow's word and by the list after the
    action."""
    if copy is not None:
        return ItemOutcome(item, FAILED, f"still in the quarantine; {reply.sentence}")
    if reply.done is False:
        return ItemOutcome(item, FAILED, reply.sentence)
    return ItemOutcome(item, DONE, reply.sentence if reply.done else "is no longer in the quarantine")


TARGET = ActionTarget(
    QUARANTINE, copies, send, judge, suspicion="mailcow's list came back empty", trusts_reply=True
)
ACTIONS = {
    action.name: action
    for action in (
        Action(
            "release",
            "Release",
            "Release {}?",
            "Released mail is delivered to its recipients and leaves the quarantine; from then on it cannot "
            "be learned from here.",
            "mail-forward",
            past="released",
        ),
        Action(
            "learn_ham",
            "Learn as ham",
            "Learn {} as ham?",
            "Rspamd learns that such mail is wanted. It leaves the quarantine undelivered and cannot be "
            "released any more; to have it delivered, release it instead.",
            "thumb-up",
            destroys=True,
            past="learned as ham",
        ),
        Action(
            "learn_spam",
            "Learn as spam",
            "Learn {} as spam?",
            "Rspamd learns that such mail is spam. It leaves the quarantine undelivered and cannot be "
            "released any more.",
            "thumb-down",
            destroys=True,
            past="learned as spam",
        ),
        Action(
            "delete",
            "Delete",
            "Delete {}?",
            "Deleted mail is gone for good.",
            "trash",
            destroys=True,
            past="deleted",
        ),
    )
}
