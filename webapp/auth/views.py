"""The login page."""

import re

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from webapp.auth.guard import check_password, current_user, password_proof
from webapp.web.page import settings

OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f]*")  # browsers drop tabs and newlines, which would leave //host

pages = Blueprint("auth", __name__)


def safe_target(target: str) -> str:
    """The path to go to after the login; only a path of this site, never another host."""
    if OWN_PATH.fullmatch(target):
        return target
    return url_for("dashboard_pages.home")


@pages.get("/login")
def login() -> ResponseReturnValue:
    """The form; those who are in, or need not log in, go straight on."""
    target = request.args.get("next", "")
    if not settings().auth_enabled or current_user():
        return redirect(safe_target(target))
    return render_template("auth/login.html", error=None, next=target)


@pages.post("/login")
def enter() -> ResponseReturnValue:
    """Check the form and open a session."""
    username, target = request.form.get("username", ""), request.form.get("next", "")
    if not check_password(username, request.form.get("password", "")):
        return render_template("auth/login.html", error="Wrong user name or password.", next=target), 401
    session.clear()
    session.update(user=username, proof=password_proof())
    session.permanent = True
    return redirect(safe_target(target))


@pages.post("/logout")
def logout() -> ResponseReturnValue:
    """Close the session."""
    session.clear()
    return redirect(url_for("auth.login"))
