"""Sources are named by the DNS, only by names that lead back, and known services by their names."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from tests.dmarc.conftest import Upload, metadata
from tests.dnscheck.conftest import Serve, serve  # noqa: F401 - a fixture
from tests.reports.samples import record, xml
from webapp.reports.names import name_sources
from webapp.tables.db import db

ZONE = {
    "8.8.8.8.in-addr.arpa": {"PTR": ["a8-8.smtp-out.amazonses.com."]},
    "a8-8.smtp-out.amazonses.com": {"A": ["8.8.8.8"]},
    "1.1.1.1.in-addr.arpa": {"PTR": ["mail.google.com."]},  # which does not lead back
    "mail.google.com": {"A": ["9.9.9.9"]},
}


def test_names_that_lead_back_tell_the_service(
    visitor: FlaskClient,
    upload: Upload,
    make_app: Any,
    serve: Serve,  # noqa: F811
) -> None:
    failing = [record(ip=ip, spf="fail", dkim="fail") for ip in ("8.8.8.8", "1.1.1.1", "10.0.0.1")]
    upload(xml(*(one.replace("<result>pass", "<result>fail") for one in failing), metadata=metadata()))
    server = serve(ZONE)
    app = make_app(dns_resolvers=(server.address,))
    with app.app_context():
        assert name_sources(db.session(), app.config["SETTINGS"]) == {"asked": 2, "named": 1}
        db.session.commit()
        assert name_sources(db.session(), app.config["SETTINGS"]) == {"asked": 0, "named": 0}
    found = {
        one["source_ip"]: one for one in visitor.get("/api/dmarc/domains/example.com/sources").json["data"]
    }
    assert (found["8.8.8.8"]["hostname"], found["8.8.8.8"]["service"]) == (
        "a8-8.smtp-out.amazonses.com",
        "Amazon SES",
    )
    assert found["8.8.8.8"]["class"] == "can be fixed"
    assert (found["1.1.1.1"]["hostname"], found["1.1.1.1"]["class"]) == (None, "unknown or threat")
    advice = visitor.get("/api/dmarc/domains/example.com/overview").json["advice"]
    assert any("turn on DKIM for example.com at Amazon SES" in item["text"] for item in advice)


def test_our_own_addresses_are_ours(visitor: FlaskClient, upload: Upload, make_app: Any) -> None:
    upload(xml(record(ip="8.8.8.8"), metadata=metadata()))
    app = make_app()
    with app.app_context():
        own = "INSERT INTO blocklist_addresses VALUES ('8.8.8.8', 'server', '', now())"
        db.session.execute(text(own))
        db.session.commit()
    [found] = visitor.get("/api/dmarc/domains/example.com/sources").json["data"]
    assert found["class"] == "ours"
    page = visitor.get("/dmarc/example.com/source/8.8.8.8").text
    day = (datetime.now(UTC) - timedelta(days=1)).date()
    period = f"start_date={day}T00%3A00%3A00Z&amp;end_date={day}T23%3A59%3A59Z"
    link = f"/messages?sender_domain=example.com&amp;{period}"
    assert link in page
    number = visitor.get("/api/dmarc/reports/all").json["data"][0]["id"]
    assert link in visitor.get(f"/dmarc/reports/{number}").text
