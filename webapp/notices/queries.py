"""Channels with their last results, and notices with their ways. Queries only read."""

from sqlalchemy.orm import Session

from webapp.alerts.channels import SUMMARY, Channel, channels, find_channel
from webapp.alerts.results import ChannelState, channel_states, ways
from webapp.alerts.watched import dependence
from webapp.alerts.words import TITLES, RuleName
from webapp.config import Settings
from webapp.errors import NotFound
from webapp.lists.daylist import Found
from webapp.notices.answers import Channels, NoticeAnswer, channel_answer, delivery_answer, warning
from webapp.notices.lists import NOTICES, NoticeFilter


def states(session: Session, settings: Settings) -> list[ChannelState]:
    """Every channel with its last result."""
    return channel_states(session, channels(settings))


def all_channels(session: Session, settings: Settings) -> Channels:
    """The answer of /api/alerts/channels."""
    found = [channel_answer(one) for one in states(session, settings)]
    return Channels(found, warning(dependence(session, settings)))


def kinds() -> dict[str, str]:
    """Every kind that a channel can be limited to, with what it is about."""
    return {**{str(name): TITLES[name] for name in RuleName}, SUMMARY: "The summary of the week"}


def unknown_kinds(settings: Settings) -> list[str]:
    """The kinds in the settings that no notice ever has: a slip, for which a channel stays silent."""
    return sorted({kind for one in channels(settings) for kind in one.kinds} - kinds().keys())


def missing_for_mail(settings: Settings) -> str:
    """What keeps mail that is switched on from being a channel, in a sentence; '' where nothing does."""
    needed = {"SMTP_HOST": settings.smtp_host, "ADMIN_EMAIL": settings.admin_email}
    names = [name for name, value in needed.items() if not value]
    if not settings.smtp_enabled or not names:
        return ""
    return f"Mail is switched on (SMTP_ENABLED), but none is sent without {' and '.join(names)}."


def get_channel(settings: Settings, name: str) -> Channel:
    """The channel of that name; raises NotFound."""
    found = find_channel(settings, name)
    if found is None:
        raise NotFound("There is no such channel")
    return found


def notices(session: Session, chosen: NoticeFilter) -> Found[NoticeAnswer]:
    """A page of notices, each with its ways."""
    found = NOTICES.search(session, chosen)
    known = ways(session, [one.key for one in found.rows])
    for one in found.rows:
        one.deliveries = [delivery_answer(way) for way in known[one.key]]
    return found
