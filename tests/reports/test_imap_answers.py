"""What servers answer, read the same however they say it."""

import pytest

from webapp.config import Settings
from webapp.reports.imap.answers import Fetched, fetched, number, sizes
from webapp.reports.imap.folders import _forms
from webapp.reports.imap.look import Mail, headers
from webapp.reports.imap.mailbox import _set


@pytest.mark.parametrize(
    "parts",
    [
        [(b"3 (UID 7 BODY[]<0> {4}", b"mail"), b")"],
        [(b"3 (BODY[]<0> {4}", b"mail"), b" UID 7)"],
        [b"2 (FLAGS (\\Seen) UID 6)", (b"3 (uid 7 body[]<0> {4}", b"mail"), b")"],
        [(b"3 (BODY[]<0> {4}", b"mail"), b")"],
        [(b"2 (UID 6 BODY[] {5}", b"other"), b")", (b"3 (UID 7 BODY[] {4}", b"mail"), b")"],
    ],
)
def test_the_mail_that_was_asked_for_is_found(parts):
    assert fetched(parts, 7, 100) == Fetched(b"mail", is_cut=False)


@pytest.mark.parametrize(
    "parts", [[], [None], [b"3 (UID 7 FLAGS ())"], [(b"2 (UID 6 BODY[] {1}", b"x"), b")"]]
)
def test_a_mail_that_is_gone_is_none(parts):
    assert fetched(parts, 7, 100) is None


def test_a_server_that_does_not_cut_is_cut_here():
    assert fetched([(b"3 (UID 7 BODY[] {9}", b"123456789"), b")"], 7, 4) == Fetched(b"1234", is_cut=True)


def test_sizes_are_those_that_are_told():
    told = [b"1 (UID 7 RFC822.SIZE 12)", b"2 (RFC822.SIZE 99 UID 8)", b"3 (UID 9)", None]
    assert sizes(told) == {7: 12, 8: 99}


@pytest.mark.parametrize(
    ("response", "found"),
    [(("OK", [b"12"]), 12), (("OK", [None]), 0), (("OK", []), 0), (("OK", [b"1", b"4"]), 4)],
)
def test_a_number_is_the_last_one(response, found):
    assert number(response) == found


@pytest.mark.parametrize(
    ("uids", "text"), [([1], "1"), ([1, 2, 3], "1:3"), ([5, 1, 3, 4], "1,3:5"), ([2, 2], "2")]
)
def test_uids_are_sent_as_runs(uids, text):
    assert _set(uids) == text


@pytest.mark.parametrize(
    ("wanted", "separator", "prefix", "forms"),
    [
        ("Done", "/", "", ["Done"]),
        ("Reports/Done", ".", "", ["Reports/Done", "Reports.Done"]),
        ("Done", ".", "INBOX.", ["Done", "INBOX.Done"]),
        ("INBOX.Done", ".", "INBOX.", ["INBOX.Done"]),
        ("inbox", ".", "INBOX.", ["inbox"]),
    ],
)
def test_a_folder_is_looked_for_as_servers_name_it(wanted, separator, prefix, forms):
    assert _forms(wanted, separator, prefix) == forms


def test_headers_are_one_line_each_and_bounded():
    content = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n  and more\r\nFrom: \0a@b\r\nX: " + b"y" * 200_000
    found = headers(content + b"\r\n\r\nbody")
    assert found == {"message_id": "", "subject": "Grüße and more", "sender": "a@b"}
    assert Mail(1).content == b""


def test_the_password_is_a_secret_of_the_settings_page():
    from webapp.settings.catalogue import HIDDEN, shown

    assert shown("dmarc_imap_password", "x") == shown("smtp_password", "x") == HIDDEN
    assert {"dmarc_imap_password", "smtp_password"} <= set(Settings.model_fields)
