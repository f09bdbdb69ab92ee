"""The documented endpoints of the domains: their keys, their times, and what an outage does to them."""

from typing import Any

import pytest
from flask import Flask

from jobs.tasks import check_wanted_domains, dns_check
from webapp.demo import cast
from webapp.demo.nameserver import Fault, NameServer
from webapp.demo.server import DemoServer
from webapp.dnscheck import progress
from webapp.domains import views

DOCUMENTED = {
    "domain_name": str,
    "active": bool,
    "mboxes_in_domain": int,
    "mboxes_left": int,
    "max_num_mboxes_for_domain": int,
    "aliases_in_domain": int,
    "aliases_left": int,
    "max_num_aliases_for_domain": int,
    "created": str,
    "bytes_total": int,
    "msgs_total": int,
    "quota_used_in_domain": str,
    "max_quota_for_domain": int,
    "backupmx": bool,
    "relay_all_recipients": bool,
    "relay_unknown_only": bool,
    "dns_checks": dict,
}


def listed(site: Flask) -> dict[str, Any]:
    answer = site.test_client().get("/api/domains/all")
    assert answer.status_code == 200
    return dict(answer.json or {})


def domain(site: Flask, name: str) -> dict[str, Any]:
    return next(one for one in listed(site)["domains"] if one["domain_name"] == name)


def test_the_list_has_the_documented_keys(site: Flask) -> None:
    assert dns_check() == "success"
    found = listed(site)
    assert (found["total"], found["active"], found["stale"], found["error"]) == (2, 2, False, None)
    assert found["last_dns_check"].endswith("Z")
    for one in found["domains"]:
        assert {key: type(one[key]) for key in DOCUMENTED} == DOCUMENTED
        assert one["created"].endswith("Z")
        assert {"spf", "dkim", "dmarc", "checked_at"} <= one["dns_checks"].keys()


def test_before_any_check_everything_is_unknown(site: Flask, names: NameServer) -> None:
    empty = listed(site)
    assert (empty["total"], empty["domains"], empty["last_dns_check"], empty["taken_at"]) == (
        0,
        [],
        None,
        None,
    )
    names.faults = {"example": Fault.SERVFAIL}
    dns_check()
    spf = domain(site, cast.BOOKS)["dns_checks"]["spf"]
    assert (spf["status"], spf["includes"], spf["dns_lookups"]) == ("unknown", [], 0)


def test_what_the_original_told_later_stands_beside_the_documented_keys(site: Flask) -> None:
    dns_check()
    checks = domain(site, cast.BOOKS)["dns_checks"]
    told = {"ip": cast.SERVER_IP, "source": "auto-detected", "authorized": True}
    assert told in checks["spf"]["checked_ips"]
    assert checks["tlsa"] == checks["dane"]


def test_alias_domains_stand_under_their_domain(site: Flask) -> None:
    dns_check()
    (alias,) = domain(site, cast.BOOKS)["alias_domains"]
    assert (alias["domain_name"], alias["dns_checks"]["spf"]["status"]) == (cast.ALIAS_DOMAIN, "error")
    assert domain(site, cast.WERFT)["alias_domains"] == []


def test_an_outage_of_mailcow_shows_the_last_list_with_its_age(site: Flask, mailcow: DemoServer) -> None:
    dns_check()
    mailcow.break_down("500")
    assert dns_check().startswith("failed")
    found = listed(site)
    assert (found["total"], found["stale"]) == (2, True)
    assert "500" in found["error"]
    assert found["age_seconds"] >= 0


@pytest.mark.usefixtures("worker")
def test_checking_all_tells_how_many(site: Flask) -> None:
    answer = site.test_client().post("/api/domains/check-all-dns")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "success",
        "message": "Checked 3 domains",
        "domains_checked": 3,
        "errors": [],
    }


@pytest.mark.usefixtures("worker")
def test_checking_all_is_partial_where_a_domain_does_not_answer(site: Flask, names: NameServer) -> None:
    names.faults = {cast.WERFT: Fault.SERVFAIL}
    answer = site.test_client().post("/api/domains/check-all-dns").json or {}
    assert (answer["status"], answer["domains_checked"]) == ("partial", 2)
    assert answer["errors"]
    assert all(error.startswith(f"{cast.WERFT}: ") for error in answer["errors"])


@pytest.mark.usefixtures("worker")
def test_checking_all_is_partial_where_only_the_last_list_is_known(site: Flask, mailcow: DemoServer) -> None:
    dns_check()
    mailcow.break_down("500")
    answer = site.test_client().post("/api/domains/check-all-dns").json or {}
    assert (answer["status"], answer["domains_checked"]) == ("partial", 3)
    assert "500" in answer["errors"][0]


def test_a_check_that_takes_long_is_told_to_be_running(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PATIENCE", 0.2)
    dns_check()
    answer = site.test_client().post("/api/domains/check-all-dns")
    assert (answer.status_code, (answer.json or {})["status"]) == (202, "running")
    assert (answer.json or {})["job_id"] == "now-dns_check"
    answer = site.test_client().post(f"/api/domains/{cast.BOOKS}/check-dns")
    assert (answer.status_code, (answer.json or {})["status"]) == (202, "running")


@pytest.mark.usefixtures("worker")
def test_checking_one_gives_its_records_and_leaves_the_common_time(site: Flask) -> None:
    dns_check()
    before = listed(site)["last_dns_check"]
    answer = site.test_client().post(f"/api/domains/{cast.BOOKS.upper()}/check-dns")
    assert answer.status_code == 200
    found = answer.json or {}
    assert (found["status"], found["message"]) == ("success", f"DNS checked for {cast.BOOKS}")
    assert found["data"]["domain"] == cast.BOOKS
    assert found["data"]["spf"]["status"] == "success"
    assert found["data"]["checked_at"] >= before
    assert listed(site)["last_dns_check"] == before


def test_a_domain_that_mailcow_does_not_have_is_not_checked(site: Flask) -> None:
    dns_check()
    for path in ("check-dns", "history"):
        method = "POST" if path == "check-dns" else "GET"
        answer = site.test_client().open(f"/api/domains/stranger.example/{path}", method=method)
        assert answer.status_code == 404
        assert answer.json == {"detail": "mailcow has no domain stranger.example"}
    with site.app_context():
        assert progress.wanted() == {}


def test_a_change_is_in_the_history_with_both_values(site: Flask, names: NameServer) -> None:
    dns_check()
    old = names.zone[cast.WERFT]["TXT"]
    with site.app_context():
        progress.want(cast.WERFT)
    names.zone = {**names.zone, cast.WERFT: {**names.zone[cast.WERFT], "TXT": ["v=spf1 mx -all"]}}
    check_wanted_domains()
    found = site.test_client().get(f"/api/domains/{cast.WERFT}/history").json or {}
    assert (found["domain"], found["total"]) == (cast.WERFT, 1)
    (change,) = found["changes"]
    assert (change["check"], change["old"], change["new"]) == ("spf", *old, "v=spf1 mx -all")
    assert change["changed_at"].endswith("Z")
