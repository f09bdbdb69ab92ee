"""What would explain that a search finds no message: greylisting without a retry, refusals, a banned client,
other mail of the sender that only the rest of the search rules out.

A few bounded statements for each sender, of whom up to three are looked at. Queries only read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.lists.daylist import Found
from webapp.mailcow import live
from webapp.messages.answers import MessageRow
from webapp.messages.filter import MessageFilter
from webapp.messages.lists import MESSAGES
from webapp.parse.address import key_of
from webapp.parse.identity import row_id
from webapp.parse.words import Outcome
from webapp.search.elsewhere import Fact
from webapp.search.subjects import Subjects
from webapp.security.bans import Ban, ban_of, read
from webapp.web.filters import count, messages_url

LOOKED_AT = 50  # refused messages of a sender, the newest
COUNTED = 100
GREYLISTED = re.compile(r"gr[ea]y-?list|try again later", re.IGNORECASE)
# a sender has come back where a later mail of his to the same address was not refused
REPLIES = text(
    "SELECT messages.id, dsn, response, NOT EXISTS (SELECT 1 FROM messages AS later "
    "WHERE (later.sender_key = asked.sender_key "
    "OR later.sender_key IS NULL AND left(lower(later.sender), 320) = left(lower(messages.sender), 320)) "
    "AND later.first_seen > messages.first_seen "
    "AND later.first_seen < messages.first_seen + interval '2 days' "
    "AND later.final_status IS DISTINCT FROM 'rejected' "
    "AND coalesce(later.recipient_keys, ARRAY[later.recipient_key]) && "
    "coalesce(messages.recipient_keys, ARRAY[messages.recipient_key])) "
    "AS is_last FROM messages "
    "JOIN deliveries ON deliveries.message_id = messages.id AND message_time = first_seen "
    "JOIN unnest(CAST(:ids AS bigint[]), CAST(:keys AS bigint[])) AS asked (id, sender_key) "
    "ON asked.id = messages.id WHERE first_seen BETWEEN :start AND :end ORDER BY first_seen DESC"
)


@dataclass(frozen=True)
class Refused:
    """One refused message: whether the sender was asked to try again, and has not."""

    row: MessageRow
    is_temporary: bool
    is_greylisted: bool
    is_last: bool


def explanations(session: Session, subjects: Subjects) -> list[Fact]:
    """What would explain it, what explains most first."""
    bans = read(live.last(live.BANS, session).rows)
    return [fact for sender in subjects.senders for fact in _of_sender(session, sender, bans)]


def _of_sender(session: Session, sender: str, bans: Sequence[Ban]) -> Iterator[Fact]:
    asked = f'from:"{sender}"'
    refused = _refused(session, asked)
    waiting = [one for one in refused if one.is_temporary and one.is_last]
    if waiting:
        yield _waiting(sender, asked, waiting)
    final = [one for one in refused if not one.is_temporary]
    if final:
        yield _rejected(sender, asked, refused, final[0])
    rest = f"{asked} -status:{Outcome.REJECTED}"
    others = _found(session, rest, COUNTED)
    ips = dict.fromkeys(row.ip for row in [*others.rows, *(one.row for one in refused)] if row.ip)
    for ip, ban in ((ip, ban) for ip in ips if (ban := ban_of(bans, ip))):
        sentence = f"which has sent mail of {sender}, is banned"
        yield Fact("banned", ip, sentence, f"/security/address/{ip}", None, ban.until)
    if others.rows:
        many = f"more than {COUNTED}" if others.total > COUNTED else f"{others.total}"
        noun = "message is" if others.total == 1 else "messages are"
        sentence = f"{many} other {noun} here, which the rest of the search rules out"
        told = others.total if others.total <= COUNTED else None
        url = messages_url(search=rest)
        yield Fact("others", sender, sentence, url, others.rows[0].first_seen, figure=told)


def _rejected(sender: str, asked: str, refused: Sequence[Refused], last: Refused) -> Fact:
    """All that were refused, for good or for now, as the list has them; `last` is the last one for good."""
    many = len(refused) == LOOKED_AT
    words = f"{LOOKED_AT} messages or more were" if many else _were(len(refused))
    url, figure = _list_url(asked, refused), None if many or len(refused) == 1 else len(refused)
    return Fact("rejected", sender, f"{words} refused", url, last.row.first_seen, figure=figure)


def _were(number: int) -> str:
    return f"{count(number, 'message')} {'was' if number == 1 else 'were'}"


def _waiting(sender: str, asked: str, waiting: Sequence[Refused]) -> Fact:
    grey = all(one.is_greylisted for one in waiting)
    why = "asked to try again (greylisting)" if grey else "refused for now"
    to = ", ".join(dict.fromkeys(one.row.recipient or "an unknown recipient" for one in waiting[:3]))
    sentence = f"was {why} with mail to {to} and has not come back"
    return Fact("greylisted", sender, sentence, _list_url(asked, waiting), waiting[0].row.first_seen)


def _list_url(asked: str, refused: Sequence[Refused]) -> str:
    """The message, or all that were refused."""
    if len(refused) == 1:
        return f"/messages/{refused[0].row.correlation_key}"
    return messages_url(search=f"{asked} status:{Outcome.REJECTED}")


def _found(session: Session, search: str, exact: int) -> Found[MessageRow]:
    chosen = MessageFilter.model_validate({"search": search, "limit": LOOKED_AT})
    return MESSAGES.search(session, chosen, exact)


def _refused(session: Session, asked: str) -> list[Refused]:
    """The newest refused messages of a sender."""
    rows = {row_id(row.correlation_key): row for row in _found(session, f"{asked} status:rejected", 1).rows}
    if not rows:
        return []
    seen = [row.first_seen for row in rows.values()]
    keys = [key_of(row.sender) for row in rows.values()]
    asked_for = {"ids": list(rows), "keys": keys, "start": min(seen), "end": max(seen)}
    replies = session.execute(REPLIES, asked_for)
    return list({reply.id: _judged(rows[reply.id], reply) for reply in replies}.values())


def _judged(row: MessageRow, reply: Any) -> Refused:
    told = reply.response or ""
    is_temporary = (reply.dsn or told).startswith("4")
    return Refused(row, is_temporary, bool(GREYLISTED.search(told)), reply.is_last)
