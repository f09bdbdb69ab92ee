"""The state of things: /api/health, /api/info, /api/status/*, the status page and the background jobs.

NotedSign from snapshots, so that no answer waits for mailcow or GitHub.
"""

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.jobqueue import STOPPED, enqueue
from webapp.lists.page import given
from webapp.status import background, queries, releases
from webapp.status.answers import (
    AppVersionAnswer,
    ChangelogAnswer,
    ConnectionAnswer,
    ContainersAnswer,
    Force,
    HealthAnswer,
    InfoAnswer,
    MailcowInfoAnswer,
    MailcowVersionAnswer,
    StorageAnswer,
    SummaryAnswer,
    UnknownChangelog,
)
from webapp.status.cards import CARDS
from webapp.status.lists import RUNS, RunFilter
from webapp.tables.db import db
from webapp.web.cards import rendered
from webapp.web.openapi import documented
from webapp.web.page import is_fragment, page, settings, visitor
from webapp.web.visitor import require_operator

api = Blueprint("status_api", __name__)
pages = Blueprint("status_pages", __name__)


@api.get("/api/health")
@documented("Health", answer=HealthAnswer, codes=(503,))
def health() -> ResponseReturnValue:
    """Health check for monitoring and load balancers

    Public. With authentication on, `config` is shown only to those who log in. 503 with the same keys where
    the database does not answer; Redis away is told and is not unhealthy.
    """
    may_know = not settings().auth_enabled or visitor() is not None
    found = queries.health(db.session(), settings(), may_know)
    return jsonify(found), 200 if found.status == queries.HEALTHY else 503


@api.get("/api/info")
@documented("Health", answer=InfoAnswer)
def info() -> ResponseReturnValue:
    """Application information and configuration"""
    return jsonify(queries.information(db.session(), settings()))


@api.get("/api/status/containers")
@documented("Status", answer=ContainersAnswer)
def containers() -> ResponseReturnValue:
    """mailcow's containers

    As a job took them last: `age_seconds` ago; `error` says why there is nothing newer.
    """
    return jsonify(queries.containers(db.session()))


@api.get("/api/status/storage")
@documented("Status", answer=StorageAnswer)
def storage() -> ResponseReturnValue:
    """How full mailcow's mail volume is"""
    return jsonify(queries.storage(db.session()))


@api.get("/api/status/version")
@documented("Status", answer=MailcowVersionAnswer)
def version() -> ResponseReturnValue:
    """mailcow's version and its latest release"""
    return jsonify(releases.mailcow_version(db.session()))


@api.get("/api/status/app-version")
@documented("Status", query=Force, answer=AppVersionAnswer, codes=(502,))
def app_version() -> ResponseReturnValue:
    """This program's version and its latest release

    NotedSign from the last check, which a job makes every six hours. `force=true` asks GitHub now.
    """
    if given(Force).force:
        require_operator()
        for _ in releases.check(db.session(), settings(), releases.SHORT_PATIENCE):
            db.session.commit()
    return jsonify(releases.app_version(db.session(), settings()))


@api.get("/api/status/app-version/changelog/<version>")
@documented("Status", answer=ChangelogAnswer, codes=(404,))
def changelog(version: str) -> ResponseReturnValue:
    """The changelog of one release, in Markdown

    The latest 30 releases are known, from the last check.
    """
    found = releases.changelog(db.session(), settings(), version)
    return jsonify(found), 404 if isinstance(found, UnknownChangelog) else 200


@api.get("/api/status/mailcow-connection")
@documented("Status", answer=ConnectionAnswer)
def mailcow_connection() -> ResponseReturnValue:
    """Whether mailcow answered when it was last asked"""
    return jsonify(queries.connection_state())


@api.get("/api/status/mailcow-info")
@documented("Status", answer=MailcowInfoAnswer)
def mailcow_info() -> ResponseReturnValue:
    """How many domains, mailboxes and aliases mailcow has"""
    return jsonify(queries.mailcow_info(db.session()))


@api.get("/api/status/summary")
@documented("Status", answer=SummaryAnswer)
def summary() -> ResponseReturnValue:
    """Containers, storage and counts in one answer"""
    return jsonify(queries.summary(db.session()))


@pages.get("/status")
def overview() -> ResponseReturnValue:
    """All cards."""
    return render_template(
        "status/status.html", cards=[rendered(db.session(), card) for card in CARDS.values()]
    )


@pages.get("/status/cards/<name>")
def one_card(name: str) -> ResponseReturnValue:
    """One card, for its refresh; opened directly, the whole page."""
    if name not in CARDS:
        raise NotFound("There is no such card")
    return rendered(db.session(), CARDS[name]) if is_fragment() else overview()


@pages.get("/status/jobs")
def job_list() -> ResponseReturnValue:
    """Every background job with its state."""
    return page("status/jobs.html", "status/_job_list.html", jobs=background.jobs(db.session(), settings()))


def _job(name: str) -> background.Job:
    found = background.find_job(db.session(), settings(), name)
    if found is None:
        raise NotFound("There is no such job")
    return found


@pages.get("/status/jobs/<name>")
def job(name: str) -> ResponseReturnValue:
    """One job with the history of its runs."""
    found = _job(name)
    history = RUNS.search(db.session(), given(RunFilter, name=name))
    return render_template(RUNS.template, job=found, history=history, stopped=STOPPED)


@pages.get("/status/jobs/<name>/state")
def job_state(name: str) -> ResponseReturnValue:
    """One job's row, for watching it run; opened directly, the job's page."""
    return (
        render_template("status/_job.html", job=_job(name))
        if is_fragment()
        else redirect(url_for(".job", name=name))
    )


@pages.post("/status/jobs/<name>/run")
def run_job(name: str) -> ResponseReturnValue:
    """Put the job into the queue, and show it waiting."""
    if not _job(name).is_built:
        raise NotFound("This version has no such job")
    enqueue(name, settings())
    return job_state(name) if is_fragment() else redirect(url_for(".job_list", _anchor=f"job-{name}"), 303)
