"""DKIM keys are compared by meaning, and every weakness of a key record is told."""

from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, asked
from tests.dnscheck.keys import ED25519, OTHER_RSA_2048, RSA_512, RSA_1024, RSA_2048, RSA_4096, RSA_8192
from webapp.demo.nameserver import Fault
from webapp.dnscheck.dkim import DkimGrade, ExpectedKey, grade_dkim, judge_dkim
from webapp.dnscheck.findings import Status

NAME = "dkim._domainkey.example.com"
PLAIN = f"v=DKIM1;k=rsa;p={RSA_2048}"
MAILCOW = f"v=DKIM1;k=rsa;t=s;s=email;p={RSA_2048}"


def judged(actual: str, expected: str | None = None, **more: Any) -> DkimGrade:
    wanted = ExpectedKey(selector="dkim", record=actual if expected is None else expected)
    return judge_dkim("example.com", wanted, [actual], **more)


def codes(grade: DkimGrade) -> set[str]:
    return {finding.code.removeprefix("dkim-") for finding in grade.findings}


@pytest.mark.parametrize(
    "actual",
    [
        MAILCOW,
        f"v=DKIM1; k=rsa; t=s; s=email; p={RSA_2048}",
        f"v=DKIM1;p={RSA_2048};s=email;k=rsa;t=s;",
        f"v=DKIM1;k=rsa;h=sha256;s=email;p={RSA_2048}",
        f"v=DKIM1; p={RSA_2048[:60]} \t{RSA_2048[60:200]} {RSA_2048[200:]}",
        f"p={RSA_2048}",
        f"v=DKIM1;k=RSA;s=*;n=a note;p={RSA_2048}",
    ],
)
def test_another_way_to_write_the_same_key_is_no_difference(actual: str) -> None:
    grade = judged(actual, MAILCOW)
    assert (grade.status, grade.match, grade.warnings) == (Status.SUCCESS, True, ())
    assert grade.message == "DKIM configured correctly"


@pytest.mark.parametrize(
    ("actual", "what"),
    [
        (f"v=DKIM1;k=rsa;p={OTHER_RSA_2048}", "key"),
        (f"v=DKIM1;k=ed25519;p={RSA_2048}", "key type"),
        (f"v=DKIM1;k=rsa;h=sha1;p={RSA_2048}", "hash list"),
        (f"v=DKIM1;k=rsa;p={RSA_2048[:-5]}", "key"),
    ],
)
def test_another_key_type_or_hash_is_a_mismatch(actual: str, what: str) -> None:
    grade = judged(actual, MAILCOW)
    assert (grade.status, grade.match) == (Status.ERROR, False)
    finding = next(finding for finding in grade.findings if finding.code == "dkim-mismatch")
    assert f"another {what} than" in " ".join(grade.warnings)
    assert finding.publish is not None
    assert (finding.publish.name, finding.publish.value) == (NAME, MAILCOW)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (f"v=DKIM1;k=rsa;t=s;p={RSA_2048}", PLAIN),
        (f"v=DKIM1;k=rsa;p={RSA_2048};s=email", PLAIN),
        (f"v=DKIM1;k=rsa;h=sha256;p={RSA_2048}", f"v=DKIM1;k=rsa;h=sha1;p={RSA_2048}"),
    ],
)
def test_any_other_difference_warns(actual: str, expected: str) -> None:
    grade = judged(actual, expected)
    assert (grade.status, grade.match) == (Status.WARNING, True)
    assert "difference" in codes(grade)


@pytest.mark.parametrize(
    ("record", "status", "code"),
    [
        (PLAIN, Status.SUCCESS, None),
        (f"v=DKIM1;k=rsa;p={RSA_4096}", Status.SUCCESS, None),
        (f"v=DKIM1;k=rsa;p={RSA_8192}", Status.WARNING, "key-long"),
        (f"v=DKIM1;k=rsa;p={RSA_1024}", Status.WARNING, "key-weak"),
        (f"v=DKIM1;k=rsa;p={RSA_512}", Status.ERROR, "key-short"),
        (f"v=DKIM1;k=ed25519;p={ED25519}", Status.SUCCESS, "ed25519-alone"),
        (f"v=DKIM1;k=dsa;p={RSA_2048}", Status.WARNING, "key-type"),
        (f"v=DKIM1;k=rsa;h=sha1;p={RSA_2048}", Status.WARNING, "sha1"),
        (f"v=DKIM1;k=rsa;h=sha1:sha256;p={RSA_2048}", Status.SUCCESS, "sha1-too"),
        (f"v=DKIM1;k=rsa;h=md5;p={RSA_2048}", Status.WARNING, "hash-unknown"),
        (f"v=DKIM1;k=rsa;s=email;p={RSA_2048}", Status.SUCCESS, None),
        (f"v=DKIM1;k=rsa;s=*;p={RSA_2048}", Status.SUCCESS, None),
        (f"v=DKIM1;k=rsa;s=tlsrpt;p={RSA_2048}", Status.ERROR, "service"),
        (f"v=DKIM1;k=rsa;s=tlsrpt : email;p={RSA_2048}", Status.SUCCESS, None),
        (f"v=DKIM1;k=rsa;t=s;p={RSA_2048}", Status.SUCCESS, "strict"),
        (f"v=DKIM1;k=rsa;t=y:s;p={RSA_2048}", Status.ERROR, "testing"),
        ("v=DKIM1;k=rsa;p=", Status.ERROR, "revoked"),
        ("v=DKIM1;k=rsa", Status.ERROR, "no-p"),
        (f"k=rsa;v=DKIM1;p={RSA_2048}", Status.SUCCESS, "version-place"),
        (f"v=DKIM1;p={RSA_2048};p={RSA_2048}", Status.ERROR, "repeated-tag"),
        (f"v=DKIM1;g=ops;p={RSA_2048}", Status.WARNING, "granularity"),
        (f"v=DKIM1;x=1;p={RSA_2048}", Status.SUCCESS, "unknown-tag"),
    ],
)
def test_a_record_is_graded_by_what_it_says(record: str, status: Status, code: str | None) -> None:
    grade = judged(record)
    assert grade.status is status
    assert (codes(grade) - {"strict"} if code != "strict" else codes(grade)) == ({code} if code else set())


@pytest.mark.parametrize("junk", ["AAAA", "====", "not base64!", "A" * 5996, "A" * 60000, "MIIBIjANBg..."])
def test_what_no_receiver_can_read_is_no_key(junk: str) -> None:
    assert "key-unreadable" in codes(judged(f"v=DKIM1;k=rsa;p={junk}", PLAIN))
    assert "key-unreadable" in codes(judged(f"v=DKIM1;k=ed25519;p={junk}", PLAIN))


def test_a_record_that_mends_the_key_is_given() -> None:
    grade = judged(f"v=DKIM1;k=rsa;t=y:s;h=sha1;p={RSA_2048}")
    published = {finding.publish.value for finding in grade.findings if finding.publish}
    assert published == {f"v=DKIM1;k=rsa;t=s;p={RSA_2048}"}


def look(serve: Serve, zone: dict[str, Any], **options: Any) -> DkimGrade:
    key = ExpectedKey(selector="dkim", record=MAILCOW)
    patience = 0.3 if "faults" in options else 5.0
    server = serve(zone, **options)
    return asked(server, lambda resolver: grade_dkim("example.com", key, resolver), lifetime=patience)


def test_strings_of_a_long_key_are_joined(serve: Serve) -> None:
    parts = (MAILCOW[:20], MAILCOW[20:250], MAILCOW[250:])
    assert look(serve, {NAME: {"TXT": [parts]}}).match is True


def test_a_key_behind_an_alias_counts(serve: Serve) -> None:
    zone = {NAME: {"CNAME": ["key.example.net."]}, "key.example.net": {"TXT": [MAILCOW]}}
    assert look(serve, zone).status is Status.SUCCESS


@pytest.mark.parametrize(
    ("zone", "why"),
    [
        ({"example.com": {"TXT": ["v=spf1 -all"]}}, "find no key"),
        ({NAME: {"TXT": ["v=spf1 -all"]}}, "no DKIM key"),
        ({"*.example.com": {"TXT": ["v=spf1 -all"]}}, "wildcard"),
        ({"*._domainkey.example.com": {"TXT": [f"v=DKIM1;p={OTHER_RSA_2048}"]}}, "wildcard"),
        ({"*._domainkey.example.com": {"TXT": ["v=DKIM1; p="]}}, "wildcard"),
    ],
)
def test_no_key_is_an_error_with_the_record_to_publish(serve: Serve, zone: dict[str, Any], why: str) -> None:
    grade = look(serve, zone)
    assert (grade.status, grade.match, grade.actual_record) == (Status.ERROR, False, None)
    assert why in grade.findings[0].why
    assert grade.findings[0].publish is not None
    assert grade.findings[0].publish.value == MAILCOW


def test_a_second_key_record_warns_and_the_right_one_is_taken(serve: Serve) -> None:
    grade = look(serve, {NAME: {"TXT": [f"v=DKIM1;p={OTHER_RSA_2048}", MAILCOW, "unrelated"]}})
    assert (grade.status, grade.match, grade.actual_record) == (Status.WARNING, True, MAILCOW)
    assert "Multiple DKIM records found (2)" in grade.warnings[0]


@pytest.mark.parametrize("fault", [Fault.SERVFAIL, Fault.SILENCE])
def test_no_answer_is_not_a_missing_record(serve: Serve, fault: Fault) -> None:
    grade = look(serve, {NAME: {"TXT": [MAILCOW]}}, faults={NAME: fault})
    assert grade.status is Status.UNKNOWN
    assert "not found" not in grade.message


def test_without_a_key_in_mailcow_nothing_is_asked(serve: Serve) -> None:
    server = serve({NAME: {"TXT": [MAILCOW]}})
    grade = asked(server, lambda resolver: grade_dkim("example.com", None, resolver))
    assert grade.status is Status.ERROR
    assert server.questions == []
