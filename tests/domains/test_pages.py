"""The pages: worst first, what to publish instead, what changed, and what an empty list means."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from jobs.tasks import check_wanted_domains, dns_check
from webapp.demo import cast
from webapp.demo.nameserver import NameServer
from webapp.demo.server import DemoServer
from webapp.dnscheck import progress
from webapp.domains.words import word_of
from webapp.jobqueue import waiting
from webapp.tables.db import db
from webapp.tables.domains import DomainCheckRow

Visit = Callable[..., str]


@pytest.fixture
def visit(site: Flask) -> Visit:
    client = site.test_client()

    def page(path: str, status: int = 200, fragment: bool = False) -> str:
        answer = client.get(path, headers={"HX-Request": "true"} if fragment else {})
        assert answer.status_code == status
        return answer.text

    page.client = client  # type: ignore[attr-defined]
    return page


def press(visit: Any, path: str, on: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', visit(on))
    assert token
    return visit.client.post(path, data={"csrf_token": token[1]})


def order(page: str) -> list[str]:
    return re.findall(r'class="row-link" href="/domains/([^"]+)"', page)


def test_the_worst_domain_comes_first_and_aliases_under_their_own(visit: Visit) -> None:
    dns_check()
    page = visit("/domains")
    assert order(page) == [cast.BOOKS, cast.ALIAS_DOMAIN, cast.WERFT]
    assert "2 domains" in page
    assert "2 with issues" in page
    assert "alias of" in page


def test_only_issues_and_a_term_narrow_the_list(visit: Visit, site: Flask) -> None:
    dns_check()
    assert order(visit("/domains?search=werft")) == [cast.WERFT]
    assert order(visit("/domains?search=harbourbooks")) == [cast.BOOKS, cast.ALIAS_DOMAIN]
    assert "No domain matches" in visit("/domains?search=stranger")
    with site.app_context():
        good = {"status": "success", "message": "fine", "record": "v", "findings": [], "unanswered": None}
        grades = dict.fromkeys(("spf", "dkim", "dmarc"), good)
        db.session.execute(
            update(DomainCheckRow).where(DomainCheckRow.domain_name == cast.WERFT).values(grades=grades)
        )
        db.session.commit()
    assert cast.WERFT not in order(visit("/domains?only=issues"))
    assert "No domain with issues" in visit("/domains?only=issues&search=werft")
    assert "only must be one of issues" in visit("/domains?only=x", 400)


def test_an_empty_list_explains_itself(visit: Visit, mailcow: DemoServer) -> None:
    assert "Waiting for the domains" in visit("/domains")
    mailcow.break_down("500")
    dns_check()
    page = visit("/domains")
    assert "have not been seen yet" in page
    assert "500" in page


def test_an_outage_is_told_above_the_last_list(visit: Visit, mailcow: DemoServer) -> None:
    dns_check()
    mailcow.break_down("500")
    dns_check()
    page = visit("/domains")
    assert page.count("mailcow cannot be read") == 1
    assert cast.WERFT in order(page)


def test_a_domain_shows_each_record_and_what_to_publish_instead(visit: Visit) -> None:
    dns_check()
    page = visit(f"/domains/{cast.ALIAS_DOMAIN}")
    assert "No SPF record found" in page
    assert f"v=spf1 mx ip4:{cast.SERVER_IP} ip6:{cast.SERVER_IPV6} -all" in page
    page = visit(f"/domains/{cast.BOOKS}")
    assert f'<th scope="row" class="mono">{cast.SERVER_IP}</th>' in page
    assert "2024-03-05 09:12:44" in page
    assert "mailcow has no domain" in visit("/domains/stranger.example", 404)


def test_what_changed_is_told_with_both_values(visit: Visit, names: NameServer, site: Flask) -> None:
    dns_check()
    names.zone = {**names.zone, cast.WERFT: {**names.zone[cast.WERFT], "TXT": ["v=spf1 mx -all"]}}
    with site.app_context():
        progress.want(cast.WERFT)
    assert "is being checked" in visit(f"/domains/{cast.WERFT}")
    check_wanted_domains()
    page = visit(f"/domains/{cast.WERFT}")
    assert (
        "<del>v=spf1 a mx ptr include:spf.book-trade-weekly.example ~all</del><ins>v=spf1 mx -all</ins>"
        in page
    )
    assert "is being checked" not in page


def test_check_all_puts_the_job_into_the_queue_and_shows_it_waiting(visit: Visit, site: Flask) -> None:
    dns_check()
    answer = press(visit, "/domains/check", "/domains")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/domains")
    with site.app_context():
        assert waiting() == {"dns_check"}
    assert "Starting the check" in visit("/domains/progress", fragment=True)
    with site.app_context():
        progress.note(34, 200, 0)
    assert "Checking 34 of 200 domains" in visit("/domains/progress", fragment=True)
    assert visit.client.get("/domains/progress").status_code == 302  # type: ignore[attr-defined]


def test_at_its_end_the_check_loads_the_list_as_it_is_filtered(visit: Visit) -> None:
    dns_check()
    headers = {"HX-Request": "true", "HX-Current-URL": 'http://localhost/domains?only=issues&x="><script>'}
    part = visit.client.get("/domains/progress", headers=headers).text  # type: ignore[attr-defined]
    assert 'hx-get="/domains?only=issues&amp;x=' in part
    assert "<script>" not in part


def test_check_one_asks_for_it_and_needs_the_token(visit: Visit, site: Flask) -> None:
    dns_check()
    path = f"/domains/{cast.WERFT}/check"
    assert visit.client.post(path).status_code == 400  # type: ignore[attr-defined]
    assert press(visit, path, f"/domains/{cast.WERFT}").status_code == 303
    with site.app_context():
        assert list(progress.wanted()) == [cast.WERFT]
        assert waiting() == {"check_wanted_domains"}


def test_what_strangers_write_into_dns_is_escaped(visit: Visit, names: NameServer) -> None:
    evil = "v=spf1 <script>alert(1)</script> -all"
    names.zone = {**names.zone, cast.WERFT: {**names.zone[cast.WERFT], "TXT": [evil]}}
    dns_check()
    for path in ("/domains", f"/domains/{cast.WERFT}"):
        assert "<script>alert" not in visit(path)
    assert "&lt;script&gt;" in visit(f"/domains/{cast.WERFT}")


@pytest.mark.parametrize(
    ("name", "status", "record", "severities", "word"),
    [
        ("spf", "success", "v=spf1 -all", ["recommendation"], "success"),
        ("mta_sts", "success", None, ["information", "recommendation"], "better"),
        ("dane", "success", None, ["information"], "absent"),
        ("caa", "success", "0 issue x", ["information"], "success"),
        ("mx", "error", None, ["error", "recommendation"], "error"),
    ],
)
def test_a_badge_says_set_up_only_of_what_is(
    name: str, status: str, record: str | None, severities: list[str], word: str
) -> None:
    assert word_of(name, status, record, severities) == word
