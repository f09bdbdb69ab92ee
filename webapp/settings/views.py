"""/api/settings, /api/settings/info, /api/settings/health, and the pages of the whole configuration."""

from collections.abc import Iterator

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from webapp.mailcow.audit import recent
from webapp.settings import change, mailtest, queries
from webapp.settings.answers import (
    HealthAnswer,
    ImapTestAnswer,
    InformationAnswer,
    MailTest,
    SettingsAnswer,
    SettingsChange,
    SmtpTestAnswer,
    settings_answer,
)
from webapp.settings.form import all_settings, form_of, submit
from webapp.settings.live import Live
from webapp.settings.mailtest import Subject
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import is_fragment, page, settings, streamed, visitor
from webapp.web.visitor import may_act, require_operator

api = Blueprint("settings_api", __name__)
pages = Blueprint("settings_pages", __name__)
TRAIL = 20  # entries of the record of changes


def _live() -> Live:
    found: Live = current_app.extensions["settings"]
    return found


def _editable() -> Live:
    """The settings of this process; raises Forbidden where none may be changed here."""
    require_operator()
    if not _live().may_edit:
        raise Forbidden("Settings can be changed here with SETTINGS_EDIT_VIA_UI_ENABLED=true only")
    return _live()


def _who() -> change.Person:
    return change.Person(visitor(), request.remote_addr)


def _take_over() -> None:
    """Commit, and let this process have the new settings at once."""
    db.session.commit()
    _live().look(db.engine, at_once=True)


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


@api.get("/api/settings")
@documented("Settings", answer=SettingsAnswer)
def every_setting() -> ResponseReturnValue:
    """Every setting, where its value comes from, and why it cannot be changed here where it cannot

    No secret is told, only whether it is set.
    """
    return jsonify(settings_answer(all_settings(db.session.connection(), _live()), _live().may_edit))


@api.post("/api/settings")
@documented("Settings", body=SettingsChange, answer=SettingsAnswer, codes=(400, 403))
def change_settings() -> ResponseReturnValue:
    """Change settings, all or none

    `changes` maps names to values; null goes back to the default. What is set in the environment or in .env
    wins and cannot be changed. Needs SETTINGS_EDIT_VIA_UI_ENABLED=true. Pages have the new values at once,
    jobs with their next run.
    """
    wanted = SettingsChange.model_validate(request.get_json(silent=True) or {}).texts()
    change.change(db.session.connection(), _editable().base, wanted, _who())
    _take_over()
    return every_setting()


@pages.get("/settings")
def overview() -> ResponseReturnValue:
    """Every setting, or only those that differ from their defaults."""
    sections = all_settings(db.session.connection(), _live())
    changed = request.args.get("only") == "changed"
    shown = [(name, [one for one in found if one.is_changed or not changed]) for name, found in sections]
    return render_template(
        "settings/settings.html",
        sections=[part for part in shown if part[1]],
        only_changed=changed,
        total=sum(len(found) for _, found in sections),
        changes=sum(one.is_changed for _, found in sections for one in found),
        may_edit=_live().may_edit and may_act(),
        saved=request.args.get("saved"),
        left_aside=_live().left_aside,
        trail=recent(db.session(), change.ACTION, TRAIL) if _live().may_edit else [],
        health=queries.health(db.session()),
        maxmind=queries.maxmind(settings().geoip_folder),
        config=settings(),
    )


@pages.get("/settings/edit/<section>")
def edit(section: str) -> ResponseReturnValue:
    """The form of one section."""
    form = form_of(db.session.connection(), _editable(), section, {}, {})
    return render_template("settings/edit.html", form=form)


@pages.post("/settings/edit/<section>")
def save(section: str) -> ResponseReturnValue:
    """Keep what was sent, or show the form again with what is wrong; then nothing is kept."""
    rules = submit(db.session.connection(), _editable(), section, request.form, _who())
    if rules:
        db.session.rollback()
        form = form_of(db.session.connection(), _editable(), section, request.form, rules)
        return render_template("settings/edit.html", form=form), 400
    _take_over()
    return redirect(url_for("settings_pages.overview", saved=section), 303)


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
