"""Who may open the pages, and through which proxies they come."""

from pydantic import BaseModel, Field


class AccessSettings(BaseModel):
    """Login, sessions and trusted proxies."""

    auth_enabled: bool = False
    auth_username: str = "admin"
    auth_password: str = ""
    session_secret_key: str = ""
    session_expiry_hours: int = Field(24, ge=1, le=8760)
    trusted_proxies: int = Field(1, ge=0, le=10)  # reverse proxies whose X-Forwarded-* headers count
