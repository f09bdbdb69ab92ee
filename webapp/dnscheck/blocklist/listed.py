"""How many listings there are that matter, for pages that only want to warn."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.verdict import State, Weight
from webapp.tables.blocklists import BlocklistEntry
from webapp.tables.db import now

FRESH = timedelta(hours=24)  # as long as a look counts as the present state


def count_listed(session: Session) -> int:
    """On how many lists that matter our addresses are, each address counted, by the looks of the last day."""
    zones = [one.zone for one in LISTS if one.weight is not Weight.INFORMATION]
    entry = BlocklistEntry
    found = select(func.count()).where(
        entry.known == str(State.LISTED), entry.zone.in_(zones), entry.checked_at >= now() - FRESH
    )
    return int(session.scalar(found) or 0)
