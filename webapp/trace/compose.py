"""A story with its verdicts -> the rows of its message and its deliveries. Pure."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from webapp.parse.address import address_key, bare_address, key_of
from webapp.parse.identity import digest64, row_id
from webapp.parse.message_id import join_key
from webapp.parse.words import Correlation, Direction, Kind, Outcome
from webapp.tables.columns import Columns, names_of, picker
from webapp.tables.db import utc
from webapp.tables.messages import Delivery, Message
from webapp.trace import accounts, spared, verdict
from webapp.trace.story import Recipient, Story


@dataclass(slots=True)
class Content:
    """What a message says; a change of it is what makes a stored message another one."""

    last_seen: datetime
    correlation_key: str
    kind: Kind
    queue_id: str | None
    message_id: str | None
    mid_keys: list[int]
    sender: str | None
    recipients: list[str]
    recipient_count: int
    subject: str | None
    username: str | None
    ip: str | None
    client_name: str | None
    helo: str | None
    service: str | None
    size: int | None
    direction: Direction | None
    final_status: Outcome | None
    outcomes: list[Outcome]
    outcome_counts: list[int]
    account: str | None
    received_by: list[str]
    domains: list[str]
    spam_score: float | None
    is_spam: bool
    rspamd_time: datetime | None
    rspamd_digest: int | None
    rspamd_ordinal: int | None
    correlation: Correlation
    queued_at: datetime | None
    ended_at: datetime | None
    held_at: datetime | None
    notices: list[str] | None

    def digest(self, people: list[Recipient]) -> int:
        """A digest of it and of its deliveries."""
        return digest64(orjson.dumps((_values(self), people)))


_values = picker(names_of(Content))


@dataclass(slots=True)
class Frame:
    """What names a message's row, what it is found by, and what of its content is stored in another form."""

    id: int
    first_seen: datetime
    content_digest: int
    recipient_key: int | None
    recipient_keys: list[int] | None
    recipient_text: str
    search_text: str
    correlation_key: str | None
    outcome_counts: list[int] | None
    received_by: list[str] | None
    domains: list[str] | None


@dataclass(slots=True)
class Place:
    """What names a delivery's row: its message, and which of its recipients it is."""

    message_id: int
    message_time: datetime
    position: int


@dataclass(slots=True)
class Composed:
    """A message and its deliveries, ready to be written."""

    frame: Frame
    content: Content
    people: list[Recipient]


MESSAGES = Columns(Message, Frame, Content, derived={"sender_key": ("sender", key_of)})
DELIVERIES = Columns(Delivery, Place, Recipient)


def compose(story: Story, surroundings: verdict.Surroundings) -> Composed:
    """The rows of one story."""
    people = verdict.settle_recipients(story)
    content = _content(story, people, surroundings)
    return Composed(_frame(story, content, people), content, people)


def _content(story: Story, people: list[Recipient], surroundings: verdict.Surroundings) -> Content:
    scan = story.scan
    names = _recipients(story, people)
    username = story.username or (scan.username if scan else None)
    sender = story.sender if story.sender is not None else scan.sender if scan else None
    account = accounts.account(username, sender, surroundings)
    final = verdict.final_status(story, people)
    outcomes, outcome_counts = accounts.outcome_counts(people, final)
    return Content(
        last_seen=utc(story.last_seen),
        correlation_key=story.correlation_key,
        kind=story.kind,
        queue_id=story.queue_id,
        message_id=_message_id(story),
        mid_keys=story.mid_keys,
        sender=sender,
        recipients=names,
        recipient_count=verdict.count_recipients(story, names),
        subject=scan.subject if scan else None,
        username=username,
        ip=story.client_ip or (scan.ip if scan else None),
        client_name=story.client_name,
        helo=story.helo,
        service=story.service,
        size=story.size or (scan.size if scan else None),
        direction=verdict.direction(story, people, surroundings),
        final_status=final,
        outcomes=outcomes,
        outcome_counts=outcome_counts,
        account=account,
        received_by=accounts.received_by(people, surroundings),
        domains=accounts.domains(account, names, surroundings),
        spam_score=scan.score if scan else None,
        is_spam=bool(scan and scan.is_spam),
        rspamd_time=utc(scan.time) if scan else None,
        rspamd_digest=scan.digest if scan else None,
        rspamd_ordinal=scan.ordinal if scan else None,
        correlation=verdict.correlation(story),
        queued_at=utc(story.queued_at) if story.queued_at else None,
        ended_at=utc(story.ended_at) if story.ended_at else None,
        held_at=utc(story.held_at) if story.held_at else None,
        notices=story.notices or None,
    )


def _recipients(story: Story, people: list[Recipient]) -> list[str]:
    """The envelope recipients: those with an outcome, then those that have none yet."""
    names = list(dict.fromkeys(person.envelope for person in people))
    if story.kind != Kind.QUEUE:
        return names or (story.scan.recipients if story.scan else [])
    return [*names, *verdict.left_out(story, names)]


def _message_id(story: Story) -> str | None:
    """The Message-ID as logged; of two headers the one that Rspamd kept."""
    scan = story.scan
    if scan is not None and len(story.message_ids) > 1:
        for message_id in story.message_ids:
            if join_key(message_id, story.sender, story.client_ip) == scan.mid_key:
                return message_id
    return story.message_ids[0] if story.message_ids else None


def _frame(story: Story, content: Content, people: list[Recipient]) -> Frame:
    targets = (person.recipient for person in people if person.orig_to)
    everyone = list(dict.fromkeys(bare_address(name) for name in [*content.recipients, *targets]))
    searched = [story.queue_id, bare_address(content.sender), *everyone, *story.message_ids]
    searched += [content.subject, content.username, content.ip]
    keys = {address_key(name) for name in (*everyone, *content.received_by)}
    return Frame(
        id=row_id(content.correlation_key),
        first_seen=utc(story.first_seen),
        content_digest=content.digest(people),
        recipient_key=spared.recipient_key(keys),
        recipient_keys=spared.recipient_keys(keys),
        recipient_text="\n".join(everyone),
        search_text="\n".join(dict.fromkeys(part.lower() for part in searched if part)),
        correlation_key=spared.correlation_key(story),
        outcome_counts=spared.outcome_counts(content.outcome_counts),
        received_by=spared.received_by(content.received_by, content.recipients),
        domains=spared.domains(content.domains, content.account, content.recipients),
    )
