"""The documented examples field by field, and what well-known senders published, graded as by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, asked
from tests.dnscheck.keys import RSA_2048
from webapp.dnscheck.dkim import ExpectedKey, grade_dkim
from webapp.dnscheck.dmarc import grade_dmarc
from webapp.dnscheck.findings import Grade

DATA = Path(__file__).parent / "records"
EXAMPLES = json.loads((DATA / "documented-examples.json").read_text(encoding="utf-8"))
KNOWN = json.loads((DATA / "known-keys-and-policies.json").read_text(encoding="utf-8"))
SHORTENED = "MIIBIjANBg..."


def titled(entry: dict[str, Any]) -> str:
    return str(entry.get("title") or entry.get("name") or entry.get("domain"))


def shown(grade: Grade) -> dict[str, Any]:
    """The grade as JSON has it."""
    loaded: dict[str, Any] = json.loads(json.dumps(grade.answer()))
    return loaded


def codes(grade: Grade) -> list[str]:
    return sorted(finding.code.partition("-")[2] for finding in grade.findings)


@pytest.mark.parametrize("key", [SHORTENED, RSA_2048], ids=["as printed", "with a whole key"])
@pytest.mark.parametrize("example", EXAMPLES["dkim"], ids=titled)
def test_the_documented_dkim_answers_come_field_by_field(
    serve: Serve, example: dict[str, Any], key: str
) -> None:
    wanted = json.loads(json.dumps(example["answer"]).replace(SHORTENED, key))
    expected = ExpectedKey(selector=wanted["selector"], record=wanted["expected_record"])
    server = serve({wanted["dkim_domain"]: {"TXT": [wanted["actual_record"]]}})
    found = shown(asked(server, lambda resolver: grade_dkim("example.com", expected, resolver)))
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize("example", EXAMPLES["dmarc"], ids=titled)
def test_the_documented_dmarc_answers_come_field_by_field(serve: Serve, example: dict[str, Any]) -> None:
    wanted = example["answer"]
    server = serve({"_dmarc.example.com": {"TXT": [wanted["record"]]}})
    found = shown(asked(server, lambda resolver: grade_dmarc("example.com", resolver)))
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize("known", KNOWN["dkim"], ids=titled)
def test_keys_of_known_senders_are_graded_as_by_hand(serve: Serve, known: dict[str, Any]) -> None:
    selector, _, domain = known["name"].partition("._domainkey.")
    server = serve({known["name"]: {"TXT": [known["text"]]}})
    expected = ExpectedKey(selector=selector, record=known["text"])
    grade = asked(server, lambda resolver: grade_dkim(domain, expected, resolver))
    assert (grade.status, codes(grade)) == (known["status"], known["findings"])
    assert grade.match


@pytest.mark.parametrize("known", KNOWN["dmarc"], ids=titled)
def test_policies_of_known_senders_are_graded_as_by_hand(serve: Serve, known: dict[str, Any]) -> None:
    server = serve(
        {
            f"_dmarc.{known['domain']}": {"TXT": [known["text"]]},
            **{f"*._report._dmarc.{host}": {"TXT": ["v=DMARC1"]} for host in REPORT_HOSTS},
        }
    )
    grade = asked(server, lambda resolver: grade_dmarc(known["domain"], resolver))
    assert (grade.status, grade.policy, codes(grade)) == (known["status"], known["policy"], known["findings"])


REPORT_HOSTS = (
    "google.com",
    "yahoo-inc.com",
    "dmarc.facebookmail.com",
    "rua.agari.com",
    "service.alibaba.com",
)


def test_there_are_two_dozen_of_them_and_each_has_its_origin() -> None:
    everything = [*KNOWN["dkim"], *KNOWN["dmarc"]]
    assert len(everything) >= 24
    assert all(entry["origin"] for entry in everything)
