"""All log sources, in the order in which their rows are stored.

They are read the other way round: Rspamd's list before Postfix's, so that a row's lines are there when it is
stored.
"""

from typing import Any

from webapp.ingest.netfilter import NETFILTER
from webapp.ingest.postfix import POSTFIX
from webapp.ingest.rspamd import RSPAMD
from webapp.ingest.source import Source

SOURCES: tuple[Source[Any], ...] = (
    POSTFIX,
    NETFILTER,
    RSPAMD,
)
