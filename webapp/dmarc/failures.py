"""What is stored of failure reports (ruf): facts of single messages, newest first. Only reads."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.dmarc.places import described_place
from webapp.dmarc.shapes import FailureItem
from webapp.tables.reports import FailureReportRow

OF = FailureReportRow


def failures(
    session: Session, domain: str, since: date, limit: int, offset: int = 0
) -> Sequence[FailureReportRow]:
    """The failure reports of a domain since a day, newest first."""
    newest = (OF.day.desc(), OF.arrived_at.desc().nulls_last(), OF.id.desc())
    chosen = select(OF).where(OF.domain == domain, OF.day >= since).order_by(*newest)
    return session.scalars(chosen.limit(limit).offset(offset)).all()


def count_failures(session: Session, domain: str, since: date) -> int:
    """How many there are."""
    counted = select(func.count()).select_from(OF).where(OF.domain == domain, OF.day >= since)
    return int(session.scalar(counted) or 0)


def failure_answer(row: FailureReportRow, folder: str) -> FailureItem:
    """One failure report as JSON."""
    return {
        "id": row.id,
        "reporter": row.reporter or None,
        "arrival_date": row.arrived_at,
        "date": row.day,
        "source_ip": row.source,
        "auth_failure": row.failure or None,
        "identity_alignment": row.alignment or None,
        "delivery_result": row.delivery or None,
        "original_mail_from": row.mail_from or None,
        "original_rcpt_to": row.rcpt_to or None,
        "incidents": row.incidents,
        **described_place(row.source or "", folder),
    }
