"""The words of closed vocabularies as people see them: label, icon, colour and meaning, each in one table.

Badges, charts, legends and filters all take them from here.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flask import Flask


class Badge(NamedTuple):
    """One word: its icon, its label, its colour (a class of the stylesheet), and what it means."""

    icon: str
    label: str
    colour: str
    meaning: str = ""


Badges = Mapping[str, Badge]

OUTCOMES: Badges = {
    "delivered": Badge(
        "circle-check", "Delivered", "delivered", "The next server or the mailbox accepted it."
    ),
    "deferred": Badge("clock", "Deferred", "deferred", "Not delivered yet; it will be tried again."),
    "bounced": Badge(
        "corner-up-left-double", "Bounced", "bounced", "Refused for good; the sender got a notice."
    ),
    "rejected": Badge("ban", "Rejected", "rejected", "Refused at the door; it was never in the queue."),
    "spam": Badge("flame", "Spam", "spam", "Delivered, and marked as spam."),
    "expired": Badge("hourglass-off", "Expired", "expired", "Tried until its time was over."),
    "discarded": Badge("trash", "Discarded", "discarded", "Accepted and thrown away on purpose."),
    "mixed": Badge("info-circle", "Mixed", "mixed", "Recipients differ."),
    "pending": Badge(
        "clock-play", "No outcome", "pending", "It is still on its way, or Postfix's log tells no more of it."
    ),
}
LINE_OUTCOMES: Badges = {**OUTCOMES, "sent": OUTCOMES["delivered"]}  # as a Postfix line calls them
DIRECTIONS: Badges = {
    "inbound": Badge("arrow-down-left", "Inbound", ""),
    "outbound": Badge("arrow-up-right", "Outbound", ""),
    "internal": Badge("arrows-left-right", "Internal", ""),
}
UNKNOWN_DIRECTION = Badge("minus", "Direction unknown", "")
VERDICTS: Badges = {
    "no action": Badge("circle-check", "No action", "delivered", "Delivered unchanged."),
    "greylist": Badge("clock", "Greylist", "deferred", "Refused for now; a real server tries again."),
    "soft reject": Badge("clock", "Soft reject", "deferred", "Refused for now, for a temporary reason."),
    "add header": Badge("flame", "Add header", "spam", "Marked as spam; goes to the Junk folder."),
    "rewrite subject": Badge("flame", "Rewrite subject", "spam", "Marked as spam in its subject."),
    "quarantine": Badge("archive", "Quarantine", "spam", "Kept in the quarantine."),
    "reject": Badge("ban", "Reject", "rejected", "Refused for good."),
    "discard": Badge("trash", "Discard", "discarded", "Accepted and thrown away."),
}
EVENTS: Badges = {
    "warning": Badge("alert-triangle", "Warning", "deferred"),
    "banned": Badge("ban", "Banned", "rejected"),
    "unbanned": Badge("circle-check", "Unbanned", "delivered"),
    "info": Badge("info-circle", "Info", "discarded"),
    "watched": Badge("alert-triangle", "Watched", "deferred"),
}
JOB_STATES: Badges = {
    "running": Badge("clock-play", "Running", "job-running"),
    "waiting": Badge("clock", "Waiting for a worker", "job-waiting"),
    "success": Badge("circle-check", "Success", "job-success"),
    "failed": Badge("alert-octagon", "Failed", "job-failed"),
    "idle": Badge("minus", "Not run yet", "job-idle"),
    "scheduled": Badge("calendar", "Scheduled", "job-scheduled"),
    "absent": Badge("minus", "Not in this version", "job-absent"),
}


def badge_of(badges: Badges, word: str | None) -> Badge:
    """The badge of a word; a word that is not in the table is shown as it is."""
    name = word or "info"
    return badges.get(name) or Badge("info-circle", name[:1].upper() + name[1:], "discarded")


def choices(badges: Badges, words: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """(word, label) of these words, or of all, for a field with choices."""
    return [(word, badges[word].label) for word in (badges if words is None else words)]


def series(badges: Badges, words: Iterable[str]) -> list[tuple[str, str, str]]:
    """(word, label, colour) of these words, for a chart and its legend."""
    return [(word, badges[word].label, badges[word].colour) for word in words]


def register(app: Flask) -> None:
    """Give the templates the tables and what reads them."""
    app.jinja_env.globals.update(
        OUTCOMES=OUTCOMES,
        LINE_OUTCOMES=LINE_OUTCOMES,
        DIRECTIONS=DIRECTIONS,
        UNKNOWN_DIRECTION=UNKNOWN_DIRECTION,
        VERDICTS=VERDICTS,
        EVENTS=EVENTS,
        JOB_STATES=JOB_STATES,
        badge_of=badge_of,
        choices=choices,
        series_of=series,
    )
