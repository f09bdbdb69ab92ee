"""The list of netfilter's events, declared once."""

from webapp.lists.rowlist import RowList
from webapp.security.answers import NETFILTER_CSV, NetfilterRow
from webapp.security.filter import NetfilterFilter
from webapp.tables.logs import NetfilterLog

EVENTS = RowList(
    export="netfilter",
    noun="event",
    path="/security/events",
    template="security/events.html",
    model=NetfilterLog,
    filter=NetfilterFilter,
    shape=NetfilterRow,
    csv=NETFILTER_CSV,
)
