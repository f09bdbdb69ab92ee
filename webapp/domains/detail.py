"""One domain with everything that its last check found, and what its records were before. Queries only
read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.dnscheck.findings import Severity
from webapp.dnscheck.inventory import MailDomain
from webapp.dnscheck.reported import Reported, reported_of
from webapp.domains.overview import Known
from webapp.domains.words import RECORDS, in_order, word_of
from webapp.errors import NotFound
from webapp.parse.address import a_label
from webapp.tables.domains import DomainCheckRow, DomainRecordRow

MOST_CHANGES = 100
SIGNS = "\N{CROSS MARK}\N{WARNING SIGN}\N{VARIATION SELECTOR-16} "  # the page has icons of its own
Grades = Mapping[str, dict[str, Any]]
NOT_CHECKED: dict[str, Any] = {
    "status": "unknown",
    "message": "Not checked yet",
    "record": None,
    "warnings": [],
    "info": [],
    "findings": [],
    "answered_at": None,
    "unanswered": None,
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A record that became another one; None stands for no record."""

    check: str
    old: str | None
    new: str | None
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class DomainDetail:
    """The domain as mailcow has it, all grades by the name of their check, and the changes, newest first."""

    mail: MailDomain
    checked_at: datetime | None
    grades: Grades
    changes: tuple[Change, ...] = ()
    aliases: tuple[MailDomain, ...] = ()
    reported: Reported | None = None

    @property
    def names(self) -> list[str]:
        """The checks in the order in which they are shown."""
        return in_order(self.grades)


def find_domain(listed: Known, name: str) -> MailDomain:
    """The domain or alias domain of that name; raises NotFound."""
    wanted = a_label(name)
    for mail in listed.domains:
        if mail.name == wanted:
            return mail
    raise NotFound(f"mailcow has no domain {wanted[:100]}")


def detail(session: Session, listed: Known, name: str) -> DomainDetail:
    """Everything of one domain; raises NotFound."""
    mail = find_domain(listed, name)
    row = session.get(DomainCheckRow, mail.name)
    return DomainDetail(
        mail=mail,
        checked_at=row.checked_at if row is not None else None,
        grades=complete(row.grades if row is not None else {}),
        changes=tuple(changes(session, mail.name)),
        reported=reported_of(session, mail.name),
        aliases=tuple(other for other in listed.domains if other.target == mail.name),
    )


def remarks(grade: Mapping[str, Any], kind: str) -> list[str]:
    """The documented `warnings` or `info` that neither the message nor a finding says already, without
    signs."""
    said = {grade["message"], *(finding["why"] for finding in grade["findings"])}
    plain = (text.lstrip(SIGNS) for text in grade[kind])
    return [text for text in plain if text not in said]


def worst_first(grade: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The grade's findings, the gravest first."""
    order = list(Severity)
    return sorted(grade["findings"], key=lambda finding: order.index(finding["severity"]))


def badge_word(name: str, grade: Mapping[str, Any]) -> str:
    """The word of the grade's badge."""
    severities = (finding["severity"] for finding in grade["findings"])
    return word_of(name, grade["status"], grade["record"], severities)


def stored(session: Session) -> dict[str, DomainCheckRow]:
    """The last check of every domain, by name."""
    return {row.domain_name: row for row in session.scalars(select(DomainCheckRow))}


def complete(grades: Grades) -> Grades:
    """The grades, with one for each documented check that has not been made."""
    return {**dict.fromkeys(RECORDS, NOT_CHECKED), **grades}


def changes(session: Session, domain: str) -> list[Change]:
    """The last changes of the domain's records, newest first; the first sight of a record is none."""
    of_a_record, in_time = DomainRecordRow.check_name, DomainRecordRow.seen_at
    before = func.lag(DomainRecordRow.value).over(partition_by=of_a_record, order_by=in_time)
    place = func.row_number().over(partition_by=of_a_record, order_by=in_time)
    numbered = (
        select(
            DomainRecordRow.check_name,
            DomainRecordRow.value,
            DomainRecordRow.seen_at,
            before.label("before"),
            place.label("place"),
        )
        .where(DomainRecordRow.domain_name == domain)
        .subquery()
    )
    newest = numbered.c.seen_at.desc(), numbered.c.check_name
    rows = session.execute(select(numbered).where(numbered.c.place > 1).order_by(*newest).limit(MOST_CHANGES))
    return [
        Change(check=row.check_name, old=row.before, new=row.value, changed_at=row.seen_at) for row in rows
    ]
