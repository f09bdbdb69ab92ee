"""The API of the DMARC room: uploads, domains, days, sources, TLS reports."""

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.dmarc.conftest import Upload, metadata, midnight
from tests.reports.samples import as_json, gz, record, tls, xml, zipped
from tests.reports.test_failure import ARF

FORWARDED = "<reason><type>mailing_list</type></reason>"


def broken(text: str) -> str:
    """The record without a signature that passes."""
    return text.replace("<result>pass", "<result>fail")


@pytest.fixture
def filled(visitor: FlaskClient, upload: Upload) -> FlaskClient:
    """Two days, two reporters, one forwarder, one unknown source."""
    for days_ago, organisation in ((1, "Google"), (2, "Google"), (2, "Yahoo")):
        records = (
            record(count="8"),
            broken(record(ip="192.0.2.2", count="2", spf="fail", dkim="fail", more=FORWARDED)),
            broken(record(ip="8.8.8.8", count="4", spf="fail", dkim="fail")),
        )
        identity = f"{organisation}-{days_ago}"
        answer = upload(gz(xml(*records, metadata=metadata(days_ago, organisation, identity))))
        assert answer.status_code == 201
    return visitor


def test_an_upload(upload: Upload) -> None:
    answer = upload(xml(record(), record(ip="192.0.2.9")), "google.com!example.com!1!2.xml")
    assert answer.status_code == 201
    body = answer.json
    assert (body["status"], body["message"]) == (
        "success",
        "Uploaded report for example.com from Receiver Inc.",
    )
    assert (body["records_count"], body["messages_count"], body["report_type"]) == (2, 4, "dmarc")
    assert isinstance(body["report_id"], int)
    again = upload(gz(xml(record(), record(ip="192.0.2.9"))))
    assert (again.status_code, again.json["status"]) == (200, "duplicate")
    assert again.json["message"] == "Report r-1 already exists"


def test_an_upload_of_several_reports(upload: Upload) -> None:
    packed = zipped(
        ("a.xml", xml().encode()), ("b.xml", xml().replace("r-1", "r-2").encode()), ("t.json", as_json(tls()))
    )
    body = upload(packed, "all.zip").json
    assert [(one["report_type"], one["records_count"]) for one in body["reports"]] == [
        ("dmarc", 1),
        ("dmarc", 1),
        ("tls", 1),
    ]
    assert body["report_id"] == body["reports"][0]["report_id"]


@pytest.mark.parametrize(("data", "status", "word"), [
    ("<feedback><broken", 400, "cut"), (b"", 400, "empty"), (b"\x89PNG\r\n", 415, "neither"),
    ("<html/>", 422, "not a DMARC"),
    (ARF, 422, "failure report about a single message"),
    (b"x" * (10 * 2**20 + 1), 413, "DMARC_MAX_UPLOAD_MB"),
    (gz("<feedback>" + " " * 201 * 2**20), 413, "DMARC_MAX_UNPACKED_MB"),
    (gz(xml())[:200], 400, "cut on its way"),
    (xml("<record/>" * 250_200), 413, "250,000 records"),
    (xml(record(count="-1")), 400, "count of a record"),
])  # fmt: skip
def test_refused_uploads(visitor: FlaskClient, upload: Upload, data: Any, status: int, word: str) -> None:
    answer = upload(data)
    assert (answer.status_code, list(answer.json)) == (status, ["detail"])
    assert word in answer.json["detail"]
    assert visitor.get("/api/dmarc/reports/all").json["total"] == 0


def test_an_upload_without_a_file(visitor: FlaskClient) -> None:
    for form in ({}, {"other": "x"}):
        answer = visitor.post("/api/dmarc/upload", data=form)
        assert (answer.status_code, "file" in answer.json["detail"]) == (400, True)
    assert visitor.get("/api/dmarc/upload").status_code == 405


def test_an_upload_that_is_cut_stores_nothing(visitor: FlaskClient) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xml"\r\n\r\n'
        + xml().encode()
        + b"\r\n--b--\r\n"
    )
    kind = "multipart/form-data; boundary=b"
    for end in (len(body) // 2, len(body) - 10, 60):
        answer = visitor.post("/api/dmarc/upload", data=body[:end], content_type=kind)
        assert 400 <= answer.status_code < 500
    assert visitor.get("/api/dmarc/reports/all").json["total"] == 0
    assert visitor.post("/api/dmarc/upload", data=body, content_type=kind).status_code == 201


def test_uploads_that_are_switched_off(make_app: Any) -> None:
    made = make_app(dmarc_manual_upload_enabled=False).test_client()
    assert made.post("/api/dmarc/upload", data={"file": (BytesIO(b"x"), "a")}).status_code == 403


def test_the_domains(filled: FlaskClient) -> None:
    body = filled.get("/api/dmarc/domains").json
    assert (body["total_domains"], body["total_messages"], body["total_unique_ips"]) == (1, 42, 3)
    assert (body["overall_dmarc_pass_pct"], body["overall_dmarc_compliant_pct"]) == (57.1, 57.1)
    [domain] = body["domains"]
    assert (domain["domain"], domain["report_count"], domain["policy_p"]) == ("example.com", 3, "none")
    assert (domain["last_report_date"], domain["first_report"]) == (midnight(1), midnight(2))
    assert (domain["spf_pass_pct"], domain["dkim_pass_pct"], domain["unique_ips"]) == (57.1, 57.1, 3)
    assert (domain["has_dmarc"], domain["has_tls"], domain["stats_30d"]["total_messages"]) == (
        True,
        False,
        42,
    )


def test_a_domain(filled: FlaskClient) -> None:
    body = filled.get("/api/dmarc/domains/Example.COM/overview").json
    assert (body["total_messages"], body["unique_ips"], body["unique_reporters"]) == (42, 3, 2)
    assert body["policy"]["p"] == "none"
    assert [(day["date"], day["total_messages"]) for day in body["daily_stats"]] == [
        (midnight(2), 28),
        (midnight(1), 14),
    ]
    assert any("forwarder" in item["text"] for item in body["advice"])
    assert any("unknown source" in item["text"] for item in body["advice"])
    assert filled.get("/api/dmarc/domains/example.com/overview?days=1").json["total_messages"] == 14


def test_signs_of_a_domain(visitor: FlaskClient, upload: Upload) -> None:
    for days_ago, ip, spf in ((3, "192.0.2.1", "pass"), (2, "192.0.2.1", "pass"), (1, "192.0.2.77", "fail")):
        rows = record(ip=ip, count="60", spf=spf, dkim=spf)
        upload(xml(rows, metadata=metadata(days_ago, identity=f"day-{days_ago}")))
    signs = visitor.get("/api/dmarc/domains/example.com/overview").json["signs"]
    assert [one["sign"] for one in signs] == ["failures up", "new source"]
    assert "192.0.2.77" in signs[1]["text"]
    assert "192.0.2.77" in visitor.get("/dmarc/example.com").text


def test_the_days_of_a_domain(filled: FlaskClient) -> None:
    body = filled.get("/api/dmarc/domains/example.com/reports?limit=1").json
    assert (body["total"], body["pages"], len(body["reports"])) == (2, 2, 1)
    assert body["reports"][0]["reporters"] == ["Google"]
    second = filled.get("/api/dmarc/domains/example.com/reports?limit=1&page=2").json["data"][0]
    assert (second["report_count"], second["unique_ips"], second["reporters"]) == (2, 3, ["Google", "Yahoo"])


@pytest.mark.parametrize("as_text", [True, False])
def test_one_day(filled: FlaskClient, as_text: bool) -> None:
    from datetime import UTC, datetime

    day = datetime.fromtimestamp(midnight(2), UTC).date().isoformat() if as_text else midnight(2)
    body = filled.get(f"/api/dmarc/domains/example.com/reports/{day}/details").json
    assert (body["total_messages"], len(body["reports"]), len(body["sources"])) == (28, 2, 3)
    assert {one["org_name"] for one in body["reports"]} == {"Google", "Yahoo"}


def test_the_sources(filled: FlaskClient) -> None:
    body = filled.get("/api/dmarc/domains/example.com/sources").json
    found = {one["source_ip"]: one for one in body["sources"]}
    assert [one["source_ip"] for one in body["sources"]] == ["192.0.2.1", "8.8.8.8", "192.0.2.2"]
    assert [found[ip]["class"] for ip in found] == ["authorised sender", "unknown or threat", "forwarder"]
    google = found["8.8.8.8"]
    assert (google["country_code"], google["country_name"], google["country_emoji"]) == (
        "US",
        "United States",
        "🇺🇸",
    )
    assert (google["total_count"], google["dmarc_pass"], google["dmarc_pass_pct"]) == (12, 0, 0.0)
    assert (google["first_seen"], google["last_seen"]) == (midnight(2), midnight(1))
    assert found["192.0.2.2"]["override_reasons"] == {"mailing_list": 6}


def test_one_source_by_reporter(filled: FlaskClient) -> None:
    body = filled.get("/api/dmarc/domains/example.com/sources/8.8.8.8/details").json
    assert [(one["org_name"], one["count"]) for one in body["records"]] == [
        ("Google", 4),
        ("Google", 4),
        ("Yahoo", 4),
    ]
    assert filled.get("/api/dmarc/domains/example.com/sources/192.0.2.99/details").status_code == 404


def test_rows_without_mail_have_no_rate(visitor: FlaskClient, upload: Upload) -> None:
    upload(xml(record(count="0"), metadata=metadata()))
    [domain] = visitor.get("/api/dmarc/domains").json["domains"]
    assert (domain["total_messages"], domain["unique_ips"], domain["dmarc_pass_pct"]) == (0, 0, None)
    assert visitor.get("/api/dmarc/domains/example.com/sources").json["sources"] == []


def test_one_report(filled: FlaskClient) -> None:
    number = filled.get("/api/dmarc/reports/all").json["data"][0]["id"]
    body = filled.get(f"/api/dmarc/reports/{number}").json
    assert (body["org_name"], body["records_count"], len(body["records"])) == ("Google", 3, 3)
    assert body["records"][1]["reasons"] == [{"type": "mailing_list"}]
    assert filled.get("/api/dmarc/reports/999999").status_code == 404


def test_tls_reports(visitor: FlaskClient, upload: Upload) -> None:
    assert upload(as_json(tls()), "t.json").json["report_type"] == "tls"
    since = "?days=365"
    listed = visitor.get(f"/api/dmarc/domains/example.com/tls-reports{since}").json
    daily = visitor.get(f"/api/dmarc/domains/example.com/tls-reports/daily{since}").json
    day = visitor.get("/api/dmarc/domains/example.com/tls-reports/2025-11-25/details").json
    assert day["stats"] == {
        "total_reports": 1,
        "total_providers": 1,
        "total_success": 8,
        "total_fail": 3,
        "total_sessions": 11,
        "success_rate": 72.73,
    }
    [policy] = day["providers"][0]["policies"]
    assert (policy["mx_host"], policy["policy_type"]) == ("mx.example.com", "sts")
    assert policy["failure_details"][0]["result_type"] == "certificate-expired"
    if listed["total"]:  # the sample's day is within a year of the day on which this runs
        assert listed["data"][0]["success_rate"] == 72.7
        assert daily["totals"]["total_successful_sessions"] == 8


@pytest.mark.parametrize(("path", "status"), [
    ("/api/dmarc/domains?days=0", 400), ("/api/dmarc/domains?days=366", 400),
    ("/api/dmarc/domains/nobody.example/overview", 404),
    ("/api/dmarc/domains/nobody.example/sources", 404),
    ("/api/dmarc/domains/nobody.example/tls-reports/daily", 404),
    ("/api/dmarc/domains/example.com/tls-reports/2026-13-45/details", 400),
    ("/api/dmarc/domains/example.com/reports/x/details", 400),
    ("/api/dmarc/domains/example.com/reports/2020-01-01/details", 404),
    ("/api/dmarc/domains/a%00b/overview", 400),
])  # fmt: skip
def test_what_is_asked_wrongly(visitor: FlaskClient, path: str, status: int) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, list(answer.json)) == (status, ["detail"])


def test_deleting_a_report(filled: FlaskClient, make_app: Any) -> None:
    number = next(
        one["id"] for one in filled.get("/api/dmarc/reports/all").json["data"] if one["org_name"] == "Yahoo"
    )
    path = f"/api/dmarc/reports/dmarc/{number}"
    assert filled.delete(path).status_code == 403
    allowed = make_app(dmarc_allow_report_delete=True).test_client()
    assert allowed.delete(path).status_code == 200
    assert allowed.delete(path).status_code == 404
    body = allowed.get("/api/dmarc/domains/example.com/sources").json
    assert [one["total_count"] for one in body["sources"]] == [16, 8, 4]
    assert allowed.get("/api/dmarc/domains").json["total_messages"] == 28
