"""Grades -> stored rows: what DNS answered replaces what was known, what it did not answer never does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp.dnscheck.check import DomainCheck
from webapp.dnscheck.findings import Grade, Status
from webapp.dnscheck.mtasts import SeenPolicy
from webapp.dnscheck.turns import note_turns
from webapp.tables.db import iso
from webapp.tables.domains import DomainCheckRow, DomainRecordRow, DomainTurnRow

MOST_CHANGES = 100  # that are kept of one record of one domain
Grades = Mapping[str, dict[str, Any]]


def save(connection: Connection, checks: Sequence[DomainCheck], *, full: bool) -> int:
    """Stores the checks and the changes that they show; returns the number of changes."""
    if not checks:
        return 0
    known = _known(connection, [check.domain for check in checks])
    rows = [_row(check, known.get(check.domain, {}), full) for check in checks]
    changes = [change for check in checks for change in _changes(check, known.get(check.domain, {}))]
    _upsert(connection, rows, full)
    note_turns(connection, checks, known)
    if changes:
        statement = insert(DomainRecordRow).on_conflict_do_nothing()
        connection.execute(statement, changes)
        _prune(connection, sorted({change["domain_name"] for change in changes}))
    return len(changes)


def seen_policies(connection: Connection, domains: Sequence[str]) -> dict[str, SeenPolicy]:
    """The MTA-STS policy that each domain served first under the id that it had at its last check."""
    mta_sts = DomainCheckRow.grades["mta_sts"]
    policy_id, policy = mta_sts["policy_id"].astext, mta_sts["first_policy"].astext
    rows = connection.execute(
        select(DomainCheckRow.domain_name, policy_id.label("policy_id"), policy.label("policy")).where(
            DomainCheckRow.domain_name.in_(domains), policy_id.is_not(None), policy.is_not(None)
        )
    )
    return {row.domain_name: SeenPolicy(policy_id=row.policy_id, policy=row.policy) for row in rows}


def forget_others(connection: Connection, domains: Iterable[str]) -> None:
    """Removes what is stored of domains that mailcow no longer has."""
    names = list(domains)
    if not names:  # an answer without any domain is no reason to forget what took months
        return
    for table in (DomainCheckRow, DomainRecordRow, DomainTurnRow):
        connection.execute(delete(table).where(table.domain_name.not_in(names)))


def _known(connection: Connection, domains: list[str]) -> dict[str, Grades]:
    found = connection.execute(
        select(DomainCheckRow.domain_name, DomainCheckRow.grades).where(
            DomainCheckRow.domain_name.in_(domains)
        )
    )
    return {row.domain_name: row.grades for row in found}


def _row(check: DomainCheck, known: Grades, full: bool) -> dict[str, Any]:
    return {
        "domain_name": check.domain,
        "checked_at": check.checked_at,
        "full_checked_at": check.checked_at if full else None,
        "is_full_check": full,
        "grades": {
            name: merged(grade, known.get(name), check.checked_at) for name, grade in check.grades.items()
        },
    }


def merged(grade: Grade, known: dict[str, Any] | None, at: datetime) -> dict[str, Any]:
    """The grade as it is stored, with `answered_at`; without an answer what was known, and since when there
    is none.

    `unanswered` is null, or `{since, message}`.
    """
    if grade.status is not Status.UNKNOWN:
        return {**grade.answer(), "answered_at": iso(at), "unanswered": None}
    kept = (
        known if known is not None and known.get("answered_at") else {**grade.answer(), "answered_at": None}
    )
    before = (known or {}).get("unanswered") or {}
    return {**kept, "unanswered": {"since": before.get("since") or iso(at), "message": grade.message}}


def _changes(check: DomainCheck, known: Grades) -> Iterable[dict[str, Any]]:
    """A row for each record that is another one than before, and for each that is seen for the first time."""
    for name, grade in check.grades.items():
        if grade.status is Status.UNKNOWN:
            continue
        before = known.get(name, {})
        if before.get("answered_at") and before.get("record") == grade.record:
            continue
        yield {
            "domain_name": check.domain,
            "check_name": name,
            "value": grade.record,
            "seen_at": check.checked_at,
        }


def _upsert(connection: Connection, rows: list[dict[str, Any]], full: bool) -> None:
    statement = insert(DomainCheckRow)
    new = statement.excluded
    changed = {
        "checked_at": new.checked_at,
        "is_full_check": new.is_full_check,
        "grades": DomainCheckRow.grades.concat(new.grades),
    }
    if full:
        changed["full_checked_at"] = new.full_checked_at
    connection.execute(
        statement.on_conflict_do_update(index_elements=[DomainCheckRow.domain_name], set_=changed), rows
    )


def _prune(connection: Connection, domains: list[str]) -> None:
    """Forgets the oldest changes of a record that never stays the same."""
    place = func.row_number().over(
        partition_by=(DomainRecordRow.domain_name, DomainRecordRow.check_name),
        order_by=DomainRecordRow.seen_at.desc(),
    )
    numbered = (
        select(DomainRecordRow.id, place.label("place"))
        .where(DomainRecordRow.domain_name.in_(domains))
        .subquery()
    )
    old = select(numbered.c.id).where(numbered.c.place > MOST_CHANGES)
    connection.execute(delete(DomainRecordRow).where(DomainRecordRow.id.in_(old)))
