"""The quarantine as a live list: what its page, its actions and its API are made of."""

from collections.abc import Sequence

from webapp.lists.livelist import RECIPIENTS, Example, LiveList, remembered
from webapp.lists.standing import Standing
from webapp.mailcow.actions import Action
from webapp.mailcow.live import Listing
from webapp.quarantine.act import ACTIONS, TARGET
from webapp.quarantine.filter import GROUPINGS, QuarantineFilter, QuarantinePageFilter
from webapp.quarantine.items import ACTIONS as ACTIONS_OF_RSPAMD
from webapp.quarantine.items import Item, read
from webapp.quarantine.queries import figures
from webapp.web.filters import count, query_url

WORDS = {
    "": "without an action",
    "reject": "rejected",
    "add header": "put into the junk folder",
    "rewrite subject": "with a marked subject",
}


def state(item: Item) -> str:
    """What was done to the message, in words."""
    return WORDS.get(item.action, item.action)


def state_filter(state: str) -> dict[str, str]:
    """The filter that finds the messages to which that was done."""
    done = next((action for action, words in WORDS.items() if words == state), state)
    return {"action": done} if done in ACTIONS_OF_RSPAMD else {}


def example(item: Item) -> Example:
    """The message as the question before an action names it."""
    subject = (item.subject,) if item.subject else ()
    return Example(item.qid, (*item.recipients[:RECIPIENTS], *subject), item.sender)


STAYS = {"add header": "What lies in the Junk folder stays there."}
AGAIN = {
    "add header": "What lies in the Junk folder is delivered a second time.",
    "rewrite subject": "What was delivered with a marked subject is delivered a second time.",
    "reject": "The senders of what was rejected were told so, and may have sent it again.",
}


def excludes(action: Action, items: Sequence[Item]) -> str | None:
    """What has been done with the mail already, which no action takes back."""
    sentences = AGAIN if action.name == "release" else STAYS
    done = {item.action for item in items}
    return " ".join(sentence for word, sentence in sentences.items() if word in done) or None


def extent(ids: Sequence[str], items: Sequence[Item]) -> str:
    """How many messages, and for how many mailboxes where these are more."""
    boxes = f" for {count(len(ids), 'mailbox', 'mailboxes')}" if len(ids) > len(items) else ""
    return count(len(items), "message") + boxes


QUARANTINE_LIST = LiveList(
    path="/quarantine",
    title="Quarantine",
    noun="message",
    template="quarantine/_list.html",
    target=TARGET,
    actions=ACTIONS,
    read=remembered(read),
    filter=QuarantineFilter,
    page_filter=QuarantinePageFilter,
    groupings=GROUPINGS,
    figures=figures,
    state=state,
    state_filter=state_filter,
    example=example,
    extent=extent,
    excludes=excludes,
    deeds={"read": "Read"},
)


def standing_of(item: Item, listing: Listing) -> Standing:
    """Where the message is, for pages of one message."""
    named = item.recipients[:RECIPIENTS]
    more = len(item.recipients) - len(named)
    boxes = ", ".join(named) + (f" and {more} more" if more else "")
    return Standing(
        QUARANTINE_LIST,
        item.ids,
        "In the quarantine",
        f"{item.reason}; for {boxes}",
        item.created,
        listing.taken_at,
        query_url(QUARANTINE_LIST.path, search=item.qid),
        QUARANTINE_LIST.entry_actions,
        reading=f"{QUARANTINE_LIST.path}/{item.ids[0]}",
    )
