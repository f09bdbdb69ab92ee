"""What the operator says a source is: kept beside what was found, and in the audit trail. No report is
altered.
"""

from sqlalchemy import Connection, update

from webapp.errors import BadParameter, NotFound
from webapp.mailcow.audit import record
from webapp.reports.sources import OPERATORS
from webapp.tables.reports import DmarcSource

ACTION = "dmarc class"
WORDS = tuple(kind.value for kind in OPERATORS)


def set_class(
    connection: Connection, domain: str, source: str, word: str, who: str | None, address: str | None
) -> None:
    """Set the class of a source, '' for what is found by itself; raises BadParameter and NotFound."""
    if word and word not in WORDS:
        raise BadParameter(f"class must be one of {', '.join(WORDS)}, or empty")
    place = DmarcSource.domain == domain, DmarcSource.source == source
    changed = connection.execute(update(DmarcSource).where(*place).values(set_class=word or None))
    if not changed.rowcount:
        raise NotFound(f"No report tells of mail of {domain} from {source}")
    record(connection, who, address, ACTION, [(f"{domain} {source}", True, word or "as found")])
