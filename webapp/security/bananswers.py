"""The shape of the answer about bans: what the API gives and how it is described."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.lists.livelist import LiveAnswer, live_answer
from webapp.mailcow.live import BANS, Listing
from webapp.security.banlist import BanFilter
from webapp.security.bans import read


@dataclass(frozen=True)
class BanItem:
    """One ban; `until` is to the minute, None where mailcow does not tell it. `state` is banned, about to be
    unbanned, or banned for good."""

    network: str
    address: str
    until: datetime | None
    state: str


@dataclass(frozen=True)
class BanAnswer(LiveAnswer):
    """What is banned, first to end first. `stale` as for the queue."""

    data: list[BanItem]


def answer(listing: Listing, chosen: BanFilter) -> BanAnswer:
    """The bans as the API gives them."""
    bans = chosen.select(read(listing.rows))
    data = [BanItem(ban.network, ban.name, ban.until, str(ban.state)) for ban in bans]
    return live_answer(BanAnswer, BANS, listing, data)


EXAMPLE: dict[str, Any] = {
    "total": 1,
    "data": [
        {
            "network": "192.0.2.25/32",
            "address": "192.0.2.25",
            "until": "2026-01-08T02:04:00Z",
            "state": "banned",
        }
    ],
    "stale": False,
    "taken_at": "2026-01-08T01:34:08Z",
    "age_seconds": 3.2,
    "error": None,
}
