"""What the form for a new token takes."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from webapp.auth.tokens import NewToken
from webapp.tables.db import now
from webapp.web.visitor import Role

LONGEST_NAME = 80
PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")


def _name(value: str) -> str:
    text = value.strip()
    if not PRINTABLE.fullmatch(text) or len(text) > LONGEST_NAME:
        raise ValueError(f"must be 1 to {LONGEST_NAME} characters on one line")
    return text


class TokenForm(BaseModel):
    """A name to tell the token by, what it may do, and for how many days it holds (0: until it is
    revoked)."""

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, AfterValidator(_name)]
    role: Role = Role.VIEWER
    days: Literal["0", "30", "90", "365"] = Field("90")

    def wanted(self, created_by: str) -> NewToken:
        """The token that is asked for."""
        end = now() + timedelta(days=int(self.days)) if self.days != "0" else None
        return NewToken(self.name, self.role, created_by, end)
