"""Saved searches: of the account that is signed in, or of the browser where nobody signs in."""

import hashlib
import secrets

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.saved.forms import Change, ChangeForm, NameForm, SearchForm
from webapp.saved.keep import BROWSER, change, keep
from webapp.saved.queries import pins_of, searches_of
from webapp.tables.db import db, now
from webapp.web.page import page
from webapp.web.visitor import Method, present

pages = Blueprint("saved_pages", __name__)
COOKIE, A_YEAR = "browser", 365 * 86400  # seconds


def _of_browser(token: str) -> str:
    return BROWSER + hashlib.sha256(token.encode()).hexdigest()


def _owner() -> str | None:
    """Whose searches are shown; None for a browser that has kept none."""
    who = present()
    if who is not None:
        return f"{'provider' if who.method is Method.OIDC else 'account'}:{who.name}"
    token = request.cookies.get(COOKIE, "")
    return _of_browser(token) if token else None


@pages.get("/saved")
def show() -> ResponseReturnValue:
    """All saved searches, and a form that keeps the one in the URL; its fragment is the menu in the list."""
    searches, query = searches_of(db.session(), _owner()), request.query_string.decode("utf-8", "replace")
    return page("saved/saved.html", "saved/_menu.html", searches=searches, query=query)


@pages.post("/saved")
def keep_search() -> ResponseReturnValue:
    """Keep a search, and go back to it."""
    form, owner, token = (
        SearchForm.model_validate(request.form.to_dict()),
        _owner(),
        secrets.token_urlsafe(24),
    )
    keep(db.session(), owner or _of_browser(token), form.name, form.query)
    db.session.commit()
    reply = make_response(redirect(f"/messages?{form.query}", 303))
    if owner is None:
        reply.set_cookie(COOKIE, token, A_YEAR, secure=request.is_secure, httponly=True, samesite="Lax")
    return reply


@pages.post("/saved/<int:number>")
def change_search(number: int) -> ResponseReturnValue:
    """Rename, pin, unpin or delete one."""
    given = request.form.to_dict()
    what = ChangeForm.model_validate(given).do
    name = NameForm.model_validate(given).name if what is Change.RENAME else ""
    change(db.session(), _owner(), number, what, name)
    db.session.commit()
    return redirect(url_for(".show"), 303)


@pages.get("/saved/pins")
def pins() -> ResponseReturnValue:
    """The pinned searches with what they find; the dashboard shows them."""
    return page("saved/pins.html", "saved/_pins.html", pins=pins_of(db.session(), _owner(), now()))
