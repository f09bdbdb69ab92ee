"""Rules about the mail server and this program: mailcow's answers, containers, storage, certificates,
updates."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from webapp.alerts.facts import server as facts
from webapp.alerts.finding import DAY, MINUTE, AnyRule, Finding, Numbers, Rule, plain
from webapp.alerts.notice import Severity
from webapp.alerts.words import RuleName
from webapp.config import Settings
from webapp.parse.version import is_newer

RUNNING = "running"
CLEARLY = 3  # per cent of the volume that must be free again
SOON = 2 * DAY  # before its end, a certificate is urgent


def judge_answers(found: facts.Answers, settings: Settings, moment: datetime) -> Sequence[Finding]:
    """mailcow gives nothing usable for some minutes, or refuses the key."""
    since = found.failing_since
    if since is None or moment - since < settings.alert_mailcow_minutes * MINUTE:
        return []
    text = plain(found.reason) or "mailcow cannot be read"
    numbers: Numbers = {"minutes": int((moment - since) / MINUTE), "refused": found.is_refused}
    return [Finding("", text, numbers, since=since, link="/status")]


def judge_containers(found: Mapping[str, str], settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """A container that does not run and is not one that may be stopped."""
    ignored = {name.removesuffix("-mailcow") for name in settings.alert_containers_ignored}
    return [
        Finding(plain(name, 100), plain(f"{name} is {state}"), {"state": plain(state, 50)}, link="/status")
        for name, state in found.items()
        if state != RUNNING and name not in ignored
    ]


def judge_volume(found: facts.Volume, settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """The mail volume is fuller than the threshold; it must be clearly below to be over."""
    if found.percent <= settings.alert_disk_percent - CLEARLY:
        return []
    text = plain(f"{found.percent:g} % of the mail volume is used, {found.used} of {found.total}")
    weak = found.percent <= settings.alert_disk_percent
    return [Finding("", text, {"percent": found.percent}, link="/status", is_weak=weak)]


def judge_certificates(
    found: Sequence[facts.Shown], settings: Settings, moment: datetime
) -> Sequence[Finding]:
    """A certificate that ends within days, or has ended."""
    return [
        _ending(one, moment)
        for one in found
        if one.not_after - moment <= settings.alert_certificate_days * DAY
    ]


def _ending(one: facts.Shown, moment: datetime) -> Finding:
    left = one.not_after - moment
    days = int(left / DAY) if left > 0 * DAY else -int(-left / DAY)
    when = f"ends in {_days(days)}" if left > 0 * DAY else f"ended {_days(-days)} ago"
    severity = Severity.CRITICAL if left < SOON else Severity.WARNING
    text = plain(f"The certificate of {one.host}, port {one.port}, {when} ({one.not_after:%-d %b %Y})")
    return Finding(plain(one.host, 250), text, {"days": days}, str(one.port), severity=severity)


def _days(count: int) -> str:
    return "less than a day" if count == 0 else f"{count} day{'' if count == 1 else 's'}"


def judge_products(
    found: Sequence[facts.Product], _settings: Settings, _moment: datetime
) -> Sequence[Finding]:
    """A release that is newer than what runs."""
    return [
        Finding(
            plain(one.name, 100),
            plain(f"{one.name} {one.latest} is available; {one.running} is running"),
            {"running": plain(one.running, 50), "latest": plain(one.latest, 50)},
            link="/status",
        )
        for one in found
        if is_newer(one.latest, one.running)
    ]


RULES: tuple[AnyRule, ...] = (
    Rule(
        RuleName.MAILCOW,
        Severity.CRITICAL,
        facts.answers,
        judge_answers,
        lambda s: f"no usable answer for {s.alert_mailcow_minutes} minutes; over with two minutes of answers",
        ("alert_mailcow_minutes",),
        calm=2 * MINUTE,
    ),
    Rule(
        RuleName.CONTAINER,
        Severity.CRITICAL,
        facts.containers,
        judge_containers,
        lambda s: f"not running for {s.alert_container_minutes} minutes; over after five minutes of running",
        ("alert_container_minutes", "alert_containers_ignored"),
        patience=lambda s: s.alert_container_minutes * MINUTE,
        calm=5 * MINUTE,
    ),
    Rule(
        RuleName.DISK,
        Severity.CRITICAL,
        facts.volume,
        judge_volume,
        lambda s: f"above {s.alert_disk_percent:g} %; over at {s.alert_disk_percent - CLEARLY:g} % or less",
        ("alert_disk_percent",),
    ),
    Rule(
        RuleName.CERTIFICATE,
        Severity.WARNING,
        facts.certificates,
        judge_certificates,
        lambda s: f"ends within {s.alert_certificate_days} days; over when a newer one is shown",
        ("alert_certificate_days",),
    ),
    Rule(
        RuleName.UPDATE,
        Severity.INFO,
        facts.products,
        judge_products,
        lambda s: f"a newer release; told again every {s.alert_update_days} days; over when it runs",
        ("alert_update_days",),
        reminder=lambda s: s.alert_update_days * DAY,
    ),
)
