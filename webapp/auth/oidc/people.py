"""Who of a provider's people may come in, by the claims of a checked id_token. Pure."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from webapp.config import Settings
from webapp.web.visitor import Role

LONGEST_NAME = 200
Claims = Mapping[str, Any]  # JSON as the provider signed it


def role_of(claims: Claims, settings: Settings) -> Role | None:
    """The role by user or group, operator before viewer; None for anyone who is not named: no account of the
    provider comes in for being one."""
    groups = groups_of(claims, settings.oidc_groups_claim)
    for role, users, named in (
        (Role.OPERATOR, settings.oidc_operator_users, settings.oidc_operator_groups),
        (Role.VIEWER, settings.oidc_viewer_users, settings.oidc_viewer_groups),
    ):
        if any(_is_user(claims, one) for one in users) or groups & set(named):
            return role
    return None


def _is_user(claims: Claims, named: str) -> bool:
    """An address is somebody's only where the provider has verified it; anything else names a subject."""
    if "@" in named:
        return verified_address(claims) == named.lower()
    return claims.get("sub") == named


def verified_address(claims: Claims) -> str | None:
    """The address that the provider vouches for, in lower case."""
    address = claims.get("email")
    return address.lower() if isinstance(address, str) and claims.get("email_verified") is True else None


def groups_of(claims: Claims, path: str) -> set[str]:
    """The groups in a claim; a path with dots leads into claims within claims."""
    found: Any = claims.get(path, claims)
    for part in () if path in claims else path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return {found}
    return {one for one in found if isinstance(one, str)} if isinstance(found, Sequence) else set()


def name_of(claims: Claims) -> str:
    """What someone is called here: a verified address, else the subject. Names that people choose for
    themselves could be those of others."""
    return str(verified_address(claims) or claims["sub"])[:LONGEST_NAME]


def lacks(claims: Claims, settings: Settings) -> bool:
    """True where the rules ask for what only the provider's userinfo may tell."""
    by_group = settings.oidc_operator_groups + settings.oidc_viewer_groups
    by_user = [one for one in settings.oidc_operator_users + settings.oidc_viewer_users if "@" in one]
    return bool(by_group and not groups_of(claims, settings.oidc_groups_claim)) or bool(
        by_user and "email" not in claims
    )


def proof(settings: Settings, key: bytes) -> str:
    """A mark of the rules: a session that came in by others has ended."""
    rules = (
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_groups_claim,
        settings.oidc_operator_users,
        settings.oidc_operator_groups,
        settings.oidc_viewer_users,
        settings.oidc_viewer_groups,
    )
    return hmac.new(key, repr(rules).encode(), hashlib.sha256).hexdigest()[:32]
