"""The status page with its cards, and the background jobs."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.jobqueue import STOPPED, enqueue
from webapp.lists.page import given
from webapp.lists.params import Paging
from webapp.status import background
from webapp.status.cards import CARDS, card
from webapp.tables.db import db
from webapp.web.page import is_fragment, page, settings

pages = Blueprint("status_pages", __name__)


@pages.get("/status")
def overview() -> ResponseReturnValue:
    """All cards."""
    return render_template("status/status.html", cards=[card(db.session(), name) for name in CARDS])


@pages.get("/status/cards/<name>")
def one_card(name: str) -> ResponseReturnValue:
    """One card, for its refresh; opened directly, the whole page."""
    if name not in CARDS:
        raise NotFound("There is no such card")
    return card(db.session(), name) if is_fragment() else overview()


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
    return render_template(
        "status/job.html",
        job=found,
        history=background.runs(db.session(), name, given(Paging).page),
        stopped=STOPPED,
    )


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
