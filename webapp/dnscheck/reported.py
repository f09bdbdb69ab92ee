"""What DMARC reports say of a domain: how much of its mail passes, and from where it passes SPF. Only
reads."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from webapp.tables.db import now
from webapp.tables.reports import DmarcReport, DmarcSourceDay, last_counted_day

DAYS = 30
MOST_SENDERS = 20  # addresses of one domain


@dataclass(frozen=True, kw_only=True)
class Reported:
    """Messages that reporters saw in 30 days, and how many of them passed by DMARC's rule: SPF or DKIM."""

    messages: int
    passed: int

    @property
    def rate(self) -> float:
        """Per cent that passed, to one decimal, as the DMARC room tells it."""
        return round(100 * self.passed / self.messages, 1)


def since() -> date:
    """The first day that counts."""
    return now().date() - timedelta(days=DAYS)


def sums() -> Select[str, int, int]:
    """Domain, messages, and those that passed, for every domain with a report."""
    passed = func.sum(DmarcReport.said_either).label("passed")
    return (
        select(DmarcReport.domain, func.sum(DmarcReport.messages).label("messages"), passed)
        .where(DmarcReport.day.between(since(), last_counted_day()))
        .group_by(DmarcReport.domain)
    )


def reported_of(session: Session, domain: str) -> Reported | None:
    """The figures of one domain; None without any message."""
    row = session.execute(sums().where(DmarcReport.domain == domain)).first()
    return read(row.messages, row.passed) if row is not None else None


def read(messages: int | None, passed: int | None) -> Reported | None:
    """The figures as they stand in a row; None without any message."""
    return Reported(messages=int(messages), passed=int(passed or 0)) if messages else None


def passing_senders(connection: Connection) -> dict[str, list[str]]:
    """By domain the addresses whose mail passed SPF for it, those with the most messages first."""
    messages = func.sum(DmarcSourceDay.messages)
    counted = (
        select(
            DmarcSourceDay.domain,
            DmarcSourceDay.source,
            func.row_number()
            .over(partition_by=DmarcSourceDay.domain, order_by=(messages.desc(), DmarcSourceDay.source))
            .label("place"),
        )
        .where(DmarcSourceDay.day >= since(), DmarcSourceDay.spf_aligned > 0)
        .group_by(DmarcSourceDay.domain, DmarcSourceDay.source)
        .subquery()
    )
    found: dict[str, list[str]] = {}
    chosen = (
        select(counted).where(counted.c.place <= MOST_SENDERS).order_by(counted.c.domain, counted.c.place)
    )
    for row in connection.execute(chosen):
        found.setdefault(row.domain, []).append(row.source)
    return found
