"""What DMARC reports say stands beside a domain's checks, and may name the addresses that must pass SPF."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from jobs.tasks import dns_check
from webapp.demo import cast
from webapp.dnscheck.reported import DAYS
from webapp.tables.db import db, now
from webapp.tables.reports import DmarcReport, DmarcSourceDay

COUNTED = (
    "messages",
    "said_spf",
    "said_dkim",
    "said_both",
    "said_either",
    "spf_aligned",
    "dkim_aligned",
    "passed",
)


def store_report(messages: int, passed: int, days_ago: int, number: int = 1) -> None:
    day: datetime = now() - timedelta(days=days_ago)
    texts = dict.fromkeys(("email", "contact", "schema", "namespace", "generator"), "")
    values: dict[str, Any] = {
        **texts,
        **dict.fromkeys(COUNTED, passed),
        "messages": messages,
        "domain": cast.BOOKS,
        "organisation": "reporter.example",
        "report_id": str(number),
        "begin_at": day,
        "end_at": day,
        "day": day.date(),
        "spans": False,
        "policy": {},
        "errors": [],
        "slips": [],
        "records": 1,
        "received_at": day,
    }
    db.session.execute(insert(DmarcReport).values(values))


def store_source(address: str, messages: int, aligned: int) -> None:
    reasons = dict.fromkeys(("arc", "trusted_forwarder", "mailing_list", "forwarded"), 0)
    counted = {**dict.fromkeys(COUNTED, aligned), "messages": messages}
    row = {"domain": cast.BOOKS, "day": now().date(), "source": address, **reasons, **counted}
    db.session.execute(insert(DmarcSourceDay).values(row))


def test_the_figures_of_thirty_days_stand_in_the_list_and_on_the_domains_page(site: Flask) -> None:
    dns_check()
    with site.app_context():
        store_report(200, 199, 1)
        store_report(800, 800, DAYS - 1, 2)
        store_report(5000, 0, DAYS + 1, 3)
        db.session.commit()
    client = site.test_client()
    assert "99.9 %</a>" in client.get("/domains").text
    page = client.get(f"/domains/{cast.BOOKS}").text
    assert "99.9 %</a>" in page
    assert "of 1,000 messages" in page
    assert "99.9 %" not in client.get(f"/domains/{cast.WERFT}").text


@pytest.mark.parametrize("wanted", [True, False])
def test_addresses_that_reports_name_are_checked_where_that_is_wanted(
    make_app: Any, site: Flask, monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    import jobs.run

    old = site.config["SETTINGS"]
    app = make_app(
        mailcow_url=old.mailcow_url,
        mailcow_api_key=old.mailcow_api_key,
        dns_resolvers=old.dns_resolvers,
        domain_spf_source_dmarc_history=wanted,
    )
    monkeypatch.setattr(jobs.run, "application", lambda: app)
    with app.app_context():
        store_source("203.0.113.9", 50, 50)
        store_source("203.0.113.10", 900, 0)
        db.session.commit()
    dns_check()
    spf = next(
        one["dns_checks"]["spf"]
        for one in (app.test_client().get("/api/domains/all").json or {})["domains"]
        if one["domain_name"] == cast.BOOKS
    )
    named = [(one["address"], one["result"]) for one in spf["sources"] if one["origin"] == "dmarc-history"]
    assert named == ([("203.0.113.9", "fail")] if wanted else [])
    assert spf["status"] == ("warning" if wanted else "success")
