"""The words of closed vocabularies as people see them: label, icon, colour and meaning, each in one table.

Badges, charts, legends and filters all take them from here.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask import Flask

from webapp.jobqueue import JobState
from webapp.parse.postfix import outcome, parse_line
from webapp.parse.words import (
    FAILED,
    JUNK,
    UNDELIVERED,
    Direction,
    DovecotEvent,
    NetfilterAction,
    Outcome,
    RspamdAction,
)


class Badge(NamedTuple):
    """One word: its icon, its label, its colour (a class of the stylesheet), and what it means."""

    icon: str
    label: str
    colour: str
    meaning: str = ""


Badges = Mapping[str, Badge]

OUTCOMES: Badges = {
    Outcome.DELIVERED: Badge(
        "circle-check", "Delivered", "delivered", "The next server or the mailbox accepted it."
    ),
    Outcome.DEFERRED: Badge("clock", "Deferred", "deferred", "Not delivered yet; it will be tried again."),
    Outcome.BOUNCED: Badge(
        "corner-up-left-double",
        "Bounced",
        "bounced",
        "Returned to sender: refused for good, and the sender got a notice.",
    ),
    Outcome.REJECTED: Badge("ban", "Rejected", "refused", "Refused at the door; it was never in the queue."),
    Outcome.SPAM: Badge("flame", "Junk folder", "spam", "Delivered as spam."),
    Outcome.EXPIRED: Badge("hourglass-off", "Expired", "expired", "Tried until its time was over."),
    Outcome.DISCARDED: Badge("trash", "Discarded", "discarded", "Accepted and thrown away on purpose."),
    Outcome.MIXED: Badge("info-circle", "Mixed", "mixed", "Recipients differ."),
    Outcome.PENDING: Badge(
        "clock-play",
        "In progress",
        "progress",
        "It is still on its way, or Postfix's log tells no more of it.",
    ),
}
STATUSES: Badges = {  # what the filter `status` finds
    **OUTCOMES,
    Outcome.SPAM: Badge("flame", "Spam", "spam", "Rspamd's verdict, whatever became of the message."),
    JUNK: OUTCOMES[Outcome.SPAM],
    FAILED: Badge("corner-up-left-double", "Bounced or expired", "bounced", "Not deliverable for good."),
}
THROWING = ("local", "pipe", "discard")  # programs by which mail may go to nobody
LINE_OUTCOMES: Badges = {  # as a Postfix line calls them
    **OUTCOMES,
    "sent": OUTCOMES[Outcome.DELIVERED],
    "held": Badge(
        "player-pause", "Held", "pending", "It waits in the queue until an administrator releases it."
    ),
}
DIRECTIONS: Badges = {
    Direction.INBOUND: Badge("arrow-down-left", "Inbound", ""),
    Direction.OUTBOUND: Badge("arrow-up-right", "Outbound", ""),
    Direction.INTERNAL: Badge("arrows-left-right", "Internal", ""),
}
UNKNOWN_DIRECTION = Badge("minus", "Direction unknown", "")
VERDICTS: Badges = {
    RspamdAction.NO_ACTION: Badge("circle-check", "No action", "delivered", "Delivered unchanged."),
    RspamdAction.GREYLIST: Badge(
        "clock", "Greylist", "deferred", "Refused for now; a real server tries again."
    ),
    RspamdAction.SOFT_REJECT: Badge(
        "clock", "Soft reject", "deferred", "Refused for now, for a temporary reason."
    ),
    RspamdAction.ADD_HEADER: Badge("flame", "Add header", "spam", "Marked as spam; goes to the Junk folder."),
    RspamdAction.REWRITE_SUBJECT: Badge("flame", "Rewrite subject", "spam", "Marked as spam in its subject."),
    RspamdAction.QUARANTINE: Badge("archive", "Quarantine", "spam", "Kept in the quarantine."),
    RspamdAction.REJECT: Badge("ban", "Reject", "refused", "Refused for good."),
    RspamdAction.DISCARD: Badge("trash", "Discard", "discarded", "Accepted and thrown away."),
}
EVENTS: Badges = {
    NetfilterAction.WARNING: Badge("alert-triangle", "Warning", "deferred"),
    NetfilterAction.BANNED: Badge("ban", "Banned", "refused"),
    NetfilterAction.UNBANNED: Badge("circle-check", "Unbanned", "delivered"),
    NetfilterAction.INFO: Badge("info-circle", "Info", "discarded"),
    "watched": Badge("alert-triangle", "Watched", "deferred"),
}
BANS: Badges = {
    "banned": Badge("ban", "Banned", "refused"),
    "about to be unbanned": Badge("clock", "Ending", "deferred", "netfilter lifts the ban within seconds."),
    "banned for good": Badge("ban", "For good", "refused", "It stands on mailcow's denylist."),
}
DOVECOT_EVENTS: Badges = {
    DovecotEvent.STORED: Badge("circle-check", "Stored", "delivered", "Put into a folder of the mailbox."),
    DovecotEvent.FORWARDED: Badge("mail-forward", "Forwarded", "delivered", "By a filter rule."),
    DovecotEvent.SUPPRESSED: Badge(
        "minus", "Not forwarded", "discarded", "The same message had been forwarded before."
    ),
    DovecotEvent.DISCARDED: Badge("trash", "Discarded", "discarded", "By a filter rule."),
    DovecotEvent.REJECTED: Badge("ban", "Rejected", "rejected", "By a filter rule, which tells the sender."),
    DovecotEvent.ANSWERED: Badge("send", "Answered", "delivered", "A vacation answer was sent."),
    DovecotEvent.UNANSWERED: Badge(
        "minus", "Not answered", "discarded", "This sender had a vacation answer a while ago."
    ),
    DovecotEvent.FAILED: Badge("alert-octagon", "Failed", "rejected", "It could not be stored or forwarded."),
    DovecotEvent.REFUSED: Badge("lock", "Sign-in refused", "deferred", "Wrong password or unknown user."),
}
DMARC_RESULTS: Badges = {
    "passed": Badge(
        "circle-check", "Passed", "delivered", "SPF or DKIM passed with a domain of the author's."
    ),
    "failed": Badge("ban", "Failed", "rejected", "Neither SPF nor DKIM speaks for the author's domain."),
}
SOURCE_CLASSES: Badges = {
    "ours": Badge("circle-check", "Ours", "delivered"),
    "authorised sender": Badge("circle-check", "Authorised", "delivered"),
    "legitimate": Badge("user", "Legitimate", "delivered", "Set by hand."),
    "can be fixed": Badge("alert-triangle", "Can be fixed", "deferred"),
    "forwarder": Badge("mail-forward", "Forwarder", "discarded"),
    "unknown or threat": Badge("alert-octagon", "Unknown or threat", "rejected"),
    "unauthorised": Badge("ban", "Unauthorised", "rejected", "Set by hand."),
    "stale": Badge("hourglass-off", "Stale", "expired", "Set by hand: no longer in use."),
}
JOB_STATES: Badges = {
    JobState.RUNNING: Badge("clock-play", "Running", "job-running"),
    "waiting": Badge("clock", "Waiting for a worker", "job-waiting"),
    JobState.SUCCESS: Badge("circle-check", "Success", "job-success"),
    JobState.FAILED: Badge("alert-octagon", "Failed", "job-failed"),
    JobState.IDLE: Badge("minus", "Not run yet", "job-idle"),
    JobState.SCHEDULED: Badge("calendar", "Scheduled", "job-scheduled"),
    "absent": Badge("minus", "Not in this version", "job-absent"),
}
DNS_STATES: Badges = {
    "success": Badge("circle-check", "OK", "delivered"),
    "warning": Badge("alert-triangle", "Warning", "deferred"),
    "error": Badge("alert-octagon", "Error", "rejected"),
    "better": Badge("arrow-up", "Could be better", "pending"),
    "absent": Badge("minus", "Not set up", "discarded"),
    "unknown": Badge("clock", "Not known", "discarded", "DNS gave no answer, or nobody has asked yet."),
}
SEVERITIES: Badges = {
    "error": Badge("alert-octagon", "Error", "rejected", "Mail is lost, or can be forged."),
    "warning": Badge("alert-triangle", "Warning", "deferred", "Some mail may suffer."),
    "recommendation": Badge("arrow-up", "Recommendation", "pending", "Works, and could be better."),
    "information": Badge("info-circle", "Information", "discarded"),
}
SPF_RESULTS: Badges = {
    "pass": Badge("circle-check", "Pass", "delivered", "It may send for the domain."),
    "fail": Badge("ban", "Fail", "rejected", "The domain says that it may not send."),
    "softfail": Badge("alert-triangle", "Soft fail", "deferred", "It probably may not send."),
    "neutral": Badge("minus", "Neutral", "deferred", "The domain says nothing about it."),
    "none": Badge("minus", "No policy", "discarded"),
    "permerror": Badge("alert-octagon", "Broken record", "rejected", "The check ends in an error."),
    "temperror": Badge("clock", "No answer", "discarded", "DNS did not answer."),
}
CHANNELS: Badges = {
    "works": Badge("circle-check", "Works", "delivered", "The last attempt was a success."),
    "fails": Badge("alert-octagon", "Fails", "rejected", "The last attempt failed."),
    "untried": Badge("minus", "Not used yet", "discarded"),
}
EVENT_STATES: Badges = {
    "open": Badge("alert-triangle", "Open", "deferred"),
    "over": Badge("circle-check", "Over", "delivered"),
    "off": Badge("minus", "Switched off", "discarded", "The rule was switched off while this was open."),
}
RULE_STATES: Badges = {
    "open": Badge("alert-triangle", "Open", "deferred", "It finds trouble."),
    "quiet": Badge("circle-check", "Quiet", "delivered", "It finds no trouble."),
    "unknown": Badge("clock", "Not known", "discarded", "What it judges is not known now."),
    "off": Badge("minus", "Off", "discarded", "The settings switch it off."),
}
NOTICE_SEVERITIES: Badges = {
    "critical": Badge("alert-octagon", "Critical", "rejected"),
    "warning": Badge("alert-triangle", "Warning", "deferred"),
    "info": Badge("info-circle", "Information", "discarded"),
}
LISTINGS: Badges = {
    "listed": Badge("ban", "Listed", "rejected", "Some receivers refuse mail from this address."),
    "information": Badge("info-circle", "Listed", "discarded", "Says something about the network around."),
    "clean": Badge("circle-check", "Not listed", "delivered"),
    "not checked": Badge("alert-triangle", "Not checked", "deferred", "The list refuses this resolver."),
    "unknown": Badge("minus", "Not known", "discarded", "An answer that means nothing."),
    "timeout": Badge("clock", "No answer", "discarded", "The list did not answer in time."),
    "error": Badge("alert-octagon", "No answer", "discarded", "The list's name servers fail."),
}


def badge_of(badges: Badges, word: str | None) -> Badge:
    """The badge of a word; a word that is not in the table is shown as it is."""
    name = word or "unknown"
    return badges.get(name) or Badge("info-circle", name[:1].upper() + name[1:], "discarded")


VALUES: Mapping[str, Badges] = {  # what a filter's values are called
    "status": {**LINE_OUTCOMES, **STATUSES},
    "outcome": OUTCOMES,
    "direction": DIRECTIONS,
    "action": {**VERDICTS, **EVENTS},
    "event": DOVECOT_EVENTS,
}
OF_SEVERAL = {FAILED: STATUSES[FAILED].label, UNDELIVERED: "Not delivered"}
NOTICE_SENDER = "Mail server (notice)"  # what the null sender is called


def value_words(name: str, typed: str) -> str:
    """What a filter's value is called on pages; what has no words of its own stays as it was typed."""
    if name in ("sender", "recipient", "from", "to") and typed == "<>":
        return NOTICE_SENDER
    if name in VALUES and typed in OF_SEVERAL:
        return OF_SEVERAL[typed]
    found = VALUES.get(name, {}).get(typed)
    return found.label if found else typed


def line_word(line: Any) -> str | None:
    """The outcome that a stored Postfix line tells; what goes to nobody was `sent` for Postfix."""
    if line.status == "sent" and line.program.endswith(THROWING):
        return outcome(parse_line(line.program, line.message)) or Outcome.DELIVERED
    found: str | None = line.status
    return found


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
        STATUSES=STATUSES,
        LINE_OUTCOMES=LINE_OUTCOMES,
        DIRECTIONS=DIRECTIONS,
        UNKNOWN_DIRECTION=UNKNOWN_DIRECTION,
        VERDICTS=VERDICTS,
        EVENTS=EVENTS,
        BANS=BANS,
        DOVECOT_EVENTS=DOVECOT_EVENTS,
        JOB_STATES=JOB_STATES,
        DNS_STATES=DNS_STATES,
        SEVERITIES=SEVERITIES,
        SPF_RESULTS=SPF_RESULTS,
        LISTINGS=LISTINGS,
        CHANNELS=CHANNELS,
        NOTICE_SEVERITIES=NOTICE_SEVERITIES,
        EVENT_STATES=EVENT_STATES,
        RULE_STATES=RULE_STATES,
        DMARC_RESULTS=DMARC_RESULTS,
        SOURCE_CLASSES=SOURCE_CLASSES,
        NOTICE_SENDER=NOTICE_SENDER,
        badge_of=badge_of,
        line_word=line_word,
        choices=choices,
        series_of=series,
    )
