"""The lists of netfilter's events, refused connections and refused sign-ins, each declared once."""

from webapp.lists.rowlist import RowList
from webapp.security.answers import (
    CONNECTION_CSV,
    NETFILTER_CSV,
    SIGN_IN_CSV,
    ConnectionRow,
    NetfilterRow,
    SignInRow,
)
from webapp.security.filter import ConnectionFilter, NetfilterFilter, SignInFilter
from webapp.tables.logs import DovecotLog, NetfilterLog, PostfixLog

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
SIGN_INS = RowList(
    export="sign-ins",
    noun="refused sign-in",
    path="/security/sign-ins",
    template="security/signins.html",
    model=DovecotLog,
    filter=SignInFilter,
    shape=SignInRow,
    csv=SIGN_IN_CSV,
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
