"""The recorded mail is shown as it really happened."""

import pytest

from tests.samples import recorded
from tests.trace.judge import ASPECTS, Judge, leaves_a_trace, tally

MAILS = [mail for mail in recorded.load("truth")["messages"] if leaves_a_trace(mail)]


@pytest.fixture(scope="module")
def judge(recorded_viewer):
    return Judge(recorded_viewer.app.test_client())


@pytest.fixture(scope="module")
def verdicts(judge):
    return tally(judge, MAILS)


def test_every_mail_is_right_in_everything(verdicts):
    right, failures = verdicts
    assert failures == []
    assert right["all"] == len(MAILS) == 309


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_aspect_is_right_for_every_mail(verdicts, aspect):
    right, failures = verdicts
    assert right[aspect] == len(MAILS), failures


def test_no_key_is_shown_twice(judge):
    keys = [row["correlation_key"] for row in judge.rows]
    assert len(set(keys)) == len(keys) > 380


def test_every_bounce_notice_is_shown_and_linked_to_its_mail_and_back(judge):
    notices = recorded.load("truth")["dsns"]
    unlinked = []
    for notice in notices:
        (row,) = judge.by_queue_id[notice["queue_id"]]
        (parent,) = judge.by_queue_id[notice["parent_queue_id"]]
        down = {(other["queue_id"], other["relation"]) for other in judge.detail(row)["related"]}
        up = {(other["queue_id"], other["relation"]) for other in judge.detail(parent)["related"]}
        if (notice["parent_queue_id"], "notice_of") not in down or (
            notice["queue_id"],
            "notified_by",
        ) not in up:
            unlinked.append(notice["queue_id"])
    assert len(notices) == 54
    assert unlinked == []


def test_notices_have_the_null_sender_and_reach_the_one_they_are_for(judge):
    for notice in recorded.load("truth")["dsns"]:
        (row,) = judge.by_queue_id[notice["queue_id"]]
        assert row["sender"] == ""
        assert row["recipient"].lower() == notice["to"].lower()


def test_every_user_who_authenticated_is_shown(judge):
    mails = [mail for mail in MAILS if mail["user"] and mail["queue_ids"]]
    wrong = [mail["n"] for mail in mails if judge._rows_of(mail)[0]["user"] != mail["user"]]
    assert len(mails) > 50
    assert wrong == []


def test_spam_is_marked_where_rspamd_said_so(judge):
    spam = ("reject", "add header", "rewrite subject")
    mails = [mail for mail in MAILS if mail["queue_ids"] and mail["rspamd_rows"]]
    wrong = [
        mail["n"] for mail in mails if judge._rows_of(mail)[0]["is_spam"] != (mail["spam_action"] in spam)
    ]
    assert wrong == []


def test_subjects_are_shown_where_rspamd_has_told_them(judge):
    mails = [
        mail
        for mail in MAILS
        if mail["queue_ids"] and mail["rspamd_rows"] and mail["subject"] and mail["attempts"] == 1
    ]
    wrong = [
        mail["n"]
        for mail in mails
        if (judge._rows_of(mail)[0]["subject"] or "").split() != mail["subject"].split()
    ]
    assert len(mails) > 100
    assert wrong == []
