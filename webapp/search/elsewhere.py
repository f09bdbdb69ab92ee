"""What other rooms know of a search: bans, refused connections, queue, quarantine, mailboxes and domains.

Few bounded statements; the live lists are those last seen, mailcow is not asked. Queries only read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.lists.livelist import LiveList
from webapp.mailcow import live
from webapp.mailcow.live import LiveSource
from webapp.mailqueue.lists import QUEUE_LIST
from webapp.parse.address import untagged
from webapp.quarantine.lists import QUARANTINE_LIST
from webapp.search.subjects import Subjects
from webapp.security.address import conduct_of
from webapp.security.filter import ConnectionFilter
from webapp.security.lists import CONNECTIONS
from webapp.tables.domains import DomainCheckRow
from webapp.tables.mailboxes import Alias, Mailbox
from webapp.web.filters import count, query_url

ALIASES = 500  # with one of the names that are looked at
COUNTED = 100  # refused connections that are counted


@dataclass(frozen=True)
class Fact:
    """One thing that is known: its kind (banned, unbanned, watched, refused, queue, quarantine, mailbox,
    alias, domain, stranger), what it is about, a sentence, its moments, and where it is told; `figure` is
    the number of the sentence, where that lists so many."""

    kind: str
    subject: str
    sentence: str
    url: str
    since: datetime | None = None
    until: datetime | None = None
    figure: int | None = None


def elsewhere(session: Session, subjects: Subjects) -> list[Fact]:
    """All that is known besides messages, what matters most first."""
    return [
        *(fact for ip in subjects.ips if (fact := _ban(session, ip))),
        *_local(session, subjects),
        *_live(session, live.QUEUE, QUEUE_LIST, "queue", subjects.words),
        *_live(session, live.QUARANTINE, QUARANTINE_LIST, "quarantine", subjects.words),
        *_refused(session, subjects),
    ]


def _ban(session: Session, ip: str) -> Fact | None:
    """Whether an address is banned, or a network that holds it."""
    conduct = conduct_of(session, ip)
    if conduct is None:
        return None
    attempts, url = count(conduct.attempts, "attempt"), f"/security/address/{ip}"
    if conduct.state == "watched":
        sentence = f"{attempts} to sign in or to misuse the server, no ban"
        return Fact("watched", ip, sentence, url, conduct.first_seen)
    stand = "is banned" if conduct.state == "banned" else "is no longer banned"
    return Fact(conduct.state, ip, f"{stand}, after {attempts}", url, conduct.since, conduct.until)


def _local(session: Session, subjects: Subjects) -> Iterator[Fact]:
    """What addresses and domains of ours are."""
    if not subjects.domains:
        return
    names = [untagged(address) for address in subjects.addresses]
    ours = set(
        session.scalars(
            select(DomainCheckRow.domain_name)
            .where(DomainCheckRow.domain_name.in_(subjects.domains))
            .union(select(Mailbox.domain).where(Mailbox.domain.in_(subjects.domains)))
        )
    )
    boxes = {box.username: box for box in session.scalars(select(Mailbox).where(Mailbox.username.in_(names)))}
    aliases = {
        alias.address: alias
        for alias in session.scalars(select(Alias).where(Alias.address.in_(names)).limit(ALIASES))
    }
    for name in names:
        if name in boxes:
            yield _mailbox(boxes[name])
        elif name in aliases:
            yield _alias(aliases[name])
        elif name.rpartition("@")[2] in ours:
            sentence = "is neither a mailbox nor an alias of yours, though the domain is"
            yield Fact("stranger", name, sentence, query_url("/mailboxes", domain=name.rpartition("@")[2]))
    for domain in subjects.domains:
        if domain in ours:
            yield Fact("domain", domain, "is a domain of yours", f"/domains/{quote(domain)}")


def _mailbox(box: Mailbox) -> Fact:
    state = (
        "was deleted in mailcow"
        if box.deleted_at
        else "is a mailbox"
        if box.active
        else "is a mailbox, switched off"
    )
    return Fact("mailbox", box.username, state, f"/mailboxes/{quote(box.username, safe='@')}", box.deleted_at)


def _alias(alias: Alias) -> Fact:
    state = (
        "was an alias to"
        if alias.deleted_at
        else "is an alias to"
        if alias.active
        else "is an alias, switched off, to"
    )
    target = ", ".join(alias.goto[:3]) + (f" and {len(alias.goto) - 3} more" if len(alias.goto) > 3 else "")
    return Fact("alias", alias.address, f"{state} {target}", query_url("/mailboxes", search=alias.address))


def _live(
    session: Session, source: LiveSource, listed: LiveList, kind: str, words: Sequence[str]
) -> Iterator[Fact]:
    """How many entries of a live list have a word."""
    if not words:
        return
    listing = live.last(source, session)
    entries = listed.read(listing.rows)
    for word in words:
        found = len([entry for entry in entries if word.lower() in entry.text])
        if found:
            where = "wait in the queue" if kind == "queue" else "lie in the quarantine"
            where = where if found > 1 else where.replace("wait", "waits").replace("lie ", "lies ")
            sentence = f"{count(found, 'message')} with “{word}” {where}"
            url = query_url(listed.path, search=word)
            yield Fact(kind, word, sentence, url, listing.taken_at, figure=found)


def _refused(session: Session, subjects: Subjects) -> Iterator[Fact]:
    """Connections that were refused before there was a mail."""
    asked = [("ip", ip) for ip in subjects.ips] + [("search", domain) for domain in subjects.domains]
    for name, value in asked:
        found = CONNECTIONS.search(
            session, ConnectionFilter.model_validate({name: value, "limit": 1}), COUNTED
        )
        if found.rows:
            many = f"more than {COUNTED} connections were" if found.total > COUNTED else _were(found.total)
            url = query_url(CONNECTIONS.path, **{name: value})
            sentence, last = f"{many} refused before a mail was sent", found.rows[0].time
            told = found.total if found.total <= COUNTED else None
            yield Fact("refused", value, sentence, url, last, figure=told)


def _were(number: int) -> str:
    return f"{count(number, 'connection')} {'was' if number == 1 else 'were'}"
