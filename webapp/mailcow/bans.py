"""mailcow's bans (get/fail2ban) as a list: what is banned, until when, for a time or for good. Pure."""

import re
from collections.abc import Iterator
from typing import Any, TypedDict

from webapp.mailcow.client import MailcowGarbage

LEFT = re.compile(r"(\d{1,7})h (\d{1,2})m (\d{1,2})s")
MINUTE = 60
MOST = 10_000  # bans that are read


class BanRow(TypedDict):
    """One ban: the network, the Unix second of its end to the minute (None: not told, or never), whether it
    is about to be lifted, and whether it lasts for good."""

    network: str
    until: int | None
    queued: bool
    permanent: bool


def ban_rows(answer: Any, asked_at: float) -> list[dict[str, Any]]:
    """The bans of mailcow's answer, which tells the time that is left of each; raises MailcowGarbage."""
    if not isinstance(answer, dict):
        raise MailcowGarbage("mailcow did not tell of its bans")
    return [dict(row) for row in _rows(answer, asked_at)]


def _rows(answer: dict[str, Any], asked_at: float) -> Iterator[BanRow]:
    for one in _listed(answer, "active_bans"):
        network = one.get("network") or one.get("ip") if isinstance(one, dict) else None
        if network:
            queued = str(one.get("queued_for_unban") or "0") != "0"
            until = _until(str(one.get("banned_until") or ""), asked_at)
            yield BanRow(network=str(network), until=until, queued=queued, permanent=False)
    for one in _listed(answer, "perm_bans"):
        network = one.get("network") or one.get("ip") if isinstance(one, dict) else one  # a text until 2021
        if network:
            yield BanRow(network=str(network), until=None, queued=False, permanent=True)


def _listed(answer: dict[str, Any], name: str) -> list[Any]:
    """mailcow says '' where there is nothing."""
    found = answer.get(name)
    return found[:MOST] if isinstance(found, list) else []


def _until(left: str, asked_at: float) -> int | None:
    """The end of a ban: to the minute, because the time left is told by the second of the answer."""
    found = LEFT.fullmatch(left)
    if found is None:
        return None
    hours, minutes, seconds = map(int, found.groups())
    return round((asked_at + hours * 3600 + minutes * 60 + seconds) / MINUTE) * MINUTE
