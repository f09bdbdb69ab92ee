"""What is banned now, as a live list: what its page, its actions and its API are made of."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from webapp.lists.livefilter import LiveFilter, LivePageFilter, Sort, one_of_orders, order_field
from webapp.lists.livelist import Example, LiveList
from webapp.lists.params import Text, one_of
from webapp.lists.standing import Standing
from webapp.mailcow.actions import Action
from webapp.mailcow.live import Listing
from webapp.security.act import ACTIONS, TARGET
from webapp.security.bans import Ban, BanState, read
from webapp.web.filters import count, query_url

FOR_GOOD = "What is banned for good stands on mailcow's denylist and has to be taken off there."
SORTS: dict[str, Sort] = {
    "address": lambda ban: ban.network,
    "until": lambda ban: ban.until.timestamp() if ban.until else 1e12,
    "state": lambda ban: ban.state,
}


TEMPORARY, PERMANENT = "temporary", "permanent"


class BanFilter(LiveFilter[Ban]):
    """Which bans, and in which order."""

    sorts = SORTS
    usual_sort = "until"

    search: Text = Field(None, title="Search", description="Search in addresses and networks")
    kind: Annotated[str | None, one_of(TEMPORARY, PERMANENT)] = Field(
        None, title="Banned", description="temporary: for a time; permanent: for good"
    )
    sort: Annotated[str | None, one_of_orders(SORTS)] = order_field(SORTS)

    def fits(self, ban: Ban) -> bool:
        """True where the ban lasts as long as is asked for, and has the search in it."""
        return self.kind in (None, PERMANENT if ban.state is BanState.PERMANENT else TEMPORARY) and (
            super().fits(ban)
        )


class BanPageFilter(BanFilter, LivePageFilter[Ban]):
    """The page's parameters."""


def state(ban: Ban) -> str:
    """How the ban stands, in words."""
    return str(ban.state)


def state_filter(state: str) -> dict[str, str]:
    """The filter that finds what is banned for good; the other states are told apart by none."""
    return {"kind": PERMANENT} if state == BanState.PERMANENT else {}


def example(ban: Ban) -> Example:
    """The ban as the question before an action names it."""
    return Example(ban.name, (state(ban),))


def extent(ids: Sequence[str], _bans: Sequence[Ban]) -> str:
    """How many addresses."""
    return count(len(ids), "address", "addresses")


def no_figures(_bans: Sequence[Ban]) -> None:
    """Bans are not put together."""


def excludes(_action: Action, bans: Sequence[Ban]) -> str | None:
    """That mailcow lifts no ban for good from here."""
    return FOR_GOOD if any(ban.state is BanState.PERMANENT for ban in bans) else None


BAN_LIST = LiveList(
    path="/security/bans",
    title="Ban list",
    noun="ban",
    template="security/_bans.html",
    target=TARGET,
    actions=ACTIONS,
    read=read,
    filter=BanFilter,
    page_filter=BanPageFilter,
    groupings={},
    figures=no_figures,
    state=state,
    state_filter=state_filter,
    example=example,
    extent=extent,
    excludes=excludes,
)


def standing_of(ban: Ban, listing: Listing) -> Standing:
    """How the ban stands, for pages of what it touches."""
    permanent = ban.state is BanState.PERMANENT
    return Standing(
        BAN_LIST,
        ban.ids,
        f"{ban.name} is {ban.state}",
        "",
        None,
        listing.taken_at,
        query_url(BAN_LIST.path, search=ban.network),
        [] if permanent or ban.state is BanState.ENDING else BAN_LIST.entry_actions,
        FOR_GOOD if permanent else None,
        ban.until,
    )
