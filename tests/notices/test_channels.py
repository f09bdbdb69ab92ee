"""The page and the API of the channels: their last results, tests, and no secret anywhere."""

import logging
from typing import Any

import pytest

from tests.alerts.conftest import Desk, notice
from tests.alerts.webhook import Webhook
from tests.mailqueue.conftest import token
from tests.mailservers.smtp import MailServer
from tests.notices.conftest import SECRETS, get, in_own_process
from webapp.alerts import chat, watched
from webapp.jobqueue import waiting
from webapp.tables.db import db

FRAGMENT = {"HX-Request": "true"}


def channels(desk: Desk) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in get(desk, "/api/alerts/channels").json["channels"]}


def test_channels_are_told_with_their_last_results(desk: Desk, hook: Webhook) -> None:
    assert {name: (one["state"], one["kinds"]) for name, one in channels(desk).items()} == {
        "mail": ("untried", []),
        "json": ("untried", ["dns"]),
    }
    hook.status = 503
    desk.put(notice("a", "dns"))
    desk.run()
    found = channels(desk)
    assert (found["mail"]["state"], found["mail"]["waiting"]) == ("works", 0)
    assert (found["json"]["state"], found["json"]["waiting"]) == ("fails", 1)
    assert "503" in found["json"]["last_error"]
    assert found["json"]["next_try"] > found["json"]["last_attempt"]


def test_a_test_by_the_api_tells_how_it_went(desk: Desk, post: MailServer, working: None) -> None:
    client = desk.app.test_client()
    answer = client.post("/api/alerts/channels/test", json={"channel": "mail"})
    assert (answer.status_code, answer.json["success"], answer.json["error"]) == (200, True, None)
    assert post.inbox.messages[0]["Subject"] == "Mailcow Logs Viewer: Test of Mail"
    post.inbox.refused = {"admin@example.com": "550 5.7.1 Not you"}
    answer = client.post("/api/alerts/channels/test", json={"channel": "mail"})
    assert (answer.json["success"], answer.json["status"]) == (False, "closed")
    assert "550" in answer.json["error"]
    desk.wait()
    assert desk.run().sent == 0
    assert len(post.inbox.messages) == 1


@pytest.mark.parametrize(("body", "code"), [({"channel": "nobody"}, 404), ({}, 400), ({"channel": 5}, 400)])
def test_a_test_of_no_channel_is_refused(desk: Desk, body: dict[str, object], code: int) -> None:
    answer = desk.app.test_client().post("/api/alerts/channels/test", json=body)
    assert (answer.status_code, "detail" in answer.json) == (code, True)


def test_the_page_tells_how_each_channel_fares_and_what_was_told(desk: Desk, hook: Webhook) -> None:
    assert "Nothing yet" in get(desk, "/alerts/channels").text
    hook.status = 500
    desk.put(notice("a", "dns", "<b>hostile</b>"), notice("b", "disk"))
    desk.run()
    text = get(desk, "/alerts/channels").text
    for words in (
        "Webhook (JSON)",
        "Works",
        "Fails",
        "1 attempt failed",
        "&lt;b&gt;hostile&lt;/b&gt;",
        "hx-trigger",
    ):
        assert words in text
    assert "<html" not in get(desk, "/alerts/channels", headers=FRAGMENT).text


def test_a_test_by_the_page_is_asked_for_and_shown_on_its_way(desk: Desk) -> None:
    client = desk.app.test_client()
    form = {"csrf_token": token(client, "/alerts/channels")}
    assert client.post("/alerts/channels/mail/test").status_code == 400
    assert client.post("/alerts/channels/mail/test", data=form).status_code == 303
    with desk.app.app_context():
        assert "deliver_notices" in waiting()
    assert "on its way" in client.post("/alerts/channels/mail/test", data=form, headers=FRAGMENT).text


def test_no_secret_is_on_a_page_in_an_answer_or_in_a_log(
    desk: Desk, hook: Webhook, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(chat, "in_own_process", in_own_process)
    hook.status = 500
    desk.put(notice("a", "dns"))
    desk.run()
    paths = (
        "/alerts/channels",
        "/api/alerts/channels",
        "/api/alerts/notices",
        "/settings",
        "/api/settings/info",
    )
    shown = "".join(get(desk, path).text for path in paths) + caplog.text + str(desk.deliveries())
    assert "500" in shown
    assert [secret for secret in SECRETS if secret in shown] == []


def test_notices_are_listed_by_kind_with_their_ways(desk: Desk) -> None:
    desk.put(notice("a", "disk"), notice("b", "queue_length"))
    desk.run()
    found = get(desk, "/api/alerts/notices?kind=disk").json
    assert (found["total"], [one["key"] for one in found["data"]]) == (1, ["a"])
    assert [(way["channel"], way["state"]) for way in found["data"][0]["deliveries"]] == [("mail", "sent")]


def test_a_kind_that_no_notice_has_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No notice is ever" not in get(desk, "/alerts/channels").text
    wrong = desk.settings.model_copy(update={"alert_mail_kinds": ("disk", "dsik")})
    monkeypatch.setitem(desk.app.config, "SETTINGS", wrong)
    assert "No notice is ever of the kind dsik" in get(desk, "/alerts/channels").text


def test_mail_that_is_switched_on_without_a_recipient_says_what_is_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "none is sent without" not in get(desk, "/alerts/channels").text
    nobody = desk.settings.model_copy(update={"admin_email": ""})
    monkeypatch.setitem(desk.app.config, "SETTINGS", nobody)
    assert "none is sent without ADMIN_EMAIL" in get(desk, "/alerts/channels").text


def test_without_a_channel_the_page_says_what_to_set(app: Any) -> None:
    text = app.test_client().get("/alerts/channels").text
    assert "Notices go nowhere" in text
    assert "ALERT_URLS" in text


@pytest.mark.parametrize(
    ("smtp", "mailcow", "networks", "same"),
    [
        ("mail.example", "https://MAIL.example", (), True),
        ("localhost", "http://127.0.0.1:8080", (), True),
        ("localhost", "http://192.0.2.1", ("127.0.0.0/8",), True),
        ("127.0.0.1", "http://192.0.2.1", (), False),
        ("no-such-host.invalid", "http://other.invalid", (), False),
    ],
)
def test_the_watched_server_is_known_by_name_address_and_network(
    desk: Desk, smtp: str, mailcow: str, networks: tuple[str, ...], same: bool
) -> None:
    changed = {"smtp_host": smtp, "mailcow_url": mailcow, "mailcow_networks": networks}
    assert watched.is_mailcow(desk.settings.model_copy(update=changed)) is same


def test_mail_through_the_watched_server_alone_is_warned_of(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_mail = {"alert_urls": (), "mailcow_url": "http://127.0.0.1:1"}
    desk.run(**only_mail)
    monkeypatch.setitem(desk.app.config, "SETTINGS", desk.settings.model_copy(update=only_mail))
    warning = get(desk, "/api/alerts/channels").json["warning"]
    assert "sends through the very mail server that is watched" in warning
    assert warning in get(desk, "/alerts/channels").text
    with desk.app.app_context():
        assert not watched.look(
            db.session(), desk.app.config["SETTINGS"]
        )  # fresh: the name is not asked again
    monkeypatch.setitem(
        desk.app.config, "SETTINGS", desk.settings.model_copy(update={"mailcow_url": "http://127.0.0.1:1"})
    )
    assert get(desk, "/api/alerts/channels").json["warning"] is None


def test_a_mailbox_on_the_watched_server_is_warned_of_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do("INSERT INTO mailcow_domains VALUES ('example.com', 'domain', true, now())")
    only_mail = {"alert_urls": (), "mailcow_url": "http://192.0.2.1"}
    monkeypatch.setitem(desk.app.config, "SETTINGS", desk.settings.model_copy(update=only_mail))
    assert "whose mailbox is on the very server" in get(desk, "/alerts/channels").text
