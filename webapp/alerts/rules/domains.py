"""Rules about domains and the addresses that send: DNS, blocklists, DMARC reports."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from webapp.alerts.facts import domains as facts
from webapp.alerts.finding import HOUR, LONGEST_SUBJECT, AnyRule, Finding, Rule, plain
from webapp.alerts.notice import Severity
from webapp.alerts.words import RuleName
from webapp.config import Settings
from webapp.dnscheck.blocklist.verdict import Weight
from webapp.dnscheck.findings import Status
from webapp.reports.signs import SILENT_DAYS, signs

WEIGHTS = tuple(Weight)  # the heaviest first
LONGEST_RECORD = 150  # characters of a record that a sentence shows


def judge_turns(found: Sequence[facts.Turn], _settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """The result of a domain's check is worse than it was."""
    return [
        Finding(
            plain(one.domain, LONGEST_SUBJECT),
            plain(f"{shown(one.check)} turned from {one.was} to {one.status}: {one.message}"),
            {"was": one.was, "status": one.status},
            one.check,
            one.turned_at,
            domain_page(one.domain),
            Severity.CRITICAL if one.status == Status.ERROR else Severity.WARNING,
        )
        for one in found
    ]


def judge_changes(found: Sequence[facts.Change], _settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """A record of a domain became another one."""
    return [
        Finding(
            plain(one.domain, LONGEST_SUBJECT),
            f"The {shown(one.check)} record changed from {_record(one.before)} to {_record(one.after)}",
            {"before": plain(one.before or "", 400), "after": plain(one.after or "", 400)},
            one.check,
            one.seen_at,
            domain_page(one.domain),
        )
        for one in found
    ]


def shown(check: str) -> str:
    """A check's name for people."""
    return check.upper().replace("_", "-")


def _record(value: str | None) -> str:
    return f"“{plain(value, LONGEST_RECORD)}”" if value else "none"


def domain_page(domain: str) -> str:
    """The page of a domain."""
    return f"/domains/{quote(domain, safe='')}"


def judge_listings(found: Sequence[facts.Listed], settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """An address that sends for us is on a blocklist of some weight."""
    least = WEIGHTS.index(Weight(settings.alert_blocklist_weight))
    return [_listed(one) for one in found if WEIGHTS.index(one.blocklist.weight) <= least]


def _listed(one: facts.Listed) -> Finding:
    for_it = f"; {one.bounced:,} mails came back for it" if one.bounced else ""
    text = plain(f"{one.address} is on the blocklist {one.blocklist.name}: {one.why}{for_it}")
    severity = Severity.CRITICAL if one.blocklist.weight is Weight.MAJOR else Severity.WARNING
    numbers = {"bounced": one.bounced, "weight": one.blocklist.weight.value}
    return Finding(one.address, text, numbers, one.blocklist.name, one.since, "/blocklists", severity)


def judge_reported(
    found: Sequence[facts.Reported], settings: Settings, moment: datetime
) -> Sequence[Finding]:
    """Signs in a domain's reports of a kind that is told."""
    return [
        Finding(
            plain(one.domain, LONGEST_SUBJECT),
            plain(noted.text),
            {"sign": noted.sign.value},
            noted.sign.value,
            link=f"/dmarc/{quote(one.domain, safe='')}",
        )
        for one in found
        for noted in signs(one.days, moment.date(), (), one.new_sources, SILENT_DAYS)
        if noted.sign in settings.alert_dmarc_signs
    ]


RULES: tuple[AnyRule, ...] = (
    Rule(
        RuleName.DNS,
        Severity.WARNING,
        facts.turns,
        judge_turns,
        lambda s: f"a worse result of {_listing(s.alert_dns_checks)}; over when it is as good as before",
        ("alert_dns_checks",),
    ),
    Rule(
        RuleName.DNS_CHANGE,
        Severity.INFO,
        facts.changes,
        judge_changes,
        lambda s: f"another record of {_listing(s.alert_dns_changes)}; told once",
        ("alert_dns_changes",),
        reminder=lambda _: timedelta(),
        is_momentary=True,
    ),
    Rule(
        RuleName.BLOCKLIST,
        Severity.WARNING,
        facts.listings,
        judge_listings,
        lambda s: f"on a list of weight {s.alert_blocklist_weight} or more; over when it has left",
        ("alert_blocklist_weight",),
    ),
    Rule(
        RuleName.DMARC,
        Severity.WARNING,
        facts.reported,
        judge_reported,
        lambda s: f"{', '.join(s.alert_dmarc_signs) or 'no sign'} on the newest day; over with a day without",
        ("alert_dmarc_signs",),
        every=HOUR,
    ),
)


def _listing(checks: Sequence[str]) -> str:
    return ", ".join(shown(check) for check in checks) or "no check"
