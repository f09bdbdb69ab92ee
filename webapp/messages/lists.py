"""The list of messages, declared once."""

from webapp.lists.rowlist import RowList
from webapp.messages.answers import MESSAGE_CSV, MessageRow
from webapp.messages.filter import MessageFilter
from webapp.tables.messages import Message

MESSAGES = RowList(
    export="messages",
    noun="message",
    path="/messages",
    template="messages/list.html",
    model=Message,
    filter=MessageFilter,
    shape=MessageRow,
    csv=MESSAGE_CSV,
    news_every=15,
)
