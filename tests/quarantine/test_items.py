"""mailcow's rows, one for each mailbox, become one item for each message."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.quarantine.items import read
from webapp.quarantine.queries import present


def row(number: Any, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "qid": "8224615004C1",
        "subject": "Offer",
        "virus_flag": 0,
        "score": 15.48,
        "rcpt": f"u{number}@d.example",
        "sender": "x@y.example",
        "action": "reject",
        "created": 1572688831,
        "notified": 1,
        **changes,
    }


def test_rows_that_share_a_queue_id_are_one_item() -> None:
    items = read([row(34), row(33), row(35, qid="OTHER"), row(36, qid=""), row(37, qid=None)])
    assert [present(item).ids for item in items] == [[33, 34], [35], [36], [37]]
    first = present(items[0])
    assert first.recipients == ("u33@d.example", "u34@d.example")
    assert (first.id, first.rcpt, first.qid, first.virus_flag) == (
        33,
        "u33@d.example",
        "8224615004C1",
        0,
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "High spam score (15.48): rejected"),
        ({"action": "add header", "score": "8.2"}, "Spam score (8.20): put into the junk folder"),
        ({"action": "rewrite subject"}, "Spam score (15.48): subject marked"),
        ({"virus_flag": 17}, "Virus found"),
        ({"action": None, "score": None}, "Unknown action"),
    ],
)
def test_the_reason_is_made_of_action_and_score(changes: dict[str, Any], reason: str) -> None:
    assert read([row(1, **changes)])[0].reason == reason


def test_older_mailcows_send_texts_and_leave_out_columns() -> None:
    item = read([{"id": "7", "qid": "A1", "created": "1572688831", "rcpt": "a@b.example"}])[0]
    assert item.created is not None
    assert item.created.year == 2019
    assert present(item).subject == ""


TEXT = st.none() | st.text(max_size=20)
ODD = TEXT | st.booleans() | st.integers() | st.floats() | st.lists(TEXT, max_size=3)


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(row(1), ODD))))
def test_odd_rows_are_read_as_far_as_they_go(rows: list[dict[str, Any]]) -> None:
    for item in read(rows):
        assert item.ids
        assert present(item).reason
        assert isinstance(item.text, str)
