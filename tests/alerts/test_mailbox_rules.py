"""Each sign is given for what it tells of, and not for what only looks like it."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.alerts import mailboxes as rules
from webapp.alerts.mailboxes import Kind, Thresholds

LIMITS = Thresholds()
NOW = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quarter", "same_hour", "is_sign"),
    [
        (30, [], True),
        (29, [], False),
        (60, [20] * 7, True),  # 5 in a usual quarter: twelve times as many
        (60, [400], False),  # 14.3 in a usual quarter: not five times as many
        (60, [30, 30], False),  # the same hour held half of it on two days: a habit
        (60, [30, 29], True),
        (500, [0, 0, 600], True),
        (500, [0, 260, 600], False),
    ],
)
def test_a_burst_is_many_mails_and_many_more_than_usual(quarter, same_hour, is_sign):
    assert (rules.burst(quarter, same_hour, LIMITS) is not None) is is_sign


@pytest.mark.parametrize(
    ("numbers", "is_sign"),
    [
        ((50, 25, 100, 5), True),
        ((50, 25, 100, 30), False),  # it was nearly as bad before
        ((50, 9, 100, 0), False),  # too few to tell
        ((19, 19, 0, 0), False),
        ((100, 19, 100, 0), False),  # under 20 %
        ((50, 25, 0, 0), True),  # it sent nothing before
    ],
)
def test_failures_are_many_and_more_than_before(numbers, is_sign):
    assert (rules.failures(*numbers, LIMITS) is not None) is is_sign


def test_a_mailbox_is_nearly_full_above_the_limit():
    assert rules.quota(91, 100, LIMITS).figures == {"percent": 91.0}
    assert rules.quota(90, 100, LIMITS) is None
    assert rules.quota(10**12, 0, LIMITS) is None


@pytest.mark.parametrize(
    ("received", "others", "is_sign"),
    [
        ([5, 6, 4, 7, 5, 3, 8, 0, 0], 10, True),
        ([5, 6, 4, 7, 5, 3, 8, 0, 1], 10, False),
        ([5, 6, 4, 7, 5, 3, 8, 0, 0], 0, False),  # nobody gets mail: that is another trouble
        ([0, 0, 9, 0, 0, 12, 0, 0, 0], 10, False),  # it often gets none
    ],
)
def test_a_mailbox_is_silent_when_it_usually_gets_mail_and_others_still_do(received, others, is_sign):
    assert (rules.silent(received, others, LIMITS) is not None) is is_sign


def test_a_mailbox_is_unused_where_logins_are_known_and_there_was_time():
    old, young = NOW - timedelta(days=30), NOW - timedelta(days=6)
    assert rules.unused(True, [None, None], old, NOW).figures == {"days": 30}
    assert rules.unused(False, [None], old, NOW) is None
    assert rules.unused(True, [None, old], old, NOW) is None
    assert rules.unused(True, [None], young, NOW) is None
    assert rules.unused(True, [None], None, NOW) is None


def test_every_kind_has_words_with_its_numbers():
    signs = [
        rules.burst(60, [20] * 7, LIMITS),
        rules.failures(50, 25, 100, 5, LIMITS),
        rules.quota(95, 100, LIMITS),
        rules.silent([5] * 7 + [0, 0], 3, LIMITS),
        rules.unused(True, [None], NOW - timedelta(days=9), NOW),
    ]
    assert {sign.kind for sign in signs} == set(Kind) == set(rules.TITLES)
    told = [rules.sentence(sign.kind, sign.figures) for sign in signs]
    assert told[0] == "sent 60 mails in 15 minutes; at this hour it usually sends 5"
    young = rules.failures(50, 25, 0, 0, LIMITS)
    assert rules.sentence(young.kind, young.figures).endswith("in the week before it sent nothing")
    assert "50 % of what it sent since yesterday failed (25 of 50 recipients)" in told[1]
