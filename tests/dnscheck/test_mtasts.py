"""MTA-STS: the record, the policy and MX must agree, and a policy that changes needs a new id."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, asked
from webapp.demo.nameserver import Fault
from webapp.dnscheck.findings import Status
from webapp.dnscheck.mtasts import MtaStsGrade, SeenPolicy, grade_mtasts
from webapp.dnscheck.policyfetch import Fetch, Fetched
from webapp.dnscheck.stspolicy import parse_policy, policy_id, policy_text

POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"
ZONE: dict[str, Any] = {
    "example.com": {"MX": ["10 mail.example.com.", "20 backup.example.net."]},
    "_mta-sts.example.com": {"TXT": ["v=STSv1; id=20261125T0100;"]},
    "mta-sts.example.com": {"A": ["192.0.2.7"]},
    "mail.example.com": {"A": ["192.0.2.1"]},
    "backup.example.net": {"A": ["192.0.2.2"]},
}


def graded(
    serve: Serve,
    policy: str | Fetched = POLICY,
    seen: SeenPolicy | None = None,
    media: str = "text/plain",
    patience: float = 5.0,
    faults: dict[str, Fault] | None = None,
    **changes: Any,
) -> MtaStsGrade:
    asked_for: list[tuple[str, Sequence[str]]] = []

    async def fetch(host: str, addresses: Sequence[str]) -> Fetched:
        asked_for.append((host, addresses))
        return (
            policy if isinstance(policy, Fetched) else Fetched(outcome=Fetch.TEXT, text=policy, media=media)
        )

    server = serve(
        ZONE | {name.replace("__", "."): node for name, node in changes.items()}, faults=faults or {}
    )
    grade = asked(
        server,
        lambda resolver: grade_mtasts("example.com", resolver, fetch=fetch, seen=seen),
        lifetime=patience,
    )
    assert asked_for in ([], [("mta-sts.example.com", ["192.0.2.7"])])
    return grade


def codes(grade: MtaStsGrade) -> set[str]:
    return {finding.code.removeprefix("mtasts-") for finding in grade.findings}


def records(*texts: str) -> dict[str, Any]:
    return {"_mta-sts__example__com": {"TXT": list(texts)}}


def test_what_agrees_is_a_success(serve: Serve) -> None:
    grade = graded(serve)
    assert (grade.status, grade.findings) == (Status.SUCCESS, ())
    assert (grade.policy_id, grade.mode, grade.policy) == ("20261125T0100", "enforce", POLICY)


@pytest.mark.parametrize(
    ("texts", "status", "code"),
    [
        (["v=STSv1; id=1;", "v=STSv1; id=2;"], Status.ERROR, "several"),
        (["v=STSv1; id=1;", "something else"], Status.SUCCESS, None),
        (["v=STSv1; id=;"], Status.ERROR, "id"),
        (["v=STSv1;"], Status.ERROR, "id"),
        (["v=STSv1; id=2026-11-25;"], Status.ERROR, "id"),
        ([f"v=STSv1; id={'1' * 33};"], Status.ERROR, "id"),
        ([f"v=STSv1; id={'1' * 32}"], Status.SUCCESS, None),
    ],
)
def test_the_record_is_graded(serve: Serve, texts: list[str], status: Status, code: str | None) -> None:
    grade = graded(serve, **records(*texts))
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


def test_without_a_record_one_is_recommended_and_nothing_fetched(serve: Serve) -> None:
    grade = graded(serve, _mta_sts="", **{"_mta-sts__example__com": {}})
    assert (grade.status, codes(grade)) == (Status.SUCCESS, {"missing", "policy"})
    published = {finding.publish.type: finding.publish for finding in grade.findings if finding.publish}
    wanted = parse_policy(published["HTTPS"].value)
    assert wanted.valid
    assert wanted.covers("mail.example.com")
    assert wanted.covers("backup.example.net")
    assert published["TXT"].value == f"v=STSv1; id={policy_id(published['HTTPS'].value)}"


@pytest.mark.parametrize(
    ("policy", "status", "code"),
    [
        (POLICY.replace("\r\n", "\n"), Status.SUCCESS, None),
        (POLICY.replace("enforce", "testing"), Status.SUCCESS, "testing"),
        ("version: STSv1\nmode: none\nmax_age: 86400\n", Status.SUCCESS, "mode-none"),
        (POLICY.replace("mx: *.example.net", ""), Status.ERROR, "mx-left-out"),
        (POLICY.replace("*.example.net", "*.net"), Status.ERROR, "mx-left-out"),
        (POLICY.replace("604800", "86400"), Status.SUCCESS, "short-age"),
        (POLICY.replace("604800", "3600"), Status.WARNING, "short-age"),
        (POLICY.replace("604800", "31557601"), Status.ERROR, "policy-invalid"),
        (POLICY.replace("604800", "-1"), Status.ERROR, "policy-invalid"),
        (POLICY.replace("604800", "9" * 5000), Status.ERROR, "policy-invalid"),
        (POLICY.replace("STSv1", "STSv2"), Status.ERROR, "policy-invalid"),
        (POLICY.replace("enforce", "Enforce"), Status.ERROR, "policy-invalid"),
        ("version: STSv1\nmode: enforce\nmax_age: 604800", Status.ERROR, "policy-invalid"),
        ("", Status.ERROR, "policy-invalid"),
        ("<!DOCTYPE html><p>" + "x:" * 30000, Status.ERROR, "policy-invalid"),
        ("\x00\ufffd" * 1000, Status.ERROR, "policy-invalid"),
    ],
)
def test_the_policy_is_graded(serve: Serve, policy: str, status: Status, code: str | None) -> None:
    grade = graded(serve, policy)
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


def test_the_policy_to_publish_covers_what_was_left_out(serve: Serve) -> None:
    grade = graded(serve, POLICY.replace("mx: *.example.net", ""))
    publish = grade.findings[0].publish
    assert publish is not None
    wanted = parse_policy(publish.value)
    assert (wanted.valid, wanted.mode, wanted.covers("backup.example.net")) == (True, "enforce", True)
    assert wanted.covers("mail.example.com")


def test_a_host_left_out_while_testing_warns(serve: Serve) -> None:
    policy = POLICY.replace("enforce", "testing").replace("mx: *.example.net", "")
    grade = graded(serve, policy)
    assert (grade.status, codes(grade)) == (Status.WARNING, {"testing", "mx-left-out"})


@pytest.mark.parametrize("outcome", [outcome for outcome in Fetch if outcome is not Fetch.TEXT])
def test_a_policy_that_cannot_be_had_warns(serve: Serve, outcome: Fetch) -> None:
    grade = graded(serve, Fetched(outcome=outcome, detail="because"))
    assert (grade.status, grade.policy) == (Status.WARNING, None)
    assert codes(grade) == {f"fetch-{outcome.replace(' ', '-')}"}


def test_the_media_type_is_told(serve: Serve) -> None:
    assert codes(graded(serve, media="text/html")) == {"media"}


def test_a_policy_that_changed_under_the_same_id_is_told_until_the_id_changes(serve: Serve) -> None:
    first = graded(serve)
    changed = POLICY.replace("604800", "1209600")
    for _ in range(2):
        assert first.policy_id
        assert first.first_policy
        first = graded(serve, changed, SeenPolicy(policy_id=first.policy_id, policy=first.first_policy))
        assert (first.status, codes(first)) == (Status.ERROR, {"id-unchanged"})
    seen = SeenPolicy(policy_id=first.policy_id or "", policy=first.first_policy or "")
    assert codes(graded(serve, changed, seen, **records("v=STSv1; id=2;"))) == set()
    assert codes(graded(serve, POLICY, seen)) == set()


def test_a_fetch_that_fails_forgets_nothing(serve: Serve) -> None:
    seen = SeenPolicy(policy_id="20261125T0100", policy=POLICY)
    assert graded(serve, Fetched(outcome=Fetch.TIMEOUT), seen).first_policy == POLICY


@pytest.mark.parametrize("name", ["_mta-sts.example.com", "mta-sts.example.com"])
def test_no_answer_is_unknown(serve: Serve, name: str) -> None:
    grade = graded(serve, patience=0.3, faults={name: Fault.SILENCE})
    assert (grade.status, grade.findings) == (Status.UNKNOWN, ())


@pytest.mark.parametrize(
    ("pattern", "host", "covered"),
    [
        ("mail.example.com", "mail.example.com", True),
        ("MAIL.Example.com.", "Mail.example.COM", True),
        ("*.example.com", "mail.example.com", True),
        ("*.example.com", "a.mail.example.com", False),
        ("*.example.com", "example.com", False),
        ("example.com", "mail.example.com", False),
        ("*", "mail.example.com", False),
    ],
)
def test_a_wildcard_stands_for_one_label(pattern: str, host: str, covered: bool) -> None:
    assert parse_policy(policy_text([pattern])).covers(host) is covered
