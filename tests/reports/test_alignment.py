"""Alignment by RFC 7489 and RFC 9989, worked out anew from a record."""

import pytest

from webapp.reports.alignment import alignment, organisational_domain
from webapp.reports.records import DkimResult, Policy, Record, SpfResult

RELAXED = Policy("example.com", adkim="r", aspf="r")


def record(
    dkim: str = "", spf: str = "", author: str = "example.com", scope: str = "mfrom", sender: str = ""
) -> Record:
    return Record(
        "192.0.2.1", 1, "none", "fail", "fail", (), author, sender, "",
        (DkimResult(dkim, "s", "pass", ""),) if dkim else (),
        (SpfResult(spf, scope, "pass", ""),) if spf else (),
    )  # fmt: skip


@pytest.mark.parametrize(("domain", "author", "relaxed", "strict"), [
    ("example.com", "example.com", True, True),
    ("mail.example.com", "example.com", True, False),
    ("example.com", "news.example.com", True, False),
    ("a.example.com", "b.example.com", True, False),
    ("example.org", "example.com", False, False),
    ("notexample.com", "example.com", False, False),
    ("a.co.uk", "b.co.uk", False, False),
    ("mail.a.co.uk", "a.co.uk", True, False),
    ("", "example.com", False, False),
])  # fmt: skip
def test_relaxed_and_strict(domain: str, author: str, relaxed: bool, strict: bool) -> None:
    for policy, wanted in (
        (RELAXED, relaxed),
        (Policy("example.com"), relaxed),
        (Policy("example.com", adkim="s", aspf="s"), strict),
    ):
        assert alignment(record(dkim=domain, author=author), policy).dkim is wanted
        found = alignment(record(spf=domain, author=author), policy)
        assert (found.spf, found.passes, found.dkim) == (wanted, wanted, False)


def test_only_what_passed_counts() -> None:
    failed = record(dkim="example.com", spf="example.com")
    failed = failed._replace(
        dkim_results=(DkimResult("example.com", "s", "fail", ""),),
        spf_results=(SpfResult("example.com", "mfrom", "softfail", ""),),
    )
    assert not alignment(failed, RELAXED).passes


def test_one_of_several_signatures_is_enough() -> None:
    many = record()._replace(
        dkim_results=(DkimResult("esp.example", "a", "pass", ""), DkimResult("example.com", "b", "pass", ""))
    )
    assert alignment(many, RELAXED).dkim


def test_helo_counts_for_the_null_sender_only() -> None:
    assert alignment(record(spf="example.com", scope="helo"), RELAXED).spf
    assert not alignment(record(spf="example.com", scope="helo", sender="other.example"), RELAXED).spf


def test_a_policy_found_by_the_tree_walk_says_how_far_it_reaches() -> None:
    walked = Policy("a.example.com", discovery_method="treewalk")
    assert alignment(record(dkim="x.a.example.com", author="y.a.example.com"), walked).dkim
    assert not alignment(record(dkim="b.example.com", author="y.a.example.com"), walked).dkim
    assert alignment(record(dkim="b.example.com", author="y.a.example.com"), Policy("a.example.com")).dkim


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.b.example.com", "example.com"),
        ("example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("", ""),
        ("..", ".."),
    ],
)
def test_the_organisational_domain(name: str, wanted: str) -> None:
    assert organisational_domain(name) == wanted
