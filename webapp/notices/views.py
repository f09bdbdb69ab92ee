"""Channels and their tests, notices with their ways; JSON and pages."""

from typing import Any

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.alerts import trial
from webapp.alerts.watched import dependence
from webapp.jobqueue import enqueue
from webapp.lists.answer import list_answer
from webapp.lists.page import given
from webapp.notices import queries
from webapp.notices.answers import (
    ChannelsAnswer,
    NoticesAnswer,
    TestAnswer,
    TestRequest,
    trial_answer,
    warning,
)
from webapp.notices.lists import NoticeFilter
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import is_fragment, page, settings

api = Blueprint("notices_api", __name__)
pages = Blueprint("notices_pages", __name__)
TAG = "Alerts"
PATIENCE = 25.0  # seconds that the API waits for a test


@api.get("/api/alerts/channels")
@documented(TAG, answer=ChannelsAnswer)
def channel_list() -> ResponseReturnValue:
    """The channels of notices, each with its last result

    Never with a URL of ALERT_URLS: there are secrets in it.
    """
    return jsonify(queries.all_channels(db.session(), settings()))


@api.get("/api/alerts/notices")
@documented(TAG, query=NoticeFilter, answer=NoticesAnswer)
def notice_list() -> ResponseReturnValue:
    """What was told, newest first, with its way to each channel"""
    return jsonify(list_answer(queries.notices(db.session(), given(NoticeFilter))))


def _begin(name: str) -> str:
    """Ask for the test of a channel; returns its key."""
    key = trial.begin(db.session(), queries.get_channel(settings(), name))
    db.session.commit()
    enqueue(trial.JOB, settings())
    return key


@api.post("/api/alerts/channels/test")
@documented(TAG, body=TestRequest, answer=TestAnswer, codes=(400, 404))
def test_channel() -> ResponseReturnValue:
    """Send a test on one channel

    Waits up to 25 seconds for the job that sends it; 202 where it is not over by then.
    """
    key = _begin(TestRequest.model_validate(request.get_json(silent=True) or {}).channel)
    found = trial.await_end(db.session(), key, PATIENCE)
    return jsonify(trial_answer(found)), 200 if found.is_over else 202


def _shown(**more: Any) -> ResponseReturnValue:
    chosen = given(NoticeFilter)
    return page(
        "notices/channels.html",
        "notices/_channels.html",
        states=queries.states(db.session(), settings()),
        warning=warning(dependence(db.session(), settings())),
        app_url=settings().app_url,
        kinds=queries.kinds(),
        missing=queries.missing_for_mail(settings()),
        unknown=queries.unknown_kinds(settings()),
        found=queries.notices(db.session(), chosen),
        **more,
    )


@pages.get("/alerts/channels")
def channels() -> ResponseReturnValue:
    """Every channel with its last result, and what was sent."""
    return _shown()


@pages.post("/alerts/channels/<name>/test")
def test(name: str) -> ResponseReturnValue:
    """Send a test, and show the channels while it is on its way."""
    _begin(name)
    return _shown() if is_fragment() else redirect(url_for(".channels"), 303)
