"""The login page, signing in through a provider, signing out."""

import re
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from webapp.auth import passwords, sessions
from webapp.auth.guard import SECRET, check_password, key
from webapp.auth.limits import Tries
from webapp.auth.oidc import people, state
from webapp.auth.oidc.errors import SignInRefused
from webapp.auth.sessions import Opened
from webapp.tables.db import db
from webapp.web.page import settings
from webapp.web.visitor import Method, Visitor, present

if TYPE_CHECKING:  # 4 MB that only those need who have a provider
    from webapp.auth.oidc.provider import Provider

OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f]*")  # browsers drop tabs and newlines, which would leave //host
LONGEST_TARGET = 2000

pages = Blueprint("auth", __name__)


def safe_target(target: str) -> str:
    """The path to go to after the login; only a path of this site, never another host."""
    if OWN_PATH.fullmatch(target) and len(target) <= LONGEST_TARGET:
        return target
    return url_for("dashboard_pages.home")


@pages.get("/login")
def login() -> ResponseReturnValue:
    """The form; those who are in, or need not log in, go straight on."""
    target = request.args.get("next", "")
    if not settings().auth_enabled or present():
        return redirect(safe_target(target))
    return _form(target), 200


def _form(target: str, error: str | None = None) -> str:
    config = settings()
    provider = config.oidc_name if config.oidc_issuer else None
    asks = bool(passwords.accounts(config))
    return render_template("auth/login.html", error=error, next=target, provider=provider, asks=asks)


@pages.post("/login")
def enter() -> ResponseReturnValue:
    """Check the form and open a session."""
    username, target = request.form.get("username", ""), request.form.get("next", "")
    account = check_password(username, request.form.get("password", ""))
    if account is None:
        return _form(target, "Wrong user name or password."), 401
    _open(Visitor(account.name, account.role, Method.PASSWORD), account.proof(key()))
    return redirect(safe_target(target))


def _open(who: Visitor, proof: str) -> None:
    """Open a session, in place of the one that this browser had."""
    address, browser = request.remote_addr, request.user_agent.string
    _end()
    secret = sessions.open_session(
        db.session(), Opened(who, proof, address, browser), settings().session_expiry_hours
    )
    db.session.commit()
    session[SECRET] = secret
    session.permanent = True


def _end() -> None:
    """End this browser's session, on the server too."""
    if session.get(SECRET):
        sessions.forget(db.session(), session[SECRET])
        db.session.commit()
    session.clear()


@pages.post("/logout")
def logout() -> ResponseReturnValue:
    """Close the session."""
    _end()
    return redirect(url_for("auth.login"))


def _provider() -> "Provider":
    """The provider of the settings, with what is known of it. Raises NotFound where there is none."""
    from webapp.auth.oidc.provider import Provider

    if not (settings().auth_enabled and settings().oidc_issuer):
        raise NotFound("No provider is set up")
    found: Provider | None = current_app.extensions.get("oidc")
    if found is None or found.settings != settings():
        found = current_app.extensions["oidc"] = Provider(settings())
    return found


def _redirect_url() -> str:
    return settings().oidc_redirect_url or url_for("auth.come_back", _external=True)


@pages.get("/login/oidc")
def sign_in() -> ResponseReturnValue:
    """Send the browser to the provider."""
    provider, begun = _provider(), state.begin(safe_target(request.args.get("next", "")))
    signing = str(current_app.config["SECRET_KEY"])
    response = redirect(provider.sign_in_url(state.asked(begun, signing, _redirect_url())))
    return _with_cookie(response, state.cookie_of(begun, signing))


def _with_cookie(response: Response, value: str) -> Response:
    """The cookie of the sign-in, which comes back from the provider's page, and goes nowhere else."""
    response.set_cookie(
        state.COOKIE,
        value,
        max_age=state.SECONDS if value else 0,
        path="/login",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@pages.get("/login/oidc/callback")
def come_back() -> ResponseReturnValue:
    """Where the provider sends the browser back to: check its word and open a session."""
    provider = _provider()
    Tries().require_more()
    signing = str(current_app.config["SECRET_KEY"])
    begun = state.come_back(request.cookies.get(state.COOKIE, ""), request.args.get("state", ""), signing)
    state.use(db.session(), begun)
    db.session.commit()
    _sign_in(provider.claims(_code(), state.asked(begun, signing, _redirect_url())))
    return _with_cookie(redirect(begun.target), "")


def _code() -> str:
    """The provider's code. Raises SignInRefused where it sent an error, or another provider did."""
    if request.args.get("iss", settings().oidc_issuer) != settings().oidc_issuer:  # RFC 9207
        raise SignInRefused("The answer comes from another provider")
    code = request.args.get("code", "")
    if not code:
        raise SignInRefused("The provider did not sign you in")
    return code


def _sign_in(claims: people.Claims) -> None:
    """Open a session for whom the rules name. Raises SignInRefused for anyone else."""
    role = people.role_of(claims, settings())
    if role is None:
        raise SignInRefused(
            f"{people.name_of(claims)} is signed in at the provider, but may not come in here: "
            "ask the administrator"
        )
    _open(Visitor(people.name_of(claims), role, Method.OIDC), people.proof(settings(), key()))
