"""What a channel says: foreign text is shown and never works, links lead into this program only."""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from flask import Flask

from tests.alerts.conftest import MAIL
from webapp.alerts.compose import LONGEST_CHAT, MOST_IN_CHAT, Told, chat_text, mail_text, subject
from webapp.alerts.notice import Severity
from webapp.alerts.sending import mail_of

HOSTILE = (
    "x\r\nBcc: victim@example.org\r\n\r\n<img src=x onerror=1> <a href='http://evil.example'>y</a> {{7*7}}"
)


def told(
    title: str = "The queue is long", lines: tuple[str, ...] = ("Forty mails wait.",), **parts: object
) -> Told:
    given = {"key": title, "severity": Severity.WARNING, "link": "/queue", **parts}
    return Told(title=title, lines=lines, **given)  # type: ignore[arg-type]


@pytest.fixture
def make_mail(make_app: Callable[..., Flask]) -> Callable[..., EmailMessage]:
    """A function that makes the mail of one notice and reads it back from its bytes."""

    def make(one: Told, **fields: object) -> EmailMessage:
        app = make_app(smtp_host="h", **{**MAIL, **fields})
        with app.app_context():
            sent = mail_of(app.config["SETTINGS"], [one])
        return message_from_bytes(bytes(sent), policy=default)  # type: ignore[return-value]

    return make


def test_a_mail_has_a_text_and_an_html_part_with_a_link(make_mail: Callable[..., EmailMessage]) -> None:
    mail = make_mail(told(), app_url="https://logs.example.com")
    assert mail["Subject"] == "Mailcow Logs Viewer: The queue is long"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert text.splitlines() == [
        "Warning: The queue is long",
        "Forty mails wait.",
        "https://logs.example.com/queue",
    ]
    assert re.findall(r'href="([^"]+)"', html) == [
        "https://logs.example.com/queue",
        "https://logs.example.com/",
    ]
    assert "Forty mails wait." in html


def test_hostile_text_adds_neither_a_header_nor_markup_nor_a_link(
    make_mail: Callable[..., EmailMessage],
) -> None:
    mail = make_mail(told(HOSTILE, (HOSTILE,), link="/messages/a%22b"))
    assert (mail["Bcc"], mail["To"]) == (None, MAIL["admin_email"])
    assert "victim@example.org" in mail["Subject"]
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "://" not in text
    assert re.findall(r"<(?:img|a)\b|<[^>]*href|://", html) == []
    assert "&lt;img src=x" in html
    assert "{{7*7}}" in html


def test_several_are_told_with_the_gravest_in_the_subject() -> None:
    both = [told("first"), told("worst", severity=Severity.CRITICAL)]
    assert subject(both, "Viewer") == "Viewer: 2 notices, worst"
    assert mail_text(both, "").startswith(
        "Critical: worst\nForty mails wait.\nIn the viewer: /queue\n\nWarning: first"
    )


def test_a_chat_message_is_never_longer_than_a_service_takes() -> None:
    long = told(lines=tuple(f"{n} " + "x" * 300 for n in range(20)))
    one = chat_text([long], "")
    many = chat_text([told(f"t{n} " + "x" * 300) for n in range(MOST_IN_CHAT)], "https://l.example")
    assert "(and 15 more lines)" in one
    assert max(len(one), len(many)) <= LONGEST_CHAT + 100
    assert many.count("Warning: t") == MOST_IN_CHAT
    assert many.endswith("\nhttps://l.example/alerts/channels")


def test_a_notice_of_a_title_only_has_a_message() -> None:
    assert chat_text([told(lines=(), link="")], "") == "The queue is long"
