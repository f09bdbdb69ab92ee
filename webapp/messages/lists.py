"""The list of messages, declared once."""

from dataclasses import replace

from webapp.lists.rowlist import RowList
from webapp.messages.answers import MESSAGE_CSV, MessageRow
from webapp.messages.filter import FLAT, FOLDED, MessageFilter, MessageListFilter
from webapp.messages.folding import NEEDED, Folding
from webapp.tables.messages import Message


def _where_asked(chosen: MessageFilter) -> Folding | None:
    is_asked = isinstance(chosen, MessageListFilter) and chosen.threads == FOLDED
    return Folding() if is_asked else None


def _unless_flat(chosen: MessageFilter) -> Folding | None:
    is_flat = isinstance(chosen, MessageListFilter) and chosen.threads == FLAT
    return None if is_flat else Folding()


MESSAGES = RowList(
    export="messages",
    noun="message",
    path="/messages",
    template="messages/list.html",
    model=Message,
    filter=MessageListFilter,
    shape=MessageRow,
    csv=MESSAGE_CSV,
    needed=NEEDED,
    beside=_where_asked,
    news_every=15,
)
FOLDED_MESSAGES = replace(MESSAGES, beside=_unless_flat)  # as the page shows them
