"""The log of mailcow's netfilter (fail2ban): each line is stored with its fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.config import Settings
from webapp.ingest.rows import Record, text_of
from webapp.ingest.source import Source
from webapp.parse.bounds import cut
from webapp.parse.netfilter import NetfilterLine, parse_netfilter
from webapp.parse.words import LogSource
from webapp.tables.columns import Columns
from webapp.tables.logs import NetfilterLog


@dataclass(slots=True)
class NetfilterFields:
    """One line as logged."""

    priority: str
    message: str


class NetfilterSource(Source[NetfilterFields]):
    """The list of netfilter's log."""

    name = LogSource.NETFILTER.value
    route = "netfilter"
    columns = Columns(NetfilterLog, Record, NetfilterFields, NetfilterLine, without=["id"])

    def page_size(self, settings: Settings) -> int:
        """FETCH_COUNT_NETFILTER."""
        return settings.fetch_count_netfilter

    def read(self, raw: dict[str, Any]) -> NetfilterFields:
        """Priority and text; raises ValueError without a text."""
        message = text_of(raw)
        return NetfilterFields(cut(str(raw.get("priority") or "info")), message)

    def texts(self, fields: NetfilterFields) -> tuple[str]:
        """The whole line."""
        return (fields.message,)

    def parts(self, record: Record[NetfilterFields]) -> Sequence[Any]:
        """Its name, what was logged, and what that says."""
        return record, record.fields, parse_netfilter(record.fields.message)


NETFILTER = NetfilterSource()
