"""Failed TLS sessions stand beside what our own stored checks say now."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.dmarc.conftest import Upload
from tests.reports.samples import as_json, tls, tls_policy
from webapp.dmarc.tlsnow import tls_now
from webapp.reports.tlswords import TlsNow
from webapp.tables.db import db, now

GRADES = {
    "mx": {"record": "10 mx.example.com, 20 mx2.example.com"},
    "dane": {"message": "There are no TLSA records"},
    "mta_sts": {"message": "MTA-STS is valid, mode enforce"},
}
CHECKED = text(
    "INSERT INTO domain_dns_checks (domain_name, checked_at, is_full_check, grades) "
    "VALUES ('example.com', now(), true, :grades)"
)
SHOWN = text(
    "INSERT INTO certificates (host, port, not_after, issuer, checked_at, seen_at, error) "
    "VALUES (:host, 25, :ends, '', now(), now(), :error)"
)


@pytest.fixture
def checked(visitor: FlaskClient, app: Any) -> Any:
    """A session in an application whose checks are stored."""
    with app.app_context():
        session = db.session()
        session.execute(CHECKED, {"grades": json.dumps(GRADES)})
        ended = {"host": "mx.example.com", "ends": now() - timedelta(days=2), "error": ""}
        session.execute(SHOWN, ended)
        session.execute(SHOWN, {"host": "mx2.example.com", "ends": None, "error": "no answer"})
        session.execute(SHOWN, {"host": "x.example.com", "ends": now(), "error": ""})
        session.commit()
        yield session
        session.rollback()


def test_what_the_checks_stored_last(checked: Any) -> None:
    found = tls_now(checked, "example.com")
    assert found.mx_hosts == ("mx.example.com", "mx2.example.com")
    assert found.certificate is not None
    assert f"that of mx.example.com ended {now() - timedelta(days=2):%Y-%m-%d}" in found.certificate
    assert "mx2.example.com showed none (no answer)" in found.certificate
    assert (found.tlsa, found.mta_sts) == ("There are no TLSA records", "MTA-STS is valid, mode enforce")


def test_a_domain_that_is_not_checked(checked: Any) -> None:
    assert tls_now(checked, "other.example") == TlsNow()


def test_page_and_api_tell_it_beside_the_failure(checked: Any, visitor: FlaskClient, upload: Upload) -> None:
    day = (now() - timedelta(days=1)).date()
    times = {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"}
    listed = tls_policy()["policy"] | {"policy-string": ["version: STSv1", "mx: example.com"]}
    upload(as_json(tls(policies=[tls_policy(policy=listed)], **{"date-range": times})))
    page = visitor.get("/dmarc/example.com/tls").text
    assert "Our own check of the certificate now" in page
    assert "The policy lists the domain example.com, not its MX host" in page
    details = visitor.get(f"/api/dmarc/domains/example.com/tls-reports/{day}/details").json
    [policy] = details["providers"][0]["policies"]
    assert len(policy["remarks"]) == 2
    assert policy["failure_details"][0]["meaning"] == "The certificate had expired."
