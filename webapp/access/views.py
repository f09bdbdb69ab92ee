"""Pages of sessions and tokens. A viewer sees and ends only sessions of their own; tokens are for
operators."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.access import trail
from webapp.access.forms import TokenForm
from webapp.access.trail import Deed
from webapp.auth import sessions, tokens
from webapp.errors import NotFound
from webapp.tables.db import db
from webapp.web.page import settings
from webapp.web.visitor import may_act, present, require_operator, visitor

pages = Blueprint("access_pages", __name__)


def _whose() -> sessions.Owner | None:
    """Whose sessions may be seen and ended: one's own, an operator's eyes and hands reach all."""
    who = present()
    return None if may_act() or who is None else sessions.Owner(who.name, who.method)


def _note(deed: Deed, item: str) -> None:
    trail.note(db.session(), visitor(), request.remote_addr, deed, item)


@pages.get("/access")
def home() -> ResponseReturnValue:
    """The sessions."""
    return redirect(url_for(".show_sessions"))


@pages.get("/access/sessions")
def show_sessions() -> ResponseReturnValue:
    """Every session that goes on."""
    who, hours = present(), settings().session_expiry_hours
    found = sessions.open_sessions(db.session(), hours, _whose())
    own = who.session_id if who else None
    return render_template("access/sessions.html", sessions=found, own=own, hours=hours)


@pages.post("/access/sessions/<int:number>/end")
def end(number: int) -> ResponseReturnValue:
    """End one session."""
    name = sessions.end_session(db.session(), number, _whose())
    if name is None:
        raise NotFound("There is no such session")
    _note(Deed.ENDED, name)
    db.session.commit()
    return redirect(url_for(".show_sessions"), 303)


@pages.post("/access/sessions/end-others")
def end_rest() -> ResponseReturnValue:
    """End all sessions of one's own but the present one."""
    who = present()
    if who is not None and sessions.end_others(
        db.session(), who.session_id, sessions.Owner(who.name, who.method)
    ):
        _note(Deed.ENDED, f"{who.name}, all others")
    db.session.commit()
    return redirect(url_for(".show_sessions"), 303)


@pages.get("/access/tokens")
def show_tokens() -> ResponseReturnValue:
    """Every token, and the form for a new one."""
    require_operator()
    return _tokens_page(None)


def _tokens_page(made: str | None) -> ResponseReturnValue:
    listed, deeds = tokens.all_tokens(db.session()), trail.latest(db.session())
    return render_template("access/tokens.html", tokens=listed, made=made, trail=deeds)


@pages.post("/access/tokens")
def make() -> ResponseReturnValue:
    """Make a token, and show it this once."""
    wanted = TokenForm.model_validate(request.form.to_dict()).wanted(visitor() or "")
    made = tokens.make_token(db.session(), wanted)
    _note(Deed.MADE, f"{wanted.name} ({wanted.role})")
    db.session.commit()
    return _tokens_page(made)


@pages.post("/access/tokens/<int:number>/revoke")
def revoke(number: int) -> ResponseReturnValue:
    """Take a token back: it opens nothing from now on."""
    name = tokens.revoke_token(db.session(), number)
    if name is None:
        raise NotFound("There is no such token")
    _note(Deed.REVOKED, name)
    db.session.commit()
    return redirect(url_for(".show_tokens"), 303)
