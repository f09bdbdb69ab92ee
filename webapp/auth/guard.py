"""The guard over every route: closed unless listed here as public."""

import contextlib
import hmac
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_httpauth import HTTPBasicAuth
from flask_wtf.csrf import CSRFError, CSRFProtect
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import Forbidden, TooManyRequests

from webapp.auth.proxy import TrustedProxy
from webapp.config import ConfigurationError, Settings
from webapp.web.errors import answer, wants_json
from webapp.web.page import is_fragment, settings

PUBLIC = frozenset({"static", "status_api.health", "auth.login", "auth.enter", "auth.logout"})
PUBLIC_METRICS = "metrics.scrape"  # public where it exists at all: with METRICS_ENABLED
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FAILURES = RateLimitItemPerMinute(10, 15)  # failed logins from one address in 15 minutes
KEY_FILE = "session.key"

basic = HTTPBasicAuth()
csrf = CSRFProtect()


class SessionCookie(SecureCookieSessionInterface):
    """The session cookie is marked Secure wherever the request came in by TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """True behind TLS."""
        return request.is_secure


def secret_key(settings: Settings) -> str:
    """SESSION_SECRET_KEY, else a random key kept in DATA_DIR; raises ConfigurationError where neither can be
    had."""
    if settings.session_secret_key:
        return settings.session_secret_key
    file = Path(settings.data_dir) / KEY_FILE
    try:
        if not file.exists():
            _make_key(file)
    except OSError as error:
        raise ConfigurationError(
            f"DATA_DIR {settings.data_dir} cannot hold the session key ({error.strerror}): "
            "make it writable or set SESSION_SECRET_KEY"
        ) from error
    return file.read_text(encoding="ascii")


def _make_key(file: Path) -> None:
    """Write a new key; of several processes that start at once, the first one's stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    own = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as new:
        new.write(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(own, file)
    own.unlink()


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
    app.before_request(refuse_foreign_requests)
    app.before_request(require_login)


def limiter() -> FixedWindowRateLimiter:
    """The counter of failed logins, in Redis, shared by all web processes."""
    if "login_limiter" not in current_app.extensions:
        storage = RedisStorage(
            settings().redis_url or "redis://localhost:6379/0",
            connection_pool=current_app.extensions["redis"].connection_pool,
            key_prefix="mlv:limits",
        )
        current_app.extensions["login_limiter"] = FixedWindowRateLimiter(storage)
    found: FixedWindowRateLimiter = current_app.extensions["login_limiter"]
    return found


def check_password(username: str, password: str) -> bool:
    """True for the configured credentials; counts a failure of the client's address, and raises 429 after
    ten."""
    client = request.remote_addr or "unknown"
    if not limiter().test(FAILURES, client):
        raise TooManyRequests("Too many failed logins from this address: try again in 15 minutes")
    config = settings()
    right = hmac.compare_digest(username.encode(), config.auth_username.encode())
    right &= hmac.compare_digest(password.encode(), config.auth_password.encode())
    if not right:
        limiter().hit(FAILURES, client)
    return right


@basic.verify_password
def _verify(username: str, password: str) -> str | None:
    return username if username and check_password(username, password) else None


def current_user() -> str | None:
    """The name of who is logged in; None for nobody, or where authentication is off."""
    if not settings().auth_enabled:
        return None
    if session.get("user") == settings().auth_username and session.get("proof") == password_proof():
        return str(session["user"])
    given = basic.get_auth()
    return basic.authenticate(given, None) or None if given else None


def password_proof() -> str:
    """A mark of the present password: a changed one ends every session."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, settings().auth_password.encode(), "sha256").hexdigest()[:32]


def refuse_foreign_requests() -> None:
    """No other site's page may make an unsafe request: by its origin, and for pages also by a token."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    foreign = bool(origin) and urlsplit(origin or "").netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise Forbidden("The request comes from another site")
    if not request.path.startswith("/api/"):
        csrf.protect()


def require_login() -> ResponseReturnValue | None:
    """Let public routes and known users pass; 401 for the API, the login page for people."""
    if not settings().auth_enabled or request.endpoint == "static":
        return None
    g.visitor = current_user()
    if (
        g.visitor
        or request.endpoint in PUBLIC
        or (settings().metrics_enabled and request.endpoint == PUBLIC_METRICS)
    ):
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
