"""What Dovecot did with a delivered mail: which folder it was put into, and what filter rules did. Pure.

Postfix's reply of a delivery names Dovecot's session, and so the rows belong to it. Where the reply tells
none (it was cut, or Dovecot did not take the mail) Message-ID, mailbox and time do.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from webapp.parse.address import bare_address, untagged
from webapp.parse.words import DovecotEvent, Outcome
from webapp.trace.story import Put, Recipient, Story

CLOSE = 5  # seconds between Dovecot's line and Postfix's about one delivery
JUNK = re.compile(r"(?:.*[/.])?(?:junk|spam)(?:[ -]?e-?mail)?", re.IGNORECASE)
RULES: dict[str, str] = {  # event -> what `filter` calls it
    DovecotEvent.FORWARDED: "redirect",
    DovecotEvent.SUPPRESSED: "duplicate redirect",
    DovecotEvent.REJECTED: "reject",
    DovecotEvent.ANSWERED: "vacation",
    DovecotEvent.UNANSWERED: "duplicate vacation",
}
FILEINTO, DISCARD, FAILED, BETWEEN = "fileinto", "discard", "failed", "; "
TRIED = (Outcome.DELIVERED, Outcome.BOUNCED, Outcome.DEFERRED)


def is_junk(folder: str | None) -> bool:
    """True for the Junk folder, as mailcow and the usual programs call it."""
    return folder is not None and JUNK.fullmatch(folder) is not None


def is_without_session(person: Recipient) -> bool:
    """True for a delivery that Dovecot was asked for and whose reply names no session."""
    asked = (person.relay or "").startswith("dovecot")
    return asked and person.session is None and person.status in TRIED


def place(stories: Iterable[Story], rows: Iterable[Put]) -> None:
    """Give every recipient its folder and what rules did, as far as `rows` tell."""
    by_session: dict[str, list[Put]] = defaultdict(list)
    for row in rows:
        if row.session is not None:
            by_session[row.session].append(row)
    told = list(stories)
    named = {person.session for story in told for person in story.recipients}
    for story in told:
        for person in story.recipients:
            if person.session is not None:
                _settle(person, _of(person, by_session.get(person.session, ())))
            elif is_without_session(person):
                others = (found for session, found in by_session.items() if session not in named)
                _settle(person, _nearest(story, person, others))


def _of(person: Recipient, rows: Sequence[Put]) -> Sequence[Put]:
    """Those about this mailbox, where a session tells of several."""
    own = [row for row in rows if row.username == untagged(person.recipient)]
    return own or rows


def _nearest(story: Story, person: Recipient, sessions: Iterable[list[Put]]) -> Sequence[Put]:
    fitting = [
        (abs(rows[0].time - person.time), rows[0].session or "", rows)
        for rows in sessions
        if rows[0].username == untagged(person.recipient)
        and rows[0].mid_key in story.mid_keys
        and abs(rows[0].time - person.time) <= CLOSE
    ]
    return min(fitting, default=(0, "", ()))[2]


def _settle(person: Recipient, rows: Sequence[Put]) -> None:
    """Take folder, acts and the mailbox from the rows: through an address with a `+tag` it came into that."""
    mailbox = untagged(person.recipient)
    if any(row.username == mailbox for row in rows) and bare_address(person.recipient) != mailbox:
        person.orig_to, person.recipient = person.orig_to or person.recipient, mailbox
    stored = [row for row in rows if row.event == DovecotEvent.STORED and row.folder]
    person.folder = ", ".join(sorted({row.folder or "" for row in stored})) or None
    acts = {FILEINTO} if any(row.by_rule for row in stored) else set()
    acts |= {f"{RULES[row.event]} {row.target or ''}".strip() for row in rows if row.event in RULES}
    acts |= {f"{FAILED} {row.target or ''}: {row.reason}" for row in rows if row.event == DovecotEvent.FAILED}
    was_dropped = any(row.event == DovecotEvent.DISCARDED for row in rows)
    if was_dropped and not stored and not any(row.event == DovecotEvent.FORWARDED for row in rows):
        acts.add(DISCARD)
    person.filter = BETWEEN.join(sorted(acts)) or None
