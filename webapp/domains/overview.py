"""The domains with the state of their checks, worst first. Queries only read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import Session

from webapp.dnscheck import inventory
from webapp.dnscheck.findings import Status
from webapp.dnscheck.inventory import Inventory, MailDomain
from webapp.dnscheck.reported import Reported, read, sums
from webapp.domains.filter import DomainsFilter
from webapp.domains.words import RECORDS, in_order, word_of
from webapp.lists.daylist import Found
from webapp.mailcow import snapshots
from webapp.tables.domains import DomainCheckRow


@dataclass(frozen=True, kw_only=True)
class CheckState:
    """How one check stands; `word` is that of its badge, `unanswered` why DNS gave no answer since, '' where
    it
    did."""

    name: str
    status: Status = Status.UNKNOWN
    word: str = "unknown"
    message: str = "Not checked yet"
    unanswered: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """mailcow's domains as last seen at `taken_at` (None: never); `error` says why there is no newer list."""

    inventory: Inventory | None = None
    taken_at: datetime | None = None
    error: str | None = None

    @property
    def domains(self) -> tuple[MailDomain, ...]:
        """All domains and alias domains."""
        return self.inventory.domains if self.inventory is not None else ()


@dataclass(frozen=True, kw_only=True)
class DomainState:
    """One domain with its checks; alias domains stand under the domain that they mean."""

    mail: MailDomain
    checked_at: datetime | None = None
    checks: tuple[CheckState, ...] = ()
    reported: Reported | None = None
    aliases: tuple["DomainState", ...] = field(default=())

    @property
    def records(self) -> tuple[CheckState, ...]:
        """The documented checks."""
        return tuple(check for check in self.checks if check.name in RECORDS)

    @property
    def others(self) -> tuple[CheckState, ...]:
        """The checks beside them."""
        return tuple(check for check in self.checks if check.name not in RECORDS)

    @property
    def has_issues(self) -> bool:
        """True with an error or a warning in a record, an error elsewhere, or a record without an answer."""
        graves = (Status.ERROR, Status.WARNING)
        return (
            any(check.status in graves or check.unanswered for check in self.records)
            or any(check.status is Status.ERROR for check in self.others)
            or any(alias.has_issues for alias in self.aliases)
        )

    @property
    def rank(self) -> tuple[Any, ...]:
        """Sorts the worst to the front: errors, then warnings, of the records before the rest."""
        mine = [check for state in (self, *self.aliases) for check in state.records]
        rest = [check for state in (self, *self.aliases) for check in state.others]
        counts = [
            -sum(check.status is status for check in checks)
            for checks in (mine, rest)
            for status in (Status.ERROR, Status.WARNING, Status.UNKNOWN)
        ]
        return (not self.mail.active, *counts, self.mail.name)


def known(session: Session) -> Known:
    """What mailcow told of its domains last."""
    kept = snapshots.load(session, inventory.SNAPSHOT)[inventory.SNAPSHOT]
    found = inventory.restored(kept.data) if kept.data is not None else None
    return Known(inventory=found, taken_at=kept.taken_at, error=kept.error)


def states(session: Session, listed: Known) -> list[DomainState]:
    """Every domain with its alias domains and the state of its checks, worst first."""
    kept = _kept_states(session)
    single = {mail.name: _state(mail, kept.get(mail.name)) for mail in listed.domains}
    below: dict[str, list[DomainState]] = {}
    for state in single.values():
        if state.mail.target in single:
            below.setdefault(state.mail.target, []).append(state)
    whole = [
        DomainState(
            mail=state.mail,
            checked_at=state.checked_at,
            checks=state.checks,
            reported=state.reported,
            aliases=tuple(sorted(below.get(name, ()), key=lambda alias: alias.rank)),
        )
        for name, state in single.items()
        if state.mail.target not in single
    ]
    return sorted(whole, key=lambda state: state.rank)


def chosen_from(listed: Sequence[DomainState], chosen: DomainsFilter) -> Found[DomainState]:
    """The page of those that the filter names."""
    wanted = [state for state in listed if _fits(state, chosen)]
    page = wanted[chosen.offset : chosen.offset + chosen.limit]
    return Found(page, len(wanted), False, chosen.page, chosen.limit)


def _fits(state: DomainState, chosen: DomainsFilter) -> bool:
    if chosen.only == "issues" and not state.has_issues:
        return False
    term = (chosen.search or "").lower()
    names = (state.mail.name, state.mail.shown_name, *(alias.mail.name for alias in state.aliases))
    return any(term in name.lower() for name in names)


def counts(listed: Iterable[DomainState]) -> dict[str, int]:
    """How many domains are active, inactive, and with issues."""
    found = list(listed)
    return {
        "active": sum(state.mail.active for state in found),
        "inactive": sum(not state.mail.active for state in found),
        "issues": sum(state.has_issues for state in found),
    }


def last_of(listed: Iterable[DomainState]) -> datetime | None:
    """When any of them was checked last."""
    return max((state.checked_at for state in listed if state.checked_at is not None), default=None)


def last_full_check(session: Session) -> datetime | None:
    """When all domains were checked last."""
    return session.scalar(select(func.max(DomainCheckRow.full_checked_at)))


def _kept_states(session: Session) -> dict[str, Any]:
    """Of each domain its last check, of each grade what a list shows, and the sums of the DMARC reports."""
    grade = func.jsonb_each(DomainCheckRow.grades).table_valued("key", "value", name="grade")
    value = cast(grade.c.value, JSONB)
    parts = {
        "status": value["status"],
        "message": value["message"],
        "record": func.left(value["record"].astext, 1),
        "severities": func.jsonb_path_query_array(value, cast("$.findings[*].severity", JSONPATH)),
        "unanswered": value["unanswered"]["message"],
    }
    shown = func.jsonb_build_object(*(part for pair in parts.items() for part in pair))
    summary = select(func.jsonb_object_agg(grade.c.key, shown)).select_from(grade).scalar_subquery()
    reports = sums().subquery()
    rows = session.execute(
        select(
            DomainCheckRow.domain_name,
            DomainCheckRow.checked_at,
            summary.label("grades"),
            reports.c.messages,
            reports.c.passed,
        ).outerjoin(reports, reports.c.domain == DomainCheckRow.domain_name)
    )
    return {row.domain_name: row for row in rows}


def _state(mail: MailDomain, row: Any) -> DomainState:
    grades: Mapping[str, Mapping[str, Any]] = row.grades if row is not None and row.grades else {}
    names = in_order({*RECORDS, *grades})
    return DomainState(
        mail=mail,
        checked_at=row.checked_at if row is not None else None,
        checks=tuple(_check(name, grades.get(name)) for name in names),
        reported=read(row.messages, row.passed) if row is not None else None,
    )


def _check(name: str, grade: Mapping[str, Any] | None) -> CheckState:
    if grade is None:
        return CheckState(name=name)
    return CheckState(
        name=name,
        status=Status(grade["status"]),
        word=word_of(name, grade["status"], grade["record"], grade["severities"]),
        message=grade["message"],
        unanswered=grade["unanswered"] or "",
    )
