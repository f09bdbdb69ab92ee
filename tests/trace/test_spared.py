"""What other columns of a message tell is not stored, and is read as if it were."""

from types import SimpleNamespace

import pytest
from sqlalchemy import text

from webapp.messages.terms import concerning
from webapp.parse.words import Kind
from webapp.tables.db import utc
from webapp.tables.messages import DOMAINS, OUTCOME_COUNTS, RECEIVED_BY, key_of
from webapp.trace import spared
from webapp.trace.story import Story

OURS, ALIAS, STRANGER = "anna@ours.example", "info@ours.example", "s@x.example"
SEVERAL = ["a@b.example", "b@b.example", OURS]
MESSAGES = [
    # outcome counts, received by, domains, account, recipients; which of the first three are stored
    ([1], [OURS], ["ours.example"], None, [OURS], []),
    ([1], [], ["ours.example"], OURS, [STRANGER], ["received_by"]),
    ([], [], ["ours.example"], None, [], ["outcome_counts", "domains"]),
    ([2, 1], [OURS], ["ours.example"], None, ["Anna@ours.example"], ["outcome_counts", "received_by"]),
    ([1], [OURS, ALIAS], [], None, [ALIAS], ["received_by", "domains"]),
    ([1], SEVERAL, ["b.example", "ours.example"], None, SEVERAL, ["received_by", "domains"]),
    ([1], [], ["ours.example"], '"a@b"@ours.example', ["root"], ["received_by"]),
]
ROW = (
    "SELECT CAST(:outcome_counts AS int[]) AS outcome_counts, CAST(:received_by AS text[]) AS received_by, "
    "CAST(:domains AS text[]) AS domains, CAST(:account AS text) AS account, "
    "CAST(:recipients AS text[]) AS recipients"
)


@pytest.mark.parametrize(("counts", "received_by", "domains", "account", "recipients", "kept"), MESSAGES)
def test_what_is_spared_is_read_as_it_was(
    db_session, counts, received_by, domains, account, recipients, kept
):
    stored = {
        "outcome_counts": spared.outcome_counts(counts),
        "received_by": spared.received_by(received_by, recipients),
        "domains": spared.domains(domains, account, recipients),
    }
    assert [name for name, value in stored.items() if value is not None] == kept
    values = {**stored, "account": account, "recipients": recipients}
    columns = (
        OUTCOME_COUNTS.format(message="m."),
        RECEIVED_BY.format(message="m."),
        DOMAINS.format(message="m."),
    )
    found = db_session.execute(text(f"SELECT {', '.join(columns)} FROM ({ROW}) AS m"), values).one()
    assert tuple(found) == (counts, received_by, domains)
    asked = text(f"SELECT {concerning('name')} FROM ({ROW}) AS m, unnest(CAST(:names AS text[])) AS name")
    names = ["ours.example", "b.example", "x.example"]
    concerned = db_session.scalars(asked, {**values, "names": names}).all()
    assert concerned == [name in domains for name in names]


@pytest.mark.parametrize(("queue_id", "identity"), [("4D2C1B", ""), (None, "refused 1767836073 -7 1")])
def test_only_a_key_that_no_queue_id_tells_is_stored(queue_id, identity):
    story = Story(Kind.QUEUE, 1767836073, 1767836074, queue_id=queue_id, identity=identity)
    key = spared.correlation_key(story)
    row = SimpleNamespace(correlation_key=key, queue_id=queue_id, first_seen=utc(story.first_seen))
    assert (key is None) == (queue_id is not None)
    assert key_of(row) == story.correlation_key
