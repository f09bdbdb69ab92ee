"""The guard over every route: closed unless listed here as public, and closed to acts of those who may
only look."""

from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_httpauth import HTTPBasicAuth
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Forbidden, RequestURITooLarge

from webapp.auth import passwords, sessions, tokens
from webapp.auth.limits import Tries
from webapp.auth.oidc import people
from webapp.auth.oidc.errors import SignInRefused
from webapp.auth.passwords import Account
from webapp.auth.proxy import TrustedProxy
from webapp.tables.access import LoginSession
from webapp.tables.db import db
from webapp.web.errors import answer, wants_json
from webapp.web.page import is_fragment, settings
from webapp.web.visitor import Method, Visitor, is_stranger, may_act, require_operator

PUBLIC = frozenset(
    {
        "static",
        "status_api.health",
        "auth.login",
        "auth.enter",
        "auth.logout",
        "auth.sign_in",
        "auth.come_back",
    }
)
PUBLIC_METRICS = "metrics.scrape"  # public where it exists at all: with METRICS_ENABLED
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset(  # of anyone's own session and searches
    {
        "auth.enter",
        "auth.logout",
        "access_pages.end",
        "access_pages.end_rest",
        "saved_pages.keep_search",
        "saved_pages.change_search",
    }
)
LONGEST_ADDRESS = 8000  # characters
SECRET = "sid"  # noqa: S105 - what the session's secret is called in the cookie
BACKGROUND = "X-Background"  # says that nobody did anything: the page asks by itself

basic = HTTPBasicAuth()
csrf = CSRFProtect()


class SessionCookie(SecureCookieSessionInterface):
    """The session cookie is marked Secure wherever the request came in by TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """True behind TLS."""
        return request.is_secure


def init_app(app: Flask) -> None:
    """Put the guard before every request."""
    app.wsgi_app = TrustedProxy(app.wsgi_app, app.config["SETTINGS"].trusted_proxies)  # type: ignore[method-assign]
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.session_interface = SessionCookie()
    csrf.init_app(app)
    app.register_error_handler(
        CSRFError,
        lambda error: answer(400, f"The form has expired: {error.description} Load the page again."),
    )
    app.register_error_handler(SignInRefused, _refused)
    app.before_request(refuse_long_addresses)
    app.before_request(recognise)
    app.before_request(refuse_foreign_requests)
    app.before_request(require_login)
    app.before_request(refuse_acts_of_viewers)


def _refused(error: SignInRefused) -> ResponseReturnValue:
    """A sign-in that failed counts, as it may have cost the provider a request."""
    Tries().failed()
    return answer(error.status, str(error))


def check_password(username: str, password: str) -> Account | None:
    """The account that these words open; counts a failure, and raises TooManyRequests after too many."""
    tries = Tries(username)
    tries.require_more()
    found = passwords.matching(settings(), username, password)
    if found is None:
        tries.failed()
    else:
        tries.succeeded()
    return found


@basic.verify_password
def _verify(username: str, password: str) -> Visitor | None:
    account = check_password(username, password) if username else None
    return Visitor(account.name, account.role, Method.BASIC) if account else None


def refuse_long_addresses() -> None:
    """An address that no page of ours has is refused before anything looks at it."""
    if len(request.environ.get("RAW_URI") or request.full_path) > LONGEST_ADDRESS:
        raise RequestURITooLarge(f"The address is longer than {LONGEST_ADDRESS:,} characters")


def recognise() -> None:
    """Find out who asks: by a session, a token or a password. A public route answers without knowing,
    where the database is away."""
    if not settings().auth_enabled or request.endpoint == "static":
        return
    try:
        g.visitor = _by_session() or _by_token() or _by_password()
    except SQLAlchemyError:
        if request.endpoint not in PUBLIC:
            raise
        db.session.rollback()


def _by_session() -> Visitor | None:
    secret = session.get(SECRET)
    found = sessions.find_session(db.session(), secret, settings().session_expiry_hours) if secret else None
    if found is None or not _still_holds(found):
        return None
    who = sessions.visitor_of(found)
    if BACKGROUND not in request.headers and sessions.touch(db.session(), found, request.remote_addr):
        db.session.commit()  # at once: no other request of this session may wait for the end of this one
    return who


def _still_holds(found: LoginSession) -> bool:
    """True as long as the password or the rules are those by which the session came in."""
    if found.method == Method.OIDC:
        return found.proof == people.proof(settings(), key())
    account = next((one for one in passwords.accounts(settings()) if one.name == found.username), None)
    return account is not None and found.proof == account.proof(key())


def _by_token() -> Visitor | None:
    """A token opens the API, and no page."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token or not request.path.startswith("/api/"):
        return None
    found = tokens.find_token(db.session(), given.token)
    if found is None:
        return None
    who = tokens.visitor_of(found)
    if tokens.touch(db.session(), found, request.remote_addr):
        db.session.commit()
    return who


def _by_password() -> Visitor | None:
    given = basic.get_auth()
    found: Visitor | None = (basic.authenticate(given, None) or None) if given else None
    return found


def key() -> bytes:
    """The key that signs, for marks of what let a session in."""
    return str(current_app.config["SECRET_KEY"]).encode()


def refuse_foreign_requests() -> None:
    """No other site's page may make an unsafe request: by its origin, and for pages also by a token."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    foreign = bool(origin) and _host_of(origin or "") != request.host
    if foreign or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise Forbidden("The request comes from another site")
    if not request.path.startswith("/api/"):
        csrf.protect()


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def require_login() -> ResponseReturnValue | None:
    """Let public routes and known users pass; 401 for the API, the login page for people."""
    if not is_stranger() or request.endpoint in PUBLIC:
        return None
    if settings().metrics_enabled and request.endpoint == PUBLIC_METRICS:
        return None
    if wants_json():
        return answer(401, "Authentication required")
    login = url_for(
        "auth.login",
        next=request.full_path.rstrip("?") if request.method == "GET" and not is_fragment() else None,
    )
    if is_fragment():
        return "", 401, {"HX-Redirect": login}
    return redirect(login)


def refuse_acts_of_viewers() -> None:
    """Whoever may only look changes nothing but their own sessions and saved searches."""
    acts = request.method not in SAFE_METHODS and request.endpoint not in OWN
    if acts and request.routing_exception is None and not may_act():
        require_operator()
