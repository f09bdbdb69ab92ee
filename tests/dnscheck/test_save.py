"""What DNS answered is kept with its history; what it did not answer changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from webapp.dnscheck import save
from webapp.dnscheck.check import DomainCheck
from webapp.dnscheck.findings import Grade, Status
from webapp.tables.domains import DomainCheckRow, DomainRecordRow, DomainTurnRow

BEGIN = datetime(2026, 1, 8, 1, 34, 8, tzinfo=UTC)
NOTHING = Grade(status=Status.UNKNOWN, message="DNS gave no answer")


def good(record: str | None, message: str = "fine") -> Grade:
    return Grade(status=Status.SUCCESS, message=message, record=record)


def check(hours: int, spf: Grade, domain: str = "a.example", **others: Grade) -> DomainCheck:
    return DomainCheck(
        domain=domain, checked_at=BEGIN + timedelta(hours=hours), grades={"spf": spf, **others}
    )


def stored(session: Any, domain: str = "a.example") -> Any:
    return session.scalars(select(DomainCheckRow).filter_by(domain_name=domain)).one()


def history(session: Any) -> list[tuple[str, str | None, int]]:
    rows = session.scalars(
        select(DomainRecordRow).order_by(DomainRecordRow.seen_at, DomainRecordRow.check_name)
    )
    return [(row.check_name, row.value, int((row.seen_at - BEGIN).total_seconds() // 3600)) for row in rows]


@pytest.fixture
def keep(db_session: Any) -> Any:
    def kept(*checks: DomainCheck, full: bool = True) -> int:
        changes = save.save(db_session.connection(), checks, full=full)
        db_session.commit()
        return changes

    return kept


def test_a_change_is_told_with_the_value_and_the_time(db_session: Any, keep: Any) -> None:
    assert keep(check(0, good("v=spf1 -all"))) == 1
    assert keep(check(6, good("v=spf1 -all", "other words"))) == 0
    assert keep(check(12, good("v=spf1 mx -all"))) == 1
    assert keep(check(18, good(None))) == 1
    assert history(db_session) == [
        ("spf", "v=spf1 -all", 0),
        ("spf", "v=spf1 mx -all", 12),
        ("spf", None, 18),
    ]


def test_no_answer_is_neither_a_grade_nor_a_change(db_session: Any, keep: Any) -> None:
    keep(check(0, good("v=spf1 -all")))
    assert keep(check(6, NOTHING)) == 0
    keep(check(12, NOTHING))
    grade = stored(db_session).grades["spf"]
    assert (grade["status"], grade["record"]) == ("success", "v=spf1 -all")
    assert grade["answered_at"] == "2026-01-08T01:34:08Z"
    assert grade["unanswered"] == {"since": "2026-01-08T07:34:08Z", "message": "DNS gave no answer"}
    assert keep(check(18, good("v=spf1 -all"))) == 0
    assert stored(db_session).grades["spf"]["unanswered"] is None


def test_a_domain_that_never_answered_is_unknown(db_session: Any, keep: Any) -> None:
    keep(check(0, NOTHING))
    keep(check(6, NOTHING))
    grade = stored(db_session).grades["spf"]
    assert (grade["status"], grade["answered_at"]) == ("unknown", None)
    assert grade["unanswered"]["since"] == "2026-01-08T01:34:08Z"
    assert history(db_session) == []
    assert keep(check(12, good(None))) == 1


def test_the_same_check_stored_again_changes_nothing(db_session: Any, keep: Any) -> None:
    keep(check(0, good("v=spf1 -all")))
    before = (stored(db_session).grades, history(db_session))
    keep(check(0, good("v=spf1 -all")))
    assert (stored(db_session).grades, history(db_session)) == before


def test_only_a_check_of_all_domains_moves_their_common_time(db_session: Any, keep: Any) -> None:
    keep(check(0, good("a")))
    keep(check(1, good("a")), full=False)
    row = stored(db_session)
    assert (row.is_full_check, row.checked_at, row.full_checked_at) == (
        False,
        BEGIN + timedelta(hours=1),
        BEGIN,
    )


def test_a_check_that_was_not_made_keeps_its_grade(db_session: Any, keep: Any) -> None:
    keep(check(0, good("a"), mx=good("10 mail.a.example")))
    keep(check(6, good("b")))
    assert stored(db_session).grades["mx"]["record"] == "10 mail.a.example"


def test_a_record_that_never_stays_the_same_keeps_a_bounded_history(db_session: Any, keep: Any) -> None:
    most = save.MOST_CHANGES
    for hour in range(most + 5):
        keep(check(hour, good(f"record {hour}")))
    kept = history(db_session)
    assert len(kept) == most
    assert kept[-1][1] == f"record {most + 4}"


def test_domains_that_are_gone_are_forgotten_but_never_all_of_them(db_session: Any, keep: Any) -> None:
    keep(check(0, good("a")), check(0, good("b"), "b.example"))
    save.forget_others(db_session.connection(), [])
    save.forget_others(db_session.connection(), ["b.example"])
    assert [row.domain_name for row in db_session.scalars(select(DomainCheckRow))] == ["b.example"]
    assert len(history(db_session)) == 1


def bad(message: str = "broken") -> Grade:
    return Grade(status=Status.ERROR, message=message)


def turns(session: Any) -> dict[str, tuple[str, str, int]]:
    rows = session.scalars(select(DomainTurnRow))
    return {
        row.check_name: (row.was, row.status, int((row.turned_at - BEGIN).total_seconds() // 3600))
        for row in rows
    }


def test_a_result_that_turned_worse_is_kept_until_it_is_as_good_as_before(db_session: Any, keep: Any) -> None:
    warned = Grade(status=Status.WARNING, message="odd")
    keep(check(0, good("a"), dmarc=bad(), mx=warned))
    assert turns(db_session) == {}  # what was never better has not turned
    keep(check(6, warned, dmarc=bad(), mx=NOTHING))
    assert turns(db_session) == {"spf": ("success", "warning", 6)}
    keep(check(12, bad(), dmarc=good("b"), mx=bad()))
    assert turns(db_session) == {"spf": ("success", "error", 6), "mx": ("warning", "error", 12)}
    keep(check(18, NOTHING, dmarc=NOTHING, mx=warned))
    assert turns(db_session) == {"spf": ("success", "error", 6)}
    keep(check(24, warned))
    assert turns(db_session) == {"spf": ("success", "warning", 6)}
    keep(check(30, good("a")))
    assert turns(db_session) == {}
