"""Signing in through an OpenID Connect provider."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, model_validator
from pydantic_settings import NoDecode

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def _names(value: Any) -> Any:
    """Names of groups may hold blanks and capital letters."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _safe_url(value: str) -> str:
    """As it is written: an issuer is compared letter by letter."""
    if value and not value.startswith(("https://", *LOOPBACK)):
        raise ValueError("must start with https://")
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]
SafeUrl = Annotated[str, AfterValidator(_safe_url)]


class OidcSettings(BaseModel):
    """The provider, and which of its people may come in: never all of them."""

    oidc_issuer: SafeUrl = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = "Single sign-on"  # on the button
    oidc_scopes: str = "openid profile email"
    oidc_redirect_url: SafeUrl = ""  # '': as the browser's address says
    oidc_groups_claim: str = "groups"  # with dots for a claim within a claim
    oidc_operator_users: Names = ()  # verified addresses, or subjects
    oidc_operator_groups: Names = ()
    oidc_viewer_users: Names = ()
    oidc_viewer_groups: Names = ()

    @model_validator(mode="after")
    def _provider(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not self.oidc_client_id:
            raise ValueError("OIDC_CLIENT_ID must be set when OIDC_ISSUER is")
        if "openid" not in self.oidc_scopes.split():
            raise ValueError("OIDC_SCOPES must have openid among them")
        operators, viewers = self.oidc_operator_users + self.oidc_operator_groups, self.oidc_viewer_users
        if not (operators or viewers or self.oidc_viewer_groups):
            raise ValueError(
                "OIDC_OPERATOR_USERS, OIDC_OPERATOR_GROUPS, OIDC_VIEWER_USERS or OIDC_VIEWER_GROUPS "
                "must say who may come in when OIDC_ISSUER is set"
            )
        return self
