"""Sources that a domain's SPF record names: found by a job, kept, and told by their class."""

import asyncio
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.dmarc.conftest import Upload, metadata
from tests.dnscheck.conftest import Serve, serve  # noqa: F401 - a fixture
from tests.reports.samples import record, xml
from webapp.reports import authorised
from webapp.reports.authorised import Asked
from webapp.tables.db import db

ZONE = {
    "example.com": {"TXT": ["v=spf1 ip4:192.0.2.0/28 include:letters.example -all"]},
    "letters.example": {"TXT": ["v=spf1 ip4:198.51.100.7 ?all"]},
    "open.example": {"TXT": ["v=spf1 ip4:192.0.2.9 +all"]},
    "bare.example": {"A": ["192.0.2.1"]},
}


def unaligned(ip: str, count: str = "9") -> str:
    """Mail of ours that passed for somebody else's domain."""
    failing = record(ip=ip, count=count, spf="fail", dkim="fail").replace("<result>pass", "<result>fail")
    return failing.replace("bounce.example.com", "bounce.letters.example")


def test_a_source_in_spf_whose_mail_is_not_aligned_can_be_fixed(
    visitor: FlaskClient,
    upload: Upload,
    make_app: Any,
    serve: Serve,  # noqa: F811
) -> None:
    sources = ("198.51.100.7", "192.0.2.3", "203.0.113.5")
    upload(xml(*(unaligned(ip) for ip in sources), metadata=metadata()))
    path = "/api/dmarc/domains/example.com/sources"
    before = {one["source_ip"]: one["class"] for one in visitor.get(path).json["data"]}
    assert set(before.values()) == {"unknown or threat"}
    app = make_app(dns_resolvers=(serve(ZONE).address,))
    with app.app_context():
        assert authorised.check(db.session(), app.config["SETTINGS"]) == {"spf_asked": 3, "in_spf": 2}
        db.session.commit()
        assert authorised.check(db.session(), app.config["SETTINGS"]) == {"spf_asked": 0}
    found = {one["source_ip"]: one for one in visitor.get(path).json["data"]}
    assert {ip: one["class"] for ip, one in found.items()} == {
        "198.51.100.7": "can be fixed",
        "192.0.2.3": "can be fixed",
        "203.0.113.5": "unknown or threat",
    }
    assert [found[ip]["in_spf"] for ip in sources] == [True, True, False]
    assert "SPF record names it" in found["192.0.2.3"]["class_reason"]


@pytest.mark.parametrize(
    ("domain", "source", "result"),
    [
        ("example.com", "198.51.100.7", "pass"),
        ("example.com", "203.0.113.5", "fail"),
        ("open.example", "192.0.2.9", "pass"),
        ("open.example", "203.0.113.5", "all"),
        ("bare.example", "203.0.113.5", "none"),
    ],
)
def test_what_spf_says_of_a_source(
    make_app: Any,
    serve: Serve,  # noqa: F811
    domain: str,
    source: str,
    result: str,
) -> None:
    settings = make_app(dns_resolvers=(serve(ZONE).address,)).config["SETTINGS"]
    assert asyncio.run(authorised.ask([Asked(domain, source)], settings)) == [Asked(domain, source, result)]


def test_no_answer_leaves_what_was_known(visitor: FlaskClient, upload: Upload, make_app: Any) -> None:
    upload(xml(unaligned("192.0.2.3"), metadata=metadata()))
    with make_app().app_context():
        for spf in ("pass", None):
            authorised.keep(db.session.connection(), [Asked("example.com", "192.0.2.3", spf)])
            db.session.commit()
    [found] = visitor.get("/api/dmarc/domains/example.com/sources").json["data"]
    assert found["in_spf"]
