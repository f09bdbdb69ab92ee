"""Who asks, as every page and answer may know it."""

from dataclasses import dataclass
from enum import StrEnum

from flask import current_app, g
from werkzeug.exceptions import Forbidden


class Role(StrEnum):
    """What someone may do: look, or also act."""

    VIEWER = "viewer"
    OPERATOR = "operator"


class Method(StrEnum):
    """How someone came in."""

    PASSWORD = "password"  # noqa: S105 - a word
    OIDC = "single sign-on"
    BASIC = "HTTP Basic"
    TOKEN = "token"  # noqa: S105 - a word


@dataclass(frozen=True)
class Visitor:
    """Someone who has come in; `session_id` names the session where there is one."""

    name: str
    role: Role
    method: Method
    session_id: int | None = None


def present() -> Visitor | None:
    """Who has come in; None for nobody, or where authentication is off."""
    found: Visitor | None = g.get("visitor")
    return found


def visitor() -> str | None:
    """The name of who has come in; None for nobody, or where authentication is off."""
    found = present()
    return found.name if found else None


def is_stranger() -> bool:
    """True for someone who would have to sign in and has not."""
    return bool(current_app.config["SETTINGS"].auth_enabled) and present() is None


def may_act() -> bool:
    """True for those who may change something, and for all where authentication is off."""
    if not current_app.config["SETTINGS"].auth_enabled:
        return True
    found = present()
    return found is not None and found.role is Role.OPERATOR


def require_operator() -> None:
    """Raises Forbidden for those who may only look."""
    if not may_act():
        raise Forbidden("This account may look, but not act")
