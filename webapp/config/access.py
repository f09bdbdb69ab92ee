"""Who may open the pages, and through which proxies they come."""

import re
from ipaddress import ip_network
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from webapp.config.oidc import OidcSettings

MOST_PROXIES = 10
LONGEST_SESSION = 30  # times the hours without a sign of life after which a session ends
HASH = re.compile(
    r"(?:scrypt:(?P<n>[0-9]{4,7}):[0-9]{1,2}:[0-9]{1,2}|pbkdf2:sha(?:256|512):[0-9]{4,8})"
    r"\$[A-Za-z0-9./]{8,64}\$[0-9a-f]{64,128}"
)
NO_HASH = "is not a hash: make one with `make password`"


def _proxies(value: Any) -> Any:
    """A number of proxies, or their addresses and networks."""
    if not isinstance(value, str):
        return value
    parts = [part for part in value.replace(",", " ").split() if part]
    if len(parts) == 1 and parts[0].isdecimal():
        return int(parts[0])
    for part in parts:
        try:
            ip_network(part, strict=False)
        except ValueError as error:
            raise ValueError(f"{part!r} is neither a number nor an address or network") from error
    return tuple(parts)


def _few(value: int | tuple[str, ...]) -> int | tuple[str, ...]:
    if isinstance(value, int) and not 0 <= value <= MOST_PROXIES:
        raise ValueError(f"must be a number between 0 and {MOST_PROXIES}, or addresses and networks")
    return value


def _hash(value: str) -> str:
    found = HASH.fullmatch(value) if value else None
    if value and (found is None or (found["n"] and int(found["n"]).bit_count() != 1)):
        raise ValueError(NO_HASH)
    return value


Proxies = Annotated[int | tuple[str, ...], NoDecode, BeforeValidator(_proxies), AfterValidator(_few)]
PasswordHash = Annotated[str, AfterValidator(_hash)]


class AccessSettings(OidcSettings, BaseModel):
    """Login, sessions and trusted proxies."""

    auth_enabled: bool = False
    auth_username: str = "admin"
    auth_password: str = ""
    auth_password_hash: PasswordHash = ""
    auth_viewer_username: str = ""  # who may look, and not act
    auth_viewer_password: str = ""
    auth_viewer_password_hash: PasswordHash = ""
    session_secret_key: str = ""
    session_expiry_hours: int = Field(24, ge=1, le=8760)  # without a sign of life
    trusted_proxies: Proxies = 1  # whose X-Forwarded-* headers count

    @property
    def session_seconds(self) -> int:
        """The longest that a session can last, whatever is done in it."""
        return self.session_expiry_hours * 3600 * LONGEST_SESSION

    @model_validator(mode="after")
    def _accounts(self) -> Self:
        if self.auth_password and self.auth_password_hash:
            raise ValueError("set either AUTH_PASSWORD or AUTH_PASSWORD_HASH, not both")
        if self.auth_viewer_password and self.auth_viewer_password_hash:
            raise ValueError("set either AUTH_VIEWER_PASSWORD or AUTH_VIEWER_PASSWORD_HASH, not both")
        viewer = bool(self.auth_viewer_password or self.auth_viewer_password_hash)
        if bool(self.auth_viewer_username) is not viewer:
            raise ValueError("AUTH_VIEWER_USERNAME and AUTH_VIEWER_PASSWORD (or its hash) belong together")
        if viewer and self.auth_viewer_username == self.auth_username:
            raise ValueError("AUTH_VIEWER_USERNAME must differ from AUTH_USERNAME")
        if self.auth_enabled and not (self.auth_password or self.auth_password_hash or self.oidc_issuer):
            raise ValueError("AUTH_PASSWORD must be set when AUTH_ENABLED=true")
        return self
