"""The mail queue as a live list: what its page, its actions and its API are made of."""

from collections.abc import Sequence

from webapp.lists.livelist import RECIPIENTS, Example, LiveList, remembered
from webapp.mailqueue.act import ACTIONS, TARGET
from webapp.mailqueue.entries import QUEUES, Entry, read
from webapp.mailqueue.filter import GROUPINGS, QueueFilter, QueuePageFilter
from webapp.mailqueue.queries import figures

LONG_IDS = (
    "This mailcow uses long queue ids. mailcow passes over actions on single messages then; only Deliver all "
    "works."
)


def state(entry: Entry) -> str:
    """The message's queue in words."""
    return "on hold" if entry.queue == "hold" else entry.queue


def state_filter(state: str) -> dict[str, str]:
    """The filter that finds the messages of a queue."""
    queue = "hold" if state == "on hold" else state
    return {"queue": queue} if queue in QUEUES else {}


def example(entry: Entry) -> Example:
    """The message as the question before an action names it."""
    recipients = tuple(one.address for one in entry.recipients[:RECIPIENTS])
    return Example(entry.queue_id, recipients, entry.sender)


def caution(entries: Sequence[Entry]) -> str | None:
    """That mailcow passes over the ids of this queue, where it does."""
    return LONG_IDS if any(entry.has_long_id for entry in entries) else None


QUEUE_LIST = LiveList(
    path="/queue",
    title="Queue",
    noun="message",
    template="mailqueue/_list.html",
    target=TARGET,
    actions=ACTIONS,
    read=remembered(read),
    filter=QueueFilter,
    page_filter=QueuePageFilter,
    groupings=GROUPINGS,
    figures=figures,
    state=state,
    example=example,
    state_filter=state_filter,
    caution=caution,
    pages=(("Delays", "/queue/delays"),),
)
