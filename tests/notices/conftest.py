"""A viewer with channels on loopback, whose jobs run in this process."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

import jobs.run
from jobs.tasks import deliver_notices
from tests.alerts.conftest import MAIL, Desk, post  # noqa: F401
from tests.alerts.webhook import Webhook
from tests.mailservers.smtp import MailServer
from webapp.alerts import chat, chatchild, trial

in_own_process = chat.in_own_process
SECRETS = ("s3cret-pass", "T0KEN-T0KEN")


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


@pytest.fixture
def desk(
    make_app: Callable[..., Flask],
    post: MailServer,  # noqa: F811
    hook: Webhook,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """Mail and a webhook for DNS; a job that is asked for is done at once."""
    urls = f"dns=json://me:s3cret-pass@{hook.place}/T0KEN-T0KEN"
    made = Desk(make_app(**MAIL, **post.at, alert_urls=urls, app_url="https://logs.example.com"))
    monkeypatch.setattr(jobs.run, "application", lambda: made.app)
    monkeypatch.setattr(chat, "in_own_process", chatchild.send)  # starting one costs a second
    return made


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that does the job whenever somebody waits for it."""
    monkeypatch.setattr(trial.time, "sleep", lambda _: deliver_notices())


def get(desk: Desk, path: str, **options: Any) -> Any:
    return desk.app.test_client().get(path, **options)
