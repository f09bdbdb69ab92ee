"""Blocklists: the addresses that send for us with their lists, and asking for a look; JSON and pages."""

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.blocklists import answers
from webapp.blocklists.overview import find_host, list_name, overview
from webapp.dnscheck.blocklist import progress
from webapp.errors import NotFound
from webapp.jobqueue import JobState, enqueue, job_states, waiting
from webapp.lists.page import given
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import is_fragment, page, settings

api = Blueprint("blocklists_api", __name__)
pages = Blueprint("blocklists_pages", __name__)

TAG = "Blocklists"
JOB = "blacklist_check"


@api.get("/api/blacklist/monitored")
@documented(TAG, answer=answers.Monitored)
def monitored() -> ResponseReturnValue:
    """The addresses that send for this server, with what every blocklist said last

    `status` is `listed` only on lists that matter; a whole provider's listing is counted as information. What
    a list did not answer is `error` or `timeout`, never `clean`.
    """
    return jsonify(answers.monitored(overview(db.session())))


@api.get("/api/blacklist/check")
@documented(TAG, query=answers.Asked, answer=answers.Checked, codes=(404,))
def checked() -> ResponseReturnValue:
    """One address with its lists, as looked up last

    Without `host`, or with `force=true`, a job is asked for a new look at all addresses.
    """
    asked = given(answers.Asked)
    if asked.force or asked.host is None:
        enqueue(JOB, settings())
    if asked.host is None:
        return jsonify(status="started", message="Background check started for all hosts")
    host = find_host(overview(db.session()), asked.host)
    if host is None:
        raise NotFound("This address is not looked up on blocklists")
    return jsonify(answers.checked(host))


@api.get("/api/blacklist/progress")
@documented(TAG, answer=answers.Running)
def how_far() -> ResponseReturnValue:
    """How far the look at the blocklists is"""
    return jsonify(answers.how_far(**_under_way()))


@api.get("/api/blacklist/config")
@documented(TAG, answer=answers.Configuration)
def configuration() -> ResponseReturnValue:
    """How many blocklists there are, and how old the last look is"""
    return jsonify(answers.configuration(overview(db.session())))


@api.get("/api/blacklist/summary")
@documented(TAG, answer=answers.Summary)
def summary() -> ResponseReturnValue:
    """All addresses in one answer"""
    return jsonify(answers.summary(overview(db.session())))


def _under_way() -> dict[str, Any]:
    works = job_states(settings())[JOB].status is JobState.RUNNING
    return {"running": progress.current(), "waits": works or JOB in waiting()}


@pages.get("/blocklists")
def list_page() -> ResponseReturnValue:
    """All addresses with their lists, the worst first."""
    found = overview(db.session())
    return page(
        "blocklists/list.html", "blocklists/_list.html", found=found, list_name=list_name, **_under_way()
    )


@pages.get("/blocklists/progress")
def progress_part() -> ResponseReturnValue:
    """How far the look is; opened directly, the list."""
    if not is_fragment():
        return redirect(url_for(".list_page"))
    return render_template("blocklists/_progress.html", **_under_way(), is_polled=True)


@pages.post("/blocklists/check")
def check_now() -> ResponseReturnValue:
    """Ask for a look now, and show how far it is."""
    enqueue(JOB, settings())
    if not is_fragment():
        return redirect(url_for(".list_page"), 303)
    return render_template("blocklists/_progress.html", running=None, waits=True)
