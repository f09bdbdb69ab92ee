"""What was typed into the box on top: an id that opens its message, a time that becomes a period, terms for
chips. Queries only read."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from webapp.lists.typed import Term, without
from webapp.lists.when import Clock, span_of
from webapp.messages.terms import search_terms
from webapp.parse.message_id import comparable, join_key
from webapp.tables.db import iso
from webapp.tables.messages import Message, key_of
from webapp.web.badges import value_words

LONGEST_ID = 1000  # characters
BY_QUEUE_ID = (
    select(Message.correlation_key, Message.queue_id, Message.first_seen)
    .where(Message.queue_id == bindparam("id"))
    .order_by(Message.first_seen)
    .limit(2)
)
BY_MESSAGE_ID = text(
    "SELECT correlation_key, queue_id, first_seen, message_id FROM messages "
    "WHERE mid_keys @> ARRAY[CAST(:key AS bigint)] ORDER BY first_seen LIMIT 20"
)


@dataclass(frozen=True)
class Asked:
    """A search without its times, and the period that they name: ISO 8601, UTC, None where it is open."""

    search: str
    start: str | None
    end: str | None


def period_in(typed: str, clock: Clock) -> Asked | None:
    """The search with its times taken out; None where it names none, and for one that the filter refuses."""
    try:
        terms = search_terms(typed)
        span = span_of(terms, clock)
    except ValueError:
        return None
    return Asked(without(typed, span.terms), iso(span.start), iso(span.end)) if span else None


def chips_of(typed: str) -> list[tuple[str, str, str]]:
    """(field or 'not', text, the search without it) for each term of a readable search."""
    try:
        terms = search_terms(typed)
    except ValueError:
        return [("Search", typed, "")]
    return [(_label(term), value_words(term.field, term.text), without(typed, [term])) for term in terms]


def _label(term: Term) -> str:
    words = {"": "Search", "from": "From", "to": "To", "status": "Outcome", "ip": "IP", "id": "Id"}
    name = words.get(term.field, term.field.capitalize())
    return (
        f"Not {name[:1].lower()}{name[1:]}"
        if term.excluded and term.field
        else "Without"
        if term.excluded
        else name
    )


def message_with_id(session: Session, typed: str) -> str | None:
    """The key of the one message whose queue id or Message-ID this is; None for none and for several."""
    typed = typed.strip()
    if not typed or len(typed) > LONGEST_ID or any(character.isspace() for character in typed):
        return None
    found = session.execute(BY_QUEUE_ID, {"id": typed}).all()
    if not found and "@" in typed:
        same = comparable(typed)
        rows = session.execute(BY_MESSAGE_ID, {"key": join_key(typed, None, None)}).all()
        found = [row for row in rows if comparable(row.message_id) == same]
    return key_of(found[0]) if len(found) == 1 else None
