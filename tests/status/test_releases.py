"""Releases are asked for by a job, and in a request only by who insists."""

import pytest

from jobs.tasks import check_app_version
from tests.status.github import OURS, release
from webapp.config import VERSION, load_settings
from webapp.status import releases
from webapp.status.releases import is_newer


@pytest.mark.parametrize(
    ("latest", "current", "newer"),
    [
        ("1.4.9", "1.4.9", False),
        ("v1.4.10", "1.4.9", True),
        ("1.4.9", "1.5.0", False),
        ("2.0", "1.9.9", True),
        ("2026-07b", "2026-07a", True),
        ("2026-07a", "2026-07", True),
        ("2026-07", "2026-07a", False),
        ("2027-01", "2026-12c", True),
        ("2026-07a", "3f2a91c", False),
        (None, "1.0.0", False),
        ("1.0.0", None, False),
    ],
)
def test_versions_are_compared_by_their_numbers(latest, current, newer):
    assert is_newer(latest, current) is newer


def test_the_job_learns_of_both_projects(site, github):
    client = site.test_client()
    assert check_app_version() == "success"
    ours = client.get("/api/status/app-version").json
    assert (ours["current_version"], ours["latest_version"], ours["update_available"]) == (
        VERSION,
        "9.1.0",
        True,
    )
    assert ours["changelog"].startswith("### Added")
    assert ours["last_checked"].endswith("Z")
    assert client.get("/api/status/version").json["latest_version"] == "2026-07b"


def test_drafts_and_pre_releases_do_not_count(site, github):
    github.releases[OURS] = [
        release("v10.0.0-rc1", "2026-05-01T00:00:00Z", prerelease=True),
        release("v11.0.0", "2026-06-01T00:00:00Z", draft=True),
        *github.releases[OURS],
    ]
    check_app_version()
    assert site.test_client().get("/api/status/app-version").json["latest_version"] == "9.1.0"


def test_no_request_asks_github(site, github):
    client = site.test_client()
    for path in (
        "/api/status/app-version",
        "/api/status/version",
        "/api/status/app-version/changelog/1.4.6",
        "/status",
        "/settings",
    ):
        client.get(path)
    assert github.asked == 0


def test_who_insists_gets_a_fresh_answer(site, github):
    assert site.test_client().get("/api/status/app-version?force=true").json["latest_version"] == "9.1.0"
    assert github.asked == 2


@pytest.mark.parametrize(("status", "words"), [(500, "status 500"), (403, "rate limit"), (404, "status 404")])
def test_a_failure_is_clear_and_the_last_answer_stays(site, github, status, words):
    client = site.test_client()
    check_app_version()
    github.status = status
    refused = client.get("/api/status/app-version?force=true")
    assert refused.status_code == 502
    assert words in refused.json["detail"]
    after = client.get("/api/status/app-version").json
    assert after["latest_version"] == "9.1.0"
    assert words in after["error"]


def test_insisting_does_not_wait_for_long(site, github, monkeypatch):
    github.silent = True
    monkeypatch.setattr(releases, "SHORT_PATIENCE", 0.2)
    answer = site.test_client().get("/api/status/app-version?force=true")
    assert (answer.status_code, "did not answer within 0.2 s" in answer.json["detail"]) == (502, True)


def test_something_that_is_no_json_is_a_failure(site, github):
    github.releases[OURS] = b"<html>"
    assert "not JSON" in check_app_version()


@pytest.mark.parametrize("version", ["9.0.0", "v9.0.0"])
def test_a_changelog_is_found_with_and_without_v(site, version):
    check_app_version()
    assert site.test_client().get(f"/api/status/app-version/changelog/{version}").json == {
        "version": "9.0.0",
        "changelog": "Less",
    }


def test_an_unknown_changelog_is_not_found(site):
    answer = site.test_client().get("/api/status/app-version/changelog/0.0.1")
    assert (answer.status_code, answer.json["version"], answer.json["changelog"]) == (404, "0.0.1", None)


@pytest.mark.parametrize("word", ["off", "OFF", "none"])
def test_a_word_switches_the_check_off(make_app, github, monkeypatch, word):
    app = make_app(app_update_repo=word, github_api_url=github.url)
    monkeypatch.setattr("jobs.run.application", lambda: app)
    assert check_app_version() == "success"
    answer = app.test_client().get("/api/status/app-version").json
    assert (github.asked, answer["enabled"], answer["latest_version"]) == (0, False, None)


def test_an_empty_variable_switches_the_check_off(monkeypatch):
    monkeypatch.setenv("APP_UPDATE_REPO", "")
    assert load_settings(_env_file=None).app_update_repo == ""


def test_an_empty_line_in_the_file_switches_the_check_off(tmp_path):
    (tmp_path / ".env").write_text("APP_UPDATE_REPO=\n", encoding="utf-8")
    assert load_settings(_env_file=tmp_path / ".env").app_update_repo == ""


def test_an_absent_variable_does_not():
    assert load_settings(_env_file=None).app_update_repo
