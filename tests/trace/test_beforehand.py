"""A mail that was held or discarded by a line that does not know its queue id yet."""

import pytest

from tests.trace.telling import START, told

WHO = "from=<a@x.example> to=<carla@ours.example> proto=ESMTP helo=<mx.x.example>"
CLIENT = "mx.x.example[192.0.2.7]"
HOLD = f"NOQUEUE: hold: RCPT from {CLIENT}: <a@x.example>: Sender address triggers HOLD action; {WHO}"
DISCARD = HOLD.replace("hold:", "discard:").replace("triggers HOLD action", "triggers DISCARD action")
MILTER = f"NOQUEUE: milter-hold: RCPT from {CLIENT}: milter triggers HOLD action; {WHO}"


def lines(*steps):
    return [(second, f"postfix/{program}", text) for second, program, text in steps]


def arriving(queue_id, second, client=CLIENT):
    return [
        (second, "smtpd", f"{queue_id}: client={client}"),
        (second + 1, "cleanup", f"{queue_id}: message-id=<{queue_id}@x.example>"),
    ]


QUEUED = (2, "qmgr", "3ABCDE1: from=<a@x.example>, size=700, nrcpt=1 (queue active)")


@pytest.mark.parametrize("act", [HOLD, MILTER], ids=["access", "milter"])
def test_a_mail_is_held_by_the_line_before_it(act):
    (mail,) = told(lines((0, "smtpd", act), *arriving("3ABCDE1", 0)))
    assert mail.held_at.timestamp() == START
    assert (mail.sender, mail.recipients, mail.final_status) == (
        "a@x.example",
        ["carla@ours.example"],
        None,
    )


def test_a_mail_is_discarded_by_the_line_before_it():
    (mail,) = told(lines((0, "smtpd", DISCARD), *arriving("3ABCDE1", 0)))
    assert mail.outcomes_by_recipient == {"carla@ours.example": "discarded"}
    assert mail.ended_at is not None


@pytest.mark.parametrize(
    "more",
    [[QUEUED], [(2, "postsuper", "3ABCDE1: released from hold")]],
    ids=["queued", "released"],
)
def test_one_that_is_released_is_held_no_longer(more):
    (mail,) = told(lines((0, "smtpd", HOLD), *arriving("3ABCDE1", 0), *more))
    assert mail.held_at is None


def test_another_mail_is_not_held():
    other = [*arriving("3ABCDE2", 4), *arriving("3ABCDE3", 1, "mx.y.example[192.0.2.8]")]
    rows = lines((0, "smtpd", HOLD), *arriving("3ABCDE1", 0), *other, *arriving("3ABCDE4", 99))
    assert {mail.queue_id for mail in told(rows) if mail.held_at} == {"3ABCDE1"}
    assert [mail.held_at for mail in told([*rows, *lines(QUEUED)])] == [None] * 4


def test_any_cut_into_polls_tells_the_same(viewer, replay):
    rows = lines((0, "smtpd", HOLD), *arriving("3ABCDE1", 0), *arriving("3ABCDE2", 3))
    asked = "SELECT queue_id, held_at IS NOT NULL AS held, sender FROM messages ORDER BY queue_id"
    wanted = [
        {"queue_id": "3ABCDE1", "held": True, "sender": "a@x.example"},
        {"queue_id": "3ABCDE2", "held": False, "sender": None},
    ]
    for order in (rows, [rows[1], rows[0], *rows[2:]], [rows[1], rows[2], rows[0], *rows[3:]]):
        viewer.forget()
        ring = [
            {"time": str(START + at), "program": program, "priority": "info", "message": text}
            for at, program, text in order
        ]
        for end in range(1, len(ring) + 1):
            replay.lists["postfix"] = ring[:end]
            viewer.fetch()
        assert viewer.ask(asked) == wanted
