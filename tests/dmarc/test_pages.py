"""The pages of the DMARC room work without a script and escape what strangers wrote."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.dmarc.conftest import Upload, metadata, midnight
from tests.reports.samples import as_json, gz, record, tls, tls_policy, xml
from webapp.tables.db import db, now

HURT = "<script>alert(1)</script>"
ESCAPED = HURT.replace("<", "&lt;").replace(">", "&gt;")


@pytest.fixture
def filled(visitor: FlaskClient, upload: Upload) -> FlaskClient:
    """One day of a domain, whose report is full of hostile texts, and a TLS report of the same kind."""
    reason = f"<reason><type>{ESCAPED}</type><comment>=cmd|'/c calc'!A1{ESCAPED}</comment></reason>"
    records = (
        record(count="8"),
        record(ip="8.8.8.8", spf=ESCAPED, more=reason),
        record(ip="2001:db8::5", count="1"),
    )
    head = metadata(1, f"Google {ESCAPED}", ESCAPED)
    assert upload(gz(xml(*records, metadata=head)), f"{HURT}.xml.gz").status_code == 201
    day = datetime.fromtimestamp(midnight(1), UTC).date().isoformat()
    failure = {
        "result-type": HURT,
        "failed-session-count": 3,
        "failure-reason-code": HURT,
        "receiving-mx-hostname": HURT,
    }
    policies = [tls_policy(**{"failure-details": [failure]})]
    span = {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"}
    hostile = tls(policies=policies, **{"organization-name": HURT, "date-range": span})
    assert upload(as_json(hostile)).status_code == 201
    return visitor


def pages(client: FlaskClient) -> list[str]:
    """The address of every page about the uploaded reports."""
    number = next(
        one["id"] for one in client.get("/api/dmarc/reports/all").json["data"] if one["type"] == "dmarc"
    )
    day = datetime.fromtimestamp(midnight(1), UTC).date()
    domain = "/dmarc/example.com"
    return [
        "/dmarc",
        domain,
        f"{domain}/sources",
        f"{domain}/reports",
        f"{domain}/tls",
        f"{domain}/reports/{day}",
        f"{domain}/source/8.8.8.8",
        f"{domain}/source/2001:db8::5",
        f"/dmarc/reports/{number}",
    ]


def test_every_page_shows_and_nothing_hostile_is_alive(filled: FlaskClient) -> None:
    for path in pages(filled):
        answer = filled.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
        assert "example.com" in answer.text
    assert ESCAPED in filled.get(pages(filled)[-1]).text


def test_every_link_of_the_room_leads_somewhere(filled: FlaskClient) -> None:
    seen: set[str] = set()
    waiting = ["/dmarc"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = filled.get(path)
        assert answer.status_code in (200, 302), path
        found = (
            set(re.findall(r'href="(/dmarc[^"]*)"', answer.text)) if answer.mimetype == "text/html" else set()
        )
        waiting += [
            link for one in found if (link := one.replace("&amp;", "&")) not in seen and link not in waiting
        ]
    assert len(seen) > 15
    assert any("/day?start_date" in path for path in seen)
    assert any(path.endswith("/file") for path in seen)


def test_a_room_without_reports(visitor: FlaskClient) -> None:
    text = visitor.get("/dmarc").text
    assert "No report yet" in text
    assert "Upload reports" in text
    assert visitor.get("/dmarc/nobody.example").status_code == 404
    assert visitor.get("/dmarc?days=0").status_code == 400


def test_a_domain_without_mail_in_the_period(visitor: FlaskClient, upload: Upload) -> None:
    upload(xml(record(count="0"), metadata=metadata(20)))
    for days in (7, 30):
        text = visitor.get(f"/dmarc/example.com?days={days}").text
        assert "No mail in this time" in text
        assert "no mail" in text


def test_a_file_comes_back_as_it_was_received(filled: FlaskClient) -> None:
    number = next(
        one["id"] for one in filled.get("/api/dmarc/reports/all").json["data"] if one["type"] == "dmarc"
    )
    answer = filled.get(f"/dmarc/reports/dmarc/{number}/file")
    assert answer.data.startswith(b"\x1f\x8b")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "<" not in answer.headers["Content-Disposition"]
    assert filled.get("/dmarc/reports/dmarc/999999/file").status_code == 404


def test_the_form_without_a_script_takes_many_files(visitor: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/dmarc").text)
    assert token
    files = [
        (BytesIO(xml(metadata=metadata()).encode()), "good.xml"),
        (BytesIO(b"<feedback><broken"), "bad.xml"),
        (BytesIO(xml(metadata=metadata()).encode()), "again.xml"),
    ]
    answer = visitor.post("/dmarc/upload", data={"csrf_token": token[1], "file": files})
    assert answer.status_code == 200
    results = re.findall(r"<b>(\w+\.xml)</b> ([^<]+)</li>", answer.text)
    assert [name for name, _ in results] == ["good.xml", "bad.xml", "again.xml"]
    assert "1 new report" in results[0][1]
    assert "cut" in results[1][1]
    assert "0 new reports, 1 stored before" in results[2][1]
    assert visitor.get("/api/dmarc/reports/all").json["total"] == 1
    assert visitor.post("/dmarc/upload", data={"file": (BytesIO(b"x"), "x")}).status_code == 400


def test_changes_of_the_dns_records_stand_in_the_chart_and_under_it(filled: FlaskClient, app: Any) -> None:
    assert "chart-mark" not in filled.get("/dmarc/example.com").text
    with app.app_context():
        for hours, value in ((30, "v=DMARC1; p=none"), (20, "v=DMARC1; p=reject")):
            added = "INSERT INTO domain_dns_records (domain_name, check_name, value, seen_at) VALUES "
            place = {"value": value, "at": now() - timedelta(hours=hours)}
            db.session.execute(text(f"{added} ('example.com', 'dmarc', :value, :at)"), place)
        db.session.commit()
    page = filled.get("/dmarc/example.com").text
    assert "DNS records changed" in page
    assert page.count('class="chart-mark"') == 1
    assert re.search(r'aria-label="[^"]+: [^"]+; DMARC record changed"', page)
    assert ("v=DMARC1; p=reject" in page, "v=DMARC1; p=none" in page) == (True, False)


def test_the_operator_says_what_a_source_is(filled: FlaskClient) -> None:
    page = "/dmarc/example.com/source/8.8.8.8"
    token = re.search(r'name="csrf_token" value="([^"]+)"', filled.get(page).text)
    assert token
    said = {"csrf_token": token[1], "class": "unauthorised"}
    assert filled.post(f"{page}/class", data=said).status_code == 303
    sources = {
        one["source_ip"]: one for one in filled.get("/api/dmarc/domains/example.com/sources").json["data"]
    }
    assert (sources["8.8.8.8"]["class"], sources["8.8.8.8"]["class_reason"]) == (
        "unauthorised",
        "set by hand",
    )
    path = "/api/dmarc/domains/example.com/sources/8.8.8.8/class"
    assert filled.post(path, json={"class": "friendly"}).status_code == 400
    assert filled.post(path.replace("8.8.8.8", "192.0.2.99"), json={"class": "stale"}).status_code == 404
    assert filled.post(path, json={"class": ""}).status_code == 200
    assert "set by hand" not in filled.get(page).text


def test_the_reckoned_alignment_stands_beside_what_the_reporter_says(
    visitor: FlaskClient, upload: Upload
) -> None:
    upload(xml(record(dkim="fail"), metadata=metadata()))
    number = visitor.get("/api/dmarc/reports/all").json["data"][0]["id"]
    text = visitor.get(f"/dmarc/reports/{number}").text
    assert "(aligned)" in text
    assert "(not aligned)" not in text


def test_a_domain_with_tls_reports_only(visitor: FlaskClient, upload: Upload) -> None:
    upload(as_json(tls()), "t.json")
    for path in ("/dmarc", "/dmarc/example.com", "/dmarc/example.com/sources", "/dmarc/example.com/tls"):
        assert visitor.get(path).status_code == 200
    assert visitor.get("/api/dmarc/domains").json["domains"][0]["policy_p"] is None
    assert visitor.get("/api/dmarc/domains/example.com/overview").json["policy"]["p"] is None


def test_a_report_about_days_to_come_is_not_the_newest(filled: FlaskClient, upload: Upload) -> None:
    before = filled.get("/api/dmarc/domains/example.com/overview").json
    never = metadata(identity="never").replace(str(midnight(1)), "253402214400")
    never = never.replace(str(midnight(1) + 86399), "253402300799")
    assert upload(xml(metadata=never).replace("<p>none</p>", "<p>reject</p>")).status_code == 201
    after = filled.get("/api/dmarc/domains/example.com/overview").json
    assert (after["policy"], after["signs"], after["daily_stats"]) == (
        before["policy"],
        before["signs"],
        before["daily_stats"],
    )
    for path in ("/dmarc", "/dmarc/example.com", "/dmarc/example.com/reports", "/dmarc/example.com/sources"):
        assert filled.get(path).status_code == 200
