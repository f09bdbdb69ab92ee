"""/api/settings/info, /api/settings/health, and the page with the whole configuration as it is in force."""

from collections.abc import Iterator

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.settings import mailtest, queries
from webapp.settings.answers import HealthAnswer, ImapTestAnswer, InformationAnswer, MailTest, SmtpTestAnswer
from webapp.settings.catalogue import catalogue
from webapp.settings.mailtest import Subject
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import is_fragment, page, settings, streamed

api = Blueprint("settings_api", __name__)
pages = Blueprint("settings_pages", __name__)


@api.get("/api/settings/info")
@documented("Settings", answer=InformationAnswer)
def info() -> ResponseReturnValue:
    """Configuration, imports, correlation and background jobs"""
    return jsonify(queries.information(db.session(), settings()))


@api.get("/api/settings/health")
@documented("Settings", answer=HealthAnswer, codes=(503,))
def health() -> ResponseReturnValue:
    """Whether the parts answer, and how fast

    `degraded`: Redis does not answer, or no worker does.
    """
    return jsonify(queries.health(db.session()))


@api.post("/api/settings/test/smtp")
@documented("Settings", answer=SmtpTestAnswer, codes=(409,))
def test_smtp() -> ResponseReturnValue:
    """Send a mail to ADMIN_EMAIL, with a line for each step

    Takes 25 seconds at most; a test that fails answers 200 with `success: false`, and its last line says why.
    """
    told = list(mailtest.lines(Subject.SMTP, settings()))
    return jsonify(MailTest(success=mailtest.is_good(told), logs=told))


@api.post("/api/settings/test/imap")
@documented("Settings", answer=ImapTestAnswer, codes=(409,))
def test_imap() -> ResponseReturnValue:
    """Look into the mailbox of the reports, with a line for each step; nothing in it is changed

    Takes 25 seconds at most; a test that fails answers 200 with `success: false`, and its last line says why.
    """
    told = list(mailtest.lines(Subject.IMAP, settings()))
    return jsonify(MailTest(success=mailtest.is_good(told), logs=told))


@pages.post("/settings/test/<any(smtp, imap):subject>")
def test_page(subject: str) -> ResponseReturnValue:
    """The same as a page that grows by a line with each step."""
    config = settings()
    told = _with_database_free(mailtest.lines(Subject(subject), config))
    return streamed("settings/test.html", subject=subject, recipient=config.admin_email, lines=told)


def _with_database_free(told: Iterator[str]) -> Iterator[str]:
    """The lines, with the connection given back that the head of the page was read by."""
    db.session.rollback()
    yield from told


@pages.get("/settings/test/<any(smtp, imap):subject>")
def test_again(subject: str) -> ResponseReturnValue:
    """A test is begun by its button only."""
    return redirect(url_for(".overview", _anchor=f"test-{subject}"))


@pages.get("/settings")
def overview() -> ResponseReturnValue:
    """Every setting, or only those that differ from their defaults."""
    sections = catalogue(settings())
    changed = request.args.get("only") == "changed"
    shown = [(name, [one for one in found if one.is_changed or not changed]) for name, found in sections]
    return render_template(
        "settings/settings.html",
        sections=[part for part in shown if part[1]],
        only_changed=changed,
        total=sum(len(found) for _, found in sections),
        changes=sum(one.is_changed for _, found in sections for one in found),
        health=queries.health(db.session()),
        maxmind=queries.maxmind(settings().geoip_folder),
        config=settings(),
    )


@pages.get("/settings/health")
def health_part() -> ResponseReturnValue:
    """Whether the parts answer, and how fast; opened directly, the whole page."""
    if not is_fragment():
        return overview()
    return page(
        "settings/_health.html",
        "settings/_health.html",
        health=queries.health(db.session()),
        maxmind=queries.maxmind(settings().geoip_folder),
    )
