"""mailcow's mailboxes and aliases are read whatever spelling their values have."""

from datetime import UTC, datetime

import pytest

from tests.samples import recorded
from webapp.mailcow import mailboxes as reading


def one(**changes):
    return reading.mailbox_records([{"username": "a@x.example", **changes}], {}, "UTC")[0]


def test_the_recorded_mailboxes_are_read_whole():
    records = reading.mailbox_records(recorded.load("api")["get/mailbox/all"], {}, "UTC")
    assert len(records) == 23
    by_name = {record.username: record for record in records}
    anna, jansen = records[0], by_name["b.jansen@nordlicht-kontor.example"]
    assert (anna.username, anna.name, anna.quota, anna.quota_used) == (
        "anna.schmidt@nordlicht-kontor.example",
        "Anna Schmidt",
        3221225472,
        0,
    )
    assert (anna.last_imap_login, anna.logins_known) == (None, True)
    assert anna.limit == reading.Limit(300, "h")
    assert anna.created == datetime(2024, 3, 5, 9, 14, 12, tzinfo=UTC)
    assert jansen.last_smtp_login == datetime.fromtimestamp(1795373001, UTC)
    assert anna.attributes["pop3_access"] == "1"


def test_the_recorded_aliases_are_read_whole():
    records = reading.alias_records(recorded.load("api")["get/alias/all"], "UTC")
    assert len(records) == 11
    catch_all = records[0]
    assert (catch_all.address, catch_all.is_catch_all) == ("@shop.nordlicht-kontor.example", True)
    assert reading.alias_domains(recorded.load("api")["get/alias-domain/all"]) == {
        "nordlicht.example": "nordlicht-kontor.example"
    }


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *((5, 5), ("5", 5), (5.9, 5), ("5.0", 5), (" 7 ", 7), ("- ", 0), ("", 0), (None, 0), ({}, 0)),
        *(([], 0), (True, 0), (-3, 0), ("1e9", 0), ("9" * 30, 0), (float("nan"), 0)),
    ],
)
def test_a_number_has_many_spellings(value, number):
    assert one(messages=value).messages == number


@pytest.mark.parametrize(
    ("value", "active"),
    [(1, True), ("1", True), (2, True), ("2", True), (0, False), ("0", False), (None, False), (True, True)],
)
def test_active_has_many_spellings(value, active):
    assert one(active=value).active is active


@pytest.mark.parametrize("value", [0, "0", None, "", "never", -1, 10**17])
def test_a_login_that_never_was_is_none(value):
    assert one(last_imap_login=value).last_imap_login is None


def test_logins_that_mailcow_does_not_tell_are_not_known():
    assert one().logins_known is False
    assert one(last_imap_login=0).logins_known is True


@pytest.mark.parametrize("value", [False, {}, [], None, {"value": "0", "frame": "h"}, {"value": "5"}, "5/m"])
def test_what_is_no_limit_is_none(value):
    assert one(rl=value).limit is None


def test_the_limit_of_the_mailbox_goes_before_that_of_its_domain():
    limits = {"x.example": reading.Limit(9, "d"), "a@x.example": reading.Limit(5, "s")}
    rows = [{"username": "a@x.example"}, {"username": "b@x.example"}, {"username": "c@y.example"}]
    assert [record.limit for record in reading.mailbox_records(rows, limits, "UTC")] == [
        reading.Limit(5, "s"),
        reading.Limit(9, "d"),
        None,
    ]


def test_times_are_those_of_the_zone():
    row = {"username": "a@x.example", "created": "2024-07-01 10:00:00", "modified": "no time"}
    (record,) = reading.mailbox_records([row], {}, "Europe/Berlin")
    assert (record.created, record.modified) == (datetime(2024, 7, 1, 8, tzinfo=UTC), None)


def test_rows_without_an_address_and_second_ones_are_left_out():
    rows = [{"username": "A@x.example"}, {"username": "a@x.example"}, {"username": ""}, {}, {"username": {}}]
    assert [record.username for record in reading.mailbox_records(rows, {}, "UTC")] == ["a@x.example"]
    assert [r.address for r in reading.alias_records([{"address": "@x.example"}, {"goto": "a"}], "UTC")] == [
        "@x.example"
    ]


def test_an_alias_leads_over_other_aliases_to_its_mailboxes():
    boxes = {"a@x.example", "b@x.example"}
    rows = [
        {"address": "all@x.example", "goto": "team@x.example, B@x.example"},
        {"address": "team@x.example", "goto": "a@x.example,all@x.example"},
        {"address": "out@x.example", "goto": "someone@elsewhere.example"},
    ]
    found = reading.mailboxes_behind(reading.alias_records(rows, "UTC"), boxes)
    assert set(found["all@x.example"]) == {"a@x.example", "b@x.example"}
    assert set(found["team@x.example"]) == {"a@x.example", "b@x.example"}
    assert found["out@x.example"] == ()
