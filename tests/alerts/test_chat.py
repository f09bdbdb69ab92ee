"""Messages to chat services by apprise: told as data, bounded, and no secret of a URL comes back."""

import ast
import json
from collections.abc import Callable, Iterator

import pytest

from tests.alerts.conftest import Desk, notice
from tests.alerts.webhook import Webhook
from webapp.alerts import chat, chatchild
from webapp.alerts.chat import NotSent, send, without_secrets
from webapp.alerts.chatchild import MEMORY, Order
from webapp.config import ROOT

SECRETS = ("s3cret-user", "s3cret-pass", "T0KEN-T0KEN")


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """apprise works in this process: starting another one costs a second."""
    monkeypatch.setattr(chat, "in_own_process", chatchild.send)


def url(hook: Webhook) -> str:
    return f"json://s3cret-user:s3cret-pass@{hook.place}/hook/T0KEN-T0KEN"


def order(url: str, seconds: float = 5) -> Order:
    return Order(url, "Viewer", "Title", "Body", "warning", seconds)


def test_a_notice_reaches_a_webhook_once_and_is_tried_again_after_a_failure(
    make_desk: Callable[..., Desk], hook: Webhook
) -> None:
    desk = make_desk(alert_urls=f"dns={url(hook)}", app_url="https://logs.example.com/")
    desk.put(notice("a", "dns", "@everyone <!here> look"), notice("b", "disk"))
    hook.status = 500
    assert desk.run().failed == 1
    (row,) = desk.deliveries()
    assert (row["channel"], "500" in row["last_error"]) == ("json", True)
    assert not [secret for secret in (*SECRETS, hook.place) if secret in str(row)]
    hook.status = 200
    desk.wait()
    assert (desk.run().sent, desk.run().sent) == (1, 0)
    assert len(hook.bodies) == 2
    assert hook.paths[-1] == "/hook/T0KEN-T0KEN"
    sent = hook.bodies[-1]
    assert sent["type"] == "warning"
    assert "@everyone" not in sent["title"]
    assert "<" not in sent["title"]
    assert sent["message"] == "Forty mails wait.\nhttps://logs.example.com/queue"


@pytest.mark.parametrize("status", [0, 302])
def test_a_service_that_does_not_take_it_is_told_without_the_url(
    here: None, hook: Webhook, status: int
) -> None:
    hook.status = status
    with pytest.raises(NotSent) as refusal:
        send(order(url(hook)))
    assert not [secret for secret in (*SECRETS, str(hook.port)) if secret in str(refusal.value)]
    assert not refusal.value.is_final
    assert len(hook.bodies) == 1


def test_an_answer_without_end_costs_neither_time_nor_memory(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.answer = bytes(MEMORY)
    with pytest.raises(NotSent):
        send(order(url(hook)))


def test_a_process_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch, hook: Webhook) -> None:
    monkeypatch.setattr(chat, "GRACE", 0.01 - 5)
    with pytest.raises(NotSent, match="took longer"):
        send(order(url(hook)))


@pytest.mark.parametrize("bad", ["slack://T0KEN-T0KEN", "json://127.0.0.1:1/T0KEN-T0KEN"])
def test_what_apprise_cannot_use_is_told_without_the_url(here: None, bad: str) -> None:
    with pytest.raises(NotSent) as refusal:
        send(order(bad))
    assert "T0KEN" not in str(refusal.value)


@pytest.mark.parametrize(
    "kind", ["mmost://{}/T0KENT0KENT0KENT0KENT0KEN1", "gotify://{}/T0KEN", "ntfy://{}/topic"]
)
def test_a_stranger_mentions_nobody_and_links_nothing_in_any_service(
    make_desk: Callable[..., Desk], here: None, hook: Webhook, kind: str
) -> None:
    hook.answer = b"{}"
    desk = make_desk(alert_urls=kind.format(hook.place), app_url="https://logs.example.com")
    hostile = "<!here> @everyone [safe](http://evil.example) <http://evil.example|x> **x**"
    desk.put(notice("a", title=hostile, lines=(hostile,)))
    assert desk.run().sent == 1
    sent = json.dumps(hook.bodies, ensure_ascii=False)
    assert "evil.example" in sent
    assert [part for part in ("<!", "@everyone", "](", "http:/", "**") if part in sent] == []
    assert sent.count("https://logs.example.com/queue") == 1


def test_parts_of_a_url_are_secret_as_they_are_and_decoded() -> None:
    said = without_secrets("no host abc%20defg: abc defg, at tok?x=y", "x://abc%20defg/tok")
    assert said == "no host ••••••••: ••••••••, at tok?x=y"


def test_apprise_is_loaded_where_a_message_is_sent_only() -> None:
    """It takes long to load, and reads whole answers."""
    loading = [
        path for path in (ROOT / "webapp").rglob("*.py") if "apprise import" in path.read_text("utf-8")
    ]
    assert [path.name for path in loading] == ["chatchild.py"]
    top = ast.parse(loading[0].read_text("utf-8")).body
    assert not [node for node in top if isinstance(node, ast.ImportFrom) and node.module == "apprise"]
