"""Addresses, domains and clients that are known by their beginning, for suggestions. Queries only read.

Mailboxes, aliases and domains are few. Of mail only the newest messages are looked at, by the index of the
time, so that a letter costs the same however long mail is kept.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from webapp.lists.conditions import literal

NEWEST = 2000  # messages that are looked at
MOST = 8  # of each kind
OURS = text(
    "(SELECT username AS name, 'mailbox' AS kind FROM mailboxes "
    "WHERE deleted_at IS NULL AND username LIKE :begins LIMIT :most) UNION ALL "
    "(SELECT address, 'alias' FROM mailbox_aliases "
    "WHERE deleted_at IS NULL AND address LIKE :begins AND NOT is_catch_all LIMIT :most) UNION ALL "
    "(SELECT DISTINCT domain, 'domain' FROM mailboxes WHERE domain LIKE :begins LIMIT :most)"
).bindparams(bindparam("most", MOST))
SEEN = text(
    "WITH newest AS MATERIALIZED (SELECT lower(sender) AS sender, recipients, ip, first_seen FROM messages "
    "ORDER BY first_seen DESC, id DESC LIMIT :newest), "
    "names AS (SELECT sender AS name, 'address' AS kind, first_seen FROM newest UNION ALL "
    "SELECT lower(one), 'address', first_seen FROM newest, unnest(recipients[1\\:20]) AS one UNION ALL "
    "SELECT ip, 'ip', first_seen FROM newest), "
    "whole AS (SELECT name, kind, first_seen FROM names UNION ALL "
    "SELECT split_part(name, '@', 2), 'domain', first_seen FROM names WHERE kind = 'address') "
    "SELECT name, kind FROM whole WHERE name LIKE :begins AND length(name) <= 254 "
    "GROUP BY name, kind ORDER BY max(first_seen) DESC, name LIMIT :most"
).bindparams(bindparam("newest", NEWEST), bindparam("most", 2 * MOST))


@dataclass(frozen=True)
class Known:
    """A name, and what it is: mailbox, alias, domain, address, or ip."""

    name: str
    kind: str


def known_by(session: Session, beginning: str) -> list[Known]:
    """What begins so, in lower case: what is ours first, then what was seen, the newest first."""
    begins = {"begins": literal(beginning.lower()) + "%"}
    ours = [Known(row.name, row.kind) for row in session.execute(OURS, begins)]
    seen = [Known(row.name, row.kind) for row in session.execute(SEEN, begins)]
    names = {one.name for one in ours}
    return ours + [one for one in seen if one.name not in names]
