"""The lists of raw lines, each declared once."""

from webapp.lists.rowlist import RowList
from webapp.logs.answers import DOVECOT_CSV, POSTFIX_CSV, RSPAMD_CSV, DovecotRow, PostfixRow, RspamdRow
from webapp.logs.filter import DovecotFilter, PostfixFilter, RspamdFilter
from webapp.logs.queries import name_messages_of_lines, name_messages_of_scans, name_messages_of_sessions
from webapp.tables.logs import DovecotLog, PostfixLog, RspamdLog

POSTFIX = RowList(
    export="postfix",
    noun="line",
    path="/logs/postfix",
    template="logs/postfix.html",
    model=PostfixLog,
    filter=PostfixFilter,
    shape=PostfixRow,
    csv=POSTFIX_CSV,
    needed=("digest", "ordinal"),
    complete=name_messages_of_lines,
)
RSPAMD = RowList(
    export="rspamd",
    noun="scan",
    path="/logs/rspamd",
    template="logs/rspamd.html",
    model=RspamdLog,
    filter=RspamdFilter,
    shape=RspamdRow,
    csv=RSPAMD_CSV,
    needed=("digest", "ordinal"),
    complete=name_messages_of_scans,
)
DOVECOT = RowList(
    export="dovecot",
    noun="line",
    path="/logs/dovecot",
    template="logs/dovecot.html",
    model=DovecotLog,
    filter=DovecotFilter,
    shape=DovecotRow,
    csv=DOVECOT_CSV,
    complete=name_messages_of_sessions,
)
