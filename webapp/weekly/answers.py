"""The shape of the answer of /api/alerts/summary."""

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import Field

from webapp.lists.params import EndDate, Parameters
from webapp.web.filters import query_url
from webapp.web.openapi import described
from webapp.weekly.flow import Figure
from webapp.weekly.summary import Summary

FIGURE = {
    "name": "failed",
    "label": "Not deliverable",
    "value": 12,
    "before": 9,
    "change": 3,
    "url": "/messages?status=failed&start_date=2026-01-01&end_date=2026-01-07",
}
EXAMPLE = {
    "first_day": "2026-01-01",
    "last_day": "2026-01-07",
    "made_at": "2026-01-08T01:34:08Z",
    "flow": [FIGURE],
    "recorded_from": None,
    "messages_kept_from": None,
    "lost": [{"source": "postfix", "start": "2026-01-03T10:02:00Z", "end": "2026-01-03T10:05:00Z"}],
    "reasons": [
        {"reason": "unknown_recipient", "label": "No such recipient", "messages": 8, "recipients": 9}
    ],
    "accounts": [
        {
            "account": "info@example.com",
            "kind": "quota",
            "sentence": "96 % of its quota is used",
            "since": "2026-01-05T08:00:00Z",
        }
    ],
    "domains": {"total": 12, "issues": 1, "names": ["example.org"]},
    "dmarc": [{"domain": "example.com", "messages": 900, "compliant_pct": 99.1, "before_pct": 98.7}],
    "blocklist_listings": 0,
    "storage": {"used_percent": "61%", "mailboxes_bytes": 8000000, "mailboxes_grown_bytes": 120000},
    "events": [
        {
            "rule": "container",
            "subject": "sogo",
            "severity": "critical",
            "text": "sogo is exited",
            "began_at": "2026-01-05T10:30:00Z",
            "ended_at": "2026-01-05T10:41:00Z",
        }
    ],
    "events_total": 1,
    "notices": {"warning": 2},
}


class SummaryFilter(Parameters):
    """Which week."""

    last: EndDate = Field(
        None, description="Last of the seven days (UTC), such as 2026-01-31; yesterday where it is missing"
    )

    @property
    def last_day(self) -> date | None:
        """The day, or None."""
        return self.last.date() if self.last else None


@dataclass(frozen=True)
class FigureAnswer:
    """One figure; `before` is null where the week before was not recorded whole. `url` is its list."""

    name: str
    label: str
    value: int
    before: int | None
    change: int | None
    url: str


@dataclass(frozen=True)
class LostAnswer:
    """Lines of a log that were lost."""

    source: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class ReasonAnswer:
    """Why mail failed."""

    reason: str
    label: str
    messages: int
    recipients: int


@dataclass(frozen=True)
class AccountAnswer:
    """A sign of trouble that there is now."""

    account: str
    kind: str
    sentence: str
    since: datetime


@dataclass(frozen=True)
class DomainsAnswer:
    """How many domains have issues now; the worst ten by name."""

    total: int
    issues: int
    names: list[str]


@dataclass(frozen=True)
class DmarcAnswer:
    """What reports say of a domain, in per cent by DMARC's rule; `before_pct` is the week before."""

    domain: str
    messages: int
    compliant_pct: float | None
    before_pct: float | None


@dataclass(frozen=True)
class StorageAnswer:
    """The mail volume as df says it, and what the mailboxes hold."""

    used_percent: str | None
    mailboxes_bytes: int
    mailboxes_grown_bytes: int | None


@dataclass(frozen=True)
class EventAnswer:
    """Trouble that went on in the week."""

    rule: str
    subject: str
    severity: str
    text: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class WeekAnswer:
    """One week; accounts, domains and blocklists are as of `made_at`."""

    first_day: date
    last_day: date
    made_at: datetime
    flow: list[FigureAnswer]
    recorded_from: date | None
    messages_kept_from: date | None
    lost: list[LostAnswer]
    reasons: list[ReasonAnswer]
    accounts: list[AccountAnswer]
    domains: DomainsAnswer
    dmarc: list[DmarcAnswer]
    blocklist_listings: int
    storage: StorageAnswer
    events: list[EventAnswer]
    events_total: int
    notices: dict[str, int]


SummaryAnswer = described(WeekAnswer, EXAMPLE)


def _figure(one: Figure) -> FigureAnswer:
    return FigureAnswer(
        one.name, one.label, one.value, one.before, one.change, query_url(one.path, **one.filter)
    )


def week_answer(found: Summary) -> WeekAnswer:
    """The summary in the API's form."""
    volume = found.storage.data
    return WeekAnswer(
        first_day=found.week.days.first,
        last_day=found.week.days.last,
        made_at=found.made_at,
        flow=[_figure(one) for one in (*found.flow.messages, *found.flow.accounts)],
        recorded_from=found.flow.recorded_from,
        messages_kept_from=found.flow.kept_from,
        lost=[LostAnswer(one.source, one.start, one.end) for one in found.lost],
        reasons=[
            ReasonAnswer(one.group, one.label, one.messages, one.recipients) for one in found.failures.reasons
        ],
        accounts=[
            AccountAnswer(one.username, one.kind, one.sentence, one.since) for one in found.accounts.signs
        ],
        domains=DomainsAnswer(
            found.domains.total, found.domains.issues, [one.mail.name for one in found.domains.worst]
        ),
        dmarc=[
            DmarcAnswer(
                one.domain,
                one.passes.messages,
                one.passes.compliant,
                one.before.compliant if one.before else None,
            )
            for one in found.dmarc.rows
        ],
        blocklist_listings=found.blocklists.listed_count,
        storage=StorageAnswer(volume.used_percent if volume else None, found.sizes.used, found.sizes.grown),
        events=[
            EventAnswer(one.rule, one.subject, one.severity, one.text, one.began_at, one.ended_at)
            for one in found.events.rows
        ],
        events_total=found.events.total,
        notices=found.noticed,
    )
