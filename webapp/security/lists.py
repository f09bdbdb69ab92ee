"""The lists of netfilter's events and of refused connections, each declared once."""

from webapp.lists.rowlist import RowList
from webapp.security.answers import CONNECTION_CSV, NETFILTER_CSV, ConnectionRow, NetfilterRow
from webapp.security.filter import ConnectionFilter, NetfilterFilter
from webapp.tables.logs import NetfilterLog, PostfixLog

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
CONNECTIONS = RowList(
    export="connections",
    noun="refused connection",
    path="/security/connections",
    template="security/connections.html",
    model=PostfixLog,
    filter=ConnectionFilter,
    shape=ConnectionRow,
    csv=CONNECTION_CSV,
)
