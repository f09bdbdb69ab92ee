"""Stories -> rows of messages and deliveries, written in bulk; what has not changed is not touched."""

from collections.abc import Callable, Collection, Iterable

from sqlalchemy import Connection, text

from webapp.parse.words import Correlation
from webapp.tables.db import pipelined
from webapp.trace import days, hours
from webapp.trace.compose import DELIVERIES, MESSAGES, Composed, Place, compose
from webapp.trace.load import KNOWN, Known
from webapp.trace.story import Story
from webapp.trace.verdict import Surroundings

_columns = ", ".join(MESSAGES.names)
_changes = ", ".join(
    f"{name} = excluded.{name}" for name in MESSAGES.names if name not in ("id", "first_seen")
)
UPSERT = (
    f"INSERT INTO messages ({_columns}) SELECT {_columns} FROM incoming_messages "
    f"ON CONFLICT (id, first_seen) DO UPDATE SET {_changes}"
)
REPLACED_DELIVERIES = text(
    "DELETE FROM deliveries d USING incoming_messages m WHERE d.message_id = m.id "
    "AND d.message_time = m.first_seen AND d.message_time BETWEEN :first AND :last"
)


def save(
    connection: Connection,
    stories: Iterable[Story],
    known: Collection[Known],
    surroundings: Surroundings,
    meanwhile: Callable[[], object] = lambda: None,
) -> int:
    """Write the stories, and remove the stored messages among `known` that they replace; returns how many
    changed. `meanwhile` is done while PostgreSQL writes, where there is anything to write."""
    stored = {message.id: message for message in known}
    messages: dict[int, Composed] = {}
    for story in stories:
        message = compose(story, surroundings)
        messages.setdefault(message.frame.id, message)
    changed = [message for message in messages.values() if _is_changed(message, stored)]
    obsolete = [message for message in stored.values() if message.id not in messages]
    if changed or obsolete:
        days.take_turn(connection)
    _delete(connection, obsolete)
    _write(connection, changed, meanwhile)
    return len(changed) + len(obsolete)


def _is_changed(message: Composed, stored: dict[int, Known]) -> bool:
    """True where it is not stored like this; a correlation that was given up stays so."""
    old, content = stored.get(message.frame.id), message.content
    if old and old.correlation == Correlation.EXPIRED and content.correlation == Correlation.OPEN:
        content.correlation = Correlation.EXPIRED
    return old is None or old.content_digest != message.frame.content_digest


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
    days.uncount(connection, names)
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
        days.take_turn(connection)
        _delete(connection, [Known(*row) for row in known])


def _write(connection: Connection, messages: list[Composed], meanwhile: Callable[[], object]) -> None:
    if not messages:
        return
    connection.execute(
        text("CREATE TEMP TABLE IF NOT EXISTS incoming_messages (LIKE messages) ON COMMIT DELETE ROWS")
    )
    MESSAGES.copy(connection, ((message.frame, message.content) for message in messages), "incoming_messages")
    times = [message.frame.first_seen for message in messages]
    span: hours.Span = {"first": min(times), "last": max(times)}
    with pipelined(connection):
        hours.count_incoming(connection, span)
        days.count_incoming(connection, span)
        connection.execute(text(UPSERT))
        connection.execute(REPLACED_DELIVERIES, {**span})
        connection.execute(text("DELETE FROM incoming_messages"))
        meanwhile()
    DELIVERIES.copy(
        connection,
        (
            (Place(message.frame.id, message.frame.first_seen, position), person)
            for message in messages
            for position, person in enumerate(message.people)
        ),
    )
