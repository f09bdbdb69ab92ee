"""Failure reports in the API and on their page: kept where the setting says so, told where not."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient

from tests.dmarc.conftest import Upload, metadata
from tests.reports.samples import xml
from tests.reports.test_failure import ARF

LATELY = format_datetime(datetime.now(UTC) - timedelta(days=1)).encode()
RECENT = ARF.replace(b"Tue, 25 Nov 2025 02:09:00 +0100", LATELY)
PATH = "/api/dmarc/domains/example.com/failures"


def test_kept_failure_reports_are_listed(visitor: FlaskClient, make_app: Any) -> None:
    client = make_app(dmarc_ruf_enabled=True, dmarc_allow_report_delete=True).test_client()
    sent = client.post("/api/dmarc/upload", data={"file": (BytesIO(RECENT), "mail.eml")})
    assert (sent.status_code, sent.json["report_type"], sent.json["domain"]) == (
        201,
        "failure",
        "example.com",
    )
    assert sent.json["message"] == "Uploaded failure report for example.com from receiver.example"
    again = client.post("/api/dmarc/upload", data={"file": (BytesIO(RECENT), "mail.eml")})
    assert (again.status_code, again.json["status"]) == (200, "duplicate")
    body = client.get(PATH).json
    assert (body["total"], body["domain"]) == (1, "example.com")
    [one] = body["data"]
    assert (one["source_ip"], one["auth_failure"], one["delivery_result"]) == (
        "192.0.2.9",
        "dmarc",
        "delivered",
    )
    assert (one["original_mail_from"], one["incidents"]) == ("…@example.com", 1)
    listed = client.get("/dmarc").text
    assert 'data-figure="1" href="/dmarc/example.com/failures?days=30"' in listed
    assert client.get("/dmarc/example.com").status_code == 200
    page = client.get("/dmarc/example.com/failures").text
    assert "192.0.2.9" in page
    assert "secret" not in page
    gone = client.delete(f"/api/dmarc/reports/failure/{one['id']}")
    assert gone.status_code == 200
    assert client.get(PATH).status_code == 404


def test_without_the_setting_the_page_says_so(visitor: FlaskClient, upload: Upload) -> None:
    assert upload(RECENT).status_code == 422
    upload(xml(metadata=metadata()))
    assert visitor.get(PATH).json["total"] == 0
    page = visitor.get("/dmarc/example.com/failures")
    assert page.status_code == 200
    assert "DMARC_RUF_ENABLED" in page.text


def test_a_domain_without_any_report_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/api/dmarc/domains/nobody.example/failures").status_code == 404
