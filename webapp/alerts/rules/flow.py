"""Rules about the flow of mail: the queue, bounces, the quarantine, sign-ins, mailboxes in trouble."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from webapp.alerts import signs
from webapp.alerts.facts import flow as facts
from webapp.alerts.finding import HOUR, LONGEST_SUBJECT, MINUTE, MOST, AnyRule, Finding, Numbers, Rule, plain
from webapp.alerts.mailboxes import Kind
from webapp.alerts.notice import Severity
from webapp.alerts.words import RuleName
from webapp.config import Settings
from webapp.parse.words import FAILED, Direction, LogSource
from webapp.tables.db import iso

CLEARLY = 0.75  # of a threshold: what is not below this is not over


def judge_length(found: facts.Queue, settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """More mails wait than may."""
    most = settings.alert_queue_mails
    if found.mails <= CLEARLY * most:
        return []
    text = f"{found.mails:,} mails wait in the queue"
    return [Finding("", text, {"mails": found.mails}, link="/queue", is_weak=found.mails <= most)]


def judge_age(found: facts.Queue, settings: Settings, moment: datetime) -> Sequence[Finding]:
    """The oldest mail waits for hours."""
    hours = (moment - found.oldest) / HOUR if found.oldest else 0.0
    if hours < CLEARLY * settings.alert_queue_hours:
        return []
    text = f"The oldest mail in the queue waits for {hours:.1f} hours"
    weak = hours < settings.alert_queue_hours
    return [Finding("", text, {"hours": round(hours, 1)}, link="/queue?sort=arrived", is_weak=weak)]


def judge_growth(found: facts.Queue, settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """Many mails came within 15 minutes and stayed: more than waited before."""
    before = found.mails - found.young
    if found.young < CLEARLY * settings.alert_queue_growth or found.young < before:
        return []
    text = f"{found.young:,} mails came into the queue in 15 minutes and wait; before that {before:,} did"
    weak = found.young < settings.alert_queue_growth
    numbers = {"mails": found.young, "before": before}
    return [Finding("", text, numbers, link="/queue", is_weak=weak)]


def judge_sent(found: facts.Sent, settings: Settings, moment: datetime) -> Sequence[Finding]:
    """Much of what was sent to other servers came back or expired.

    A rate of few messages means nothing; an account whose mail fails is told by its sign.
    """
    percent = 100 * found.failed / found.messages if found.messages else 0.0
    limit = settings.alert_bounce_percent
    if found.failed < CLEARLY * settings.alert_bounce_mails or percent < CLEARLY * limit:
        return []
    weak = percent < limit or found.failed < settings.alert_bounce_mails
    text = f"{percent:.0f} % of what was sent in 6 hours came back: {found.failed:,} of {found.messages:,}"
    period = {"start_date": iso(found.since), "end_date": iso(moment)}
    link = "/messages?" + urlencode({"direction": Direction.OUTBOUND, "status": FAILED, **period})
    numbers = {"percent": round(percent, 1), "failed": found.failed, "messages": found.messages}
    return [Finding("", text, numbers, link=link, is_weak=weak)]


def judge_quarantine(found: facts.Quarantine, settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """Rspamd rejected or marked mails, and the quarantine gained none of them."""
    if not found.acted:
        return []
    many = "1,000 or more" if found.acted >= facts.MOST_ACTED else f"{found.acted:,}"
    text = f"Rspamd rejected or marked {many} mails, and the quarantine gained none"
    weak = found.acted < settings.alert_quarantine_mails
    return [Finding("", text, {"mails": found.acted}, since=found.since, link="/quarantine", is_weak=weak)]


def judge_sign_ins(
    found: Sequence[facts.SignIns], settings: Settings, _moment: datetime
) -> Sequence[Finding]:
    """Many sign-ins of one user were refused."""
    return [_refused(one, one.refused < settings.alert_sign_ins) for one in found]


def _refused(one: facts.SignIns, weak: bool) -> Finding:
    whence = "one address" if one.addresses == 1 else f"{one.addresses:,} addresses"
    text = f"{one.refused:,} sign-ins were refused in 15 minutes, from {whence}"
    numbers: Numbers = {"refused": one.refused, "addresses": one.addresses, "source": one.source}
    asked = {"username": one.user, "action": "attempt", "start_date": iso(one.since)}
    link = "/security/events?" + urlencode(asked) if one.source == LogSource.NETFILTER else "/security"
    return Finding(plain(one.user, LONGEST_SUBJECT), text, numbers, since=one.since, link=link, is_weak=weak)


def mailbox_signs(session: Session, _settings: Settings, _moment: datetime) -> Sequence[signs.NotedSign]:
    """The signs of trouble of mailboxes that there are."""
    return signs.current(session, MOST)


def judge_signs(found: Sequence[signs.NotedSign], settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """A mailbox shows a sign of trouble of a kind that is told; failures only where it was better before."""
    return [
        Finding(
            plain(one.username, LONGEST_SUBJECT),
            f"{one.title}: {one.sentence}",
            one.figures,
            one.kind,
            one.since,
            signs.page_of(one.username),
        )
        for one in found
        if one.kind in settings.alert_mailbox_signs and (one.kind != Kind.FAILURES or "before" in one.figures)
    ]


RULES: tuple[AnyRule, ...] = (
    Rule(
        RuleName.QUEUE_LENGTH,
        Severity.WARNING,
        facts.queue,
        judge_length,
        lambda s: (
            f"above {s.alert_queue_mails} mails for {s.alert_queue_minutes} minutes; "
            f"over at {int(CLEARLY * s.alert_queue_mails)} or less; held mail does not count"
        ),
        ("alert_queue_mails", "alert_queue_minutes"),
        patience=lambda s: s.alert_queue_minutes * MINUTE,
    ),
    Rule(
        RuleName.QUEUE_AGE,
        Severity.WARNING,
        facts.queue,
        judge_age,
        lambda s: (
            f"the oldest waits for {s.alert_queue_hours:g} hours, seen for five minutes; "
            f"over when none waits for {CLEARLY * s.alert_queue_hours:g}"
        ),
        ("alert_queue_hours",),
        patience=lambda _: 5 * MINUTE,
    ),
    Rule(
        RuleName.QUEUE_GROWTH,
        Severity.WARNING,
        facts.queue,
        judge_growth,
        lambda s: (
            f"{s.alert_queue_growth} mails of 15 minutes wait, more than before, for two minutes; "
            f"over after 15 minutes with fewer than {ceil(CLEARLY * s.alert_queue_growth)}"
        ),
        ("alert_queue_growth",),
        patience=lambda _: 2 * MINUTE,
        calm=15 * MINUTE,
    ),
    Rule(
        RuleName.BOUNCES,
        Severity.WARNING,
        facts.sent,
        judge_sent,
        lambda s: (
            f"{s.alert_bounce_percent:g} % of the messages of 6 hours, at least {s.alert_bounce_mails}; "
            f"over below {CLEARLY * s.alert_bounce_percent:g} % or {ceil(CLEARLY * s.alert_bounce_mails)}"
        ),
        ("alert_bounce_percent", "alert_bounce_mails"),
    ),
    Rule(
        RuleName.QUARANTINE,
        Severity.WARNING,
        facts.quarantine,
        judge_quarantine,
        lambda s: f"{s.alert_quarantine_mails} mails in a day; over when the quarantine gains one",
        ("alert_quarantine_mails",),
    ),
    Rule(
        RuleName.SIGN_INS,
        Severity.WARNING,
        facts.sign_ins,
        judge_sign_ins,
        lambda s: (
            f"{s.alert_sign_ins} of one user in 15 minutes; over after 15 minutes with "
            f"fewer than {s.alert_sign_ins // 2}"
        ),
        ("alert_sign_ins",),
        calm=15 * MINUTE,
    ),
    Rule(
        RuleName.MAILBOX,
        Severity.WARNING,
        mailbox_signs,
        judge_signs,
        lambda s: f"{', '.join(s.alert_mailbox_signs) or 'no sign'}; over 15 minutes after the sign is gone",
        ("alert_mailbox_signs",),
        calm=15 * MINUTE,
    ),
)
