"""Stories -> rows of messages and deliveries, written in bulk; what has not changed is not touched."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, text

from webapp.parse.address import address_key, bare_address
from webapp.parse.identity import digest64, row_id
from webapp.parse.message_id import join_key
from webapp.parse.words import Correlation
from webapp.tables.db import copy_rows, utc
from webapp.trace import hours, verdict
from webapp.trace.load import KNOWN, Known, known_message
from webapp.trace.story import Recipient, Story

MESSAGE_COLUMNS = (
    "id",
    "first_seen",
    "last_seen",
    "correlation_key",
    "content_digest",
    "kind",
    "queue_id",
    "message_id",
    "mid_keys",
    "sender",
    "recipients",
    "recipient_count",
    "subject",
    "username",
    "ip",
    "client_name",
    "helo",
    "service",
    "size",
    "direction",
    "final_status",
    "outcomes",
    "spam_score",
    "is_spam",
    "rspamd_time",
    "rspamd_digest",
    "rspamd_ordinal",
    "correlation",
    "queued_at",
    "ended_at",
    "notices",
    "recipient_keys",
    "recipient_text",
    "search_text",
)
DELIVERY_COLUMNS = (
    "message_id",
    "message_time",
    "position",
    "recipient",
    "orig_to",
    "status",
    "dsn",
    "relay",
    "delay",
    "attempts",
    "response",
    "time",
)
FIRST_SEEN, CONTENT_DIGEST, CORRELATION = (
    MESSAGE_COLUMNS.index(name) for name in ("first_seen", "content_digest", "correlation")
)

_set = ", ".join(f"{name} = excluded.{name}" for name in MESSAGE_COLUMNS if name not in ("id", "first_seen"))
UPSERT = (
    f"INSERT INTO messages ({', '.join(MESSAGE_COLUMNS)}) SELECT {', '.join(MESSAGE_COLUMNS)} FROM "
    f"incoming_messages "
    f"ON CONFLICT (id, first_seen) DO UPDATE SET {_set}"
)


def save(
    connection: Connection, stories: Iterable[Story], known: Collection[Known], around: verdict.Surroundings
) -> int:
    """Write the stories, and remove the stored messages among `known` that they replace; returns how many
    changed."""
    stored = {message.id: message for message in known}
    fresh: list[tuple[tuple[Any, ...], list[Recipient]]] = []
    told: set[int] = set()
    for story in stories:
        people = verdict.settle_recipients(story)
        row = _message_row(story, people, around, stored)
        if row[0] not in told and (
            row[0] not in stored or stored[row[0]].content_digest != row[CONTENT_DIGEST]
        ):
            fresh.append((row, people))
        told.add(row[0])
    gone = [message for message in stored.values() if message.id not in told]
    _delete(connection, gone)
    _write(connection, fresh)
    return len(fresh) + len(gone)


def _message_row(
    story: Story, people: list[Recipient], around: verdict.Surroundings, stored: dict[int, Known]
) -> tuple[Any, ...]:
    scan, key = story.scan, story.correlation_key
    names = list(dict.fromkeys(person.envelope for person in people)) or (scan.recipients if scan else [])
    size = story.size or (scan.size if scan else None)
    user = story.user or (scan.user if scan else None)
    sender = story.sender if story.sender is not None else scan.sender if scan else None
    client = story.client_ip or (scan.ip if scan else None)
    message_id, subject = _message_id(story), scan.subject if scan else None
    content = (
        utc(story.last_seen),
        key,
        story.kind,
        story.queue_id,
        message_id,
        story.mid_keys,
        sender,
        names,
        len(names),
        subject,
        user,
        client,
        story.client_name,
        story.helo,
        story.service,
        size,
        verdict.direction(story, people, around),
        verdict.final_status(story, people),
        sorted({person.status for person in people}),
        scan.score if scan else None,
        bool(scan and scan.is_spam),
        utc(scan.time) if scan else None,
        scan.digest if scan else None,
        scan.ordinal if scan else None,
        verdict.correlation(story),
        utc(story.queued_at) if story.queued_at else None,
        utc(story.ended_at) if story.ended_at else None,
        story.notices or None,
    )
    identity = row_id(key)
    digest = digest64(repr((content, people)).encode("utf-8", "surrogatepass"))
    everyone = list(
        dict.fromkeys(
            bare_address(name)
            for name in [*names, *(person.recipient for person in people if person.orig_to)]
        )
    )
    told = [story.queue_id, bare_address(sender), *everyone, *story.message_ids, subject, user, client]
    row = [
        identity,
        utc(story.first_seen),
        content[0],
        key,
        digest,
        *content[2:],
        sorted(map(address_key, everyone)),
        "\n".join(everyone),
        "\n".join(dict.fromkeys(part.lower() for part in told if part)),
    ]
    old = stored.get(identity)
    if row[CORRELATION] == Correlation.OPEN and old is not None and old.correlation == Correlation.EXPIRED:
        row[CORRELATION] = Correlation.EXPIRED
    return tuple(row)


def _message_id(story: Story) -> str | None:
    """The Message-ID as logged; of two headers the one that Rspamd kept."""
    scan = story.scan
    if scan is not None and len(story.message_ids) > 1:
        for message_id in story.message_ids:
            if join_key(message_id, story.sender, story.client_ip) == scan.mid_key:
                return message_id
    return story.message_ids[0] if story.message_ids else None


def _delete(connection: Connection, messages: Collection[Known]) -> None:
    if not messages:
        return
    names = {
        "ids": [message.id for message in messages],
        "times": [message.first_seen for message in messages],
    }
    connection.execute(
        text("DELETE FROM deliveries WHERE message_id = ANY(:ids) AND message_time = ANY(:times)"), names
    )
    hours.delete_counted(connection, names)


def forget_queue_ids(connection: Connection, queue_ids: Collection[str]) -> None:
    """Remove the messages of these suppressed queue ids, all their lives, and the Rspamd rows that waited for
    them."""
    if queue_ids:
        known = connection.execute(
            text(
                KNOWN
                + "queue_id = ANY(:ids) OR kind = 'scan' AND mid_keys && array(SELECT unnest(mid_keys) FROM "
                "suppressed_queue_ids "
                "WHERE queue_id = ANY(:ids))"
            ),
            {"ids": list(queue_ids)},
        )
        _delete(connection, [known_message(row) for row in known])


def _write(connection: Connection, fresh: list[tuple[tuple[Any, ...], list[Recipient]]]) -> None:
    if not fresh:
        return
    connection.execute(
        text("CREATE TEMP TABLE IF NOT EXISTS incoming_messages (LIKE messages) ON COMMIT DELETE ROWS")
    )
    copy_rows(connection, "incoming_messages", MESSAGE_COLUMNS, (row for row, _ in fresh))
    hours.count_incoming(connection)
    connection.execute(text(UPSERT))
    connection.execute(
        text(
            "DELETE FROM deliveries d USING incoming_messages m "
            "WHERE d.message_id = m.id AND d.message_time = m.first_seen"
        )
    )
    connection.execute(text("DELETE FROM incoming_messages"))
    copy_rows(
        connection,
        "deliveries",
        DELIVERY_COLUMNS,
        (
            (
                row[0],
                row[FIRST_SEEN],
                position,
                person.recipient,
                person.orig_to,
                person.status,
                person.dsn,
                person.relay,
                person.delay,
                person.attempts,
                person.response,
                utc(person.time),
            )
            for row, people in fresh
            for position, person in enumerate(people)
        ),
    )
