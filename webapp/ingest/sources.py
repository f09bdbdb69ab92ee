"""All log sources, in the order in which their rows are stored.

They are read the other way round: Rspamd's list before Postfix's, so that a row's lines are there when it is
stored, and Postfix's before Dovecot's, so that a delivery's folder is there.
"""

from typing import Any

from webapp.ingest.dovecot import DOVECOT
from webapp.ingest.netfilter import NETFILTER
from webapp.ingest.postfix import POSTFIX
from webapp.ingest.rspamd import RSPAMD
from webapp.ingest.source import Source

SOURCES: tuple[Source[Any], ...] = (
    DOVECOT,
    POSTFIX,
    NETFILTER,
    RSPAMD,
)
