"""What the list of domains can be narrowed down to."""

from typing import Annotated

from pydantic import Field

from webapp.lists.params import Text, between, one_of
from webapp.lists.plainlist import PlainFilter


class DomainsFilter(PlainFilter):
    """Which domains; the worst come first."""

    search: Text = Field(None, title="Domain", description="Part of the domain's name")
    only: Annotated[str | None, one_of("issues")] = Field(
        None, title="Only", description="issues: only domains with an error or a warning"
    )
    limit: Annotated[int, between(1, 500)] = Field(100, description="Domains per page")
