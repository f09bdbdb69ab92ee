"""Results that turned worse: kept from the check that found it until one finds them as good as before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from webapp.dnscheck.check import DomainCheck
from webapp.dnscheck.findings import Status
from webapp.tables.domains import DomainTurnRow

ORDER = (Status.SUCCESS, Status.WARNING, Status.ERROR)  # the best first
Grades = Mapping[str, Mapping[str, Any]]
Key = tuple[str, str]


def is_worse(status: str, than: str) -> bool:
    """True where both are results and the first is the worse one; no answer is no result."""
    known = {word.value: place for place, word in enumerate(ORDER)}
    return known.get(status, -1) > known.get(than, len(ORDER))


def note_turns(connection: Connection, checks: Sequence[DomainCheck], before: Mapping[str, Grades]) -> None:
    """Keep what turned worse against the grades that were stored before, and forget what is good again."""
    row = DomainTurnRow
    names = [check.domain for check in checks]
    kept = select(row.domain_name, row.check_name, row.was).where(row.domain_name.in_(names))
    was = {(found.domain_name, found.check_name): found.was for found in connection.execute(kept)}
    worse = [turn for check in checks for turn in turned(check, before.get(check.domain, {}), was)]
    if worse:
        statement = insert(row)
        new = {name: statement.excluded[name] for name in ("status", "message")}
        keys = ["domain_name", "check_name"]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), worse)
    good = [key for check in checks for key in recovered(check, was)]
    if good:
        connection.execute(delete(row).where(tuple_(row.domain_name, row.check_name).in_(good)))


def turned(check: DomainCheck, before: Grades, was: Mapping[Key, str]) -> Iterable[dict[str, Any]]:
    """The rows of the checks that are worse than they were when they last were good."""
    for name, grade in check.grades.items():
        good = was.get((check.domain, name)) or _answered(before.get(name, {}))
        if is_worse(grade.status, good):
            yield {
                "domain_name": check.domain,
                "check_name": name,
                "was": good,
                "status": grade.status.value,
                "message": grade.message.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
                "turned_at": check.checked_at,
            }


def recovered(check: DomainCheck, was: Mapping[Key, str]) -> Iterable[Key]:
    """The turns that are over: the result is as good as it was."""
    for name, grade in check.grades.items():
        key = check.domain, name
        if key in was and grade.status is not Status.UNKNOWN and not is_worse(grade.status, was[key]):
            yield key


def _answered(grade: Mapping[str, Any]) -> str:
    return str(grade["status"]) if grade.get("answered_at") else ""
