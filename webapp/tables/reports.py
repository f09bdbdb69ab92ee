"""What other mail servers report: files as received, DMARC reports with their records, sums by source and
day, and TLS reports."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment, now

OF_MAILCOW = Keeping(of_mailcow=True)


def last_counted_day() -> date:
    """The last UTC day of every period: tomorrow, as a reporter's day may begin before ours. What is about
    later days comes from a wrong clock, and is counted once its day has come."""
    return now().date() + timedelta(days=1)


class ReportFile(Base):
    """One uploaded file as it was received; several reports may come from it."""

    __tablename__ = "report_files"
    keeping = OF_MAILCOW

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(Moment)


class Counted:
    """Messages, and how many passed: as the reporters say (`said_...`), and by alignment worked out anew.

    `said_either` is DMARC's rule (RFC 7489, RFC 9989), `said_both` needs SPF and DKIM.
    """

    messages: Mapped[int] = mapped_column(BigInteger)
    said_spf: Mapped[int] = mapped_column(BigInteger)
    said_dkim: Mapped[int] = mapped_column(BigInteger)
    said_both: Mapped[int] = mapped_column(BigInteger)
    said_either: Mapped[int] = mapped_column(BigInteger)
    spf_aligned: Mapped[int] = mapped_column(BigInteger)
    dkim_aligned: Mapped[int] = mapped_column(BigInteger)
    passed: Mapped[int] = mapped_column(BigInteger)


class Reported:
    """The head of a report of another server, which names its file. `day` is the UTC day it is counted under.

    The same id from another organisation, about another domain or time, is another report.
    """

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    domain: Mapped[str] = mapped_column(Text)
    organisation: Mapped[str] = mapped_column(Text)
    report_id: Mapped[str] = mapped_column(Text)
    begin_at: Mapped[datetime] = mapped_column(Moment)
    end_at: Mapped[datetime] = mapped_column(Moment)
    day: Mapped[date] = mapped_column(Date)
    contact: Mapped[str] = mapped_column(Text)
    slips: Mapped[list[str]] = mapped_column(ARRAY(Text))
    received_at: Mapped[datetime] = mapped_column(Moment)
    file_id: Mapped[int | None] = mapped_column(BigInteger)


class DmarcReport(Reported, Counted, Base):
    """One aggregate report. `spans`: it covers other days too."""

    __tablename__ = "dmarc_reports"
    __table_args__ = (
        UniqueConstraint("domain", "organisation", "report_id", "begin_at", "end_at"),
        Index("ix_dmarc_reports_day", "domain", "day"),
    )
    keeping = OF_MAILCOW

    spans: Mapped[bool]
    email: Mapped[str] = mapped_column(Text)
    schema: Mapped[str] = mapped_column(Text)
    namespace: Mapped[str] = mapped_column(Text)
    generator: Mapped[str] = mapped_column(Text)
    policy: Mapped[dict[str, Any]] = mapped_column(JSONB)
    errors: Mapped[list[str]] = mapped_column(ARRAY(Text))
    records: Mapped[int]


class DmarcRecord(Base):
    """One record of a report, in its order. `source` is an address, None where the row names none."""

    __tablename__ = "dmarc_records"
    __table_args__ = (
        PrimaryKeyConstraint("report", "number"),
        Index("ix_dmarc_records_source", "source", "report", postgresql_where=text("source IS NOT NULL")),
    )
    keeping = OF_MAILCOW

    report: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    source: Mapped[str | None] = mapped_column(Text)
    messages: Mapped[int] = mapped_column(BigInteger)
    disposition: Mapped[str] = mapped_column(Text)
    dkim: Mapped[str] = mapped_column(Text)
    spf: Mapped[str] = mapped_column(Text)
    dkim_aligned: Mapped[bool]
    spf_aligned: Mapped[bool]
    header_from: Mapped[str] = mapped_column(Text)
    envelope_from: Mapped[str] = mapped_column(Text)
    envelope_to: Mapped[str] = mapped_column(Text)
    reasons: Mapped[Any | None] = mapped_column(JSONB)
    dkim_results: Mapped[Any | None] = mapped_column(JSONB)
    spf_results: Mapped[Any | None] = mapped_column(JSONB)


class DmarcSourceDay(Counted, Base):
    """What one source sent for a domain on one day, by all reports; `arc` and the rest by the reasons."""

    __tablename__ = "dmarc_source_days"
    __table_args__ = (PrimaryKeyConstraint("domain", "day", "source"),)
    keeping = OF_MAILCOW

    domain: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)
    arc: Mapped[int] = mapped_column(BigInteger)
    trusted_forwarder: Mapped[int] = mapped_column(BigInteger)
    mailing_list: Mapped[int] = mapped_column(BigInteger)
    forwarded: Mapped[int] = mapped_column(BigInteger)


class DmarcSource(Base):
    """A source of a domain: when it was first and last seen, and the class that the operator gave it.

    `spf` is what the domain's record says of it (`pass` names it; `all` where only `+all` does), at `spf_at`.
    """

    __tablename__ = "dmarc_sources"
    __table_args__ = (
        PrimaryKeyConstraint("domain", "source"),
        Index("ix_dmarc_sources_last", "domain", "last_day"),
    )
    keeping = OF_MAILCOW

    domain: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    set_class: Mapped[str | None] = mapped_column(Text)
    spf: Mapped[str | None] = mapped_column(Text)
    spf_at: Mapped[datetime | None] = mapped_column(Moment)


class SourceName(Base):
    """The name of a source's address in the DNS that leads back to it; '' where there is none."""

    __tablename__ = "source_names"
    keeping = OF_MAILCOW

    address: Mapped[str] = mapped_column(Text, primary_key=True)
    host: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class TlsReportRow(Reported, Base):
    """One TLS report; `policies` as read, with their failures."""

    __tablename__ = "tls_reports"
    __table_args__ = (
        UniqueConstraint("domain", "organisation", "report_id", "begin_at", "end_at"),
        Index("ix_tls_reports_day", "domain", "day"),
    )
    keeping = OF_MAILCOW

    successful: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[int] = mapped_column(BigInteger)
    policies: Mapped[Any] = mapped_column(JSONB)


class FailureReportRow(Base):
    """What one failure report (ruf) says of a message: never its text, and no local part of an address.

    `arrived_at` is when the message came to the reporter, `day` its UTC day, or that of the report's arrival
    here where it does not say. `incidents` are the messages that the report stands for.
    """

    __tablename__ = "failure_reports"
    __table_args__ = (
        UniqueConstraint("domain", "reporter", "report_id"),
        Index("ix_failure_reports_day", "domain", "day"),
    )
    keeping = OF_MAILCOW

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    domain: Mapped[str] = mapped_column(Text)
    reporter: Mapped[str] = mapped_column(Text)
    report_id: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    arrived_at: Mapped[datetime | None] = mapped_column(Moment)
    source: Mapped[str | None] = mapped_column(Text)
    failure: Mapped[str] = mapped_column(Text)
    alignment: Mapped[str] = mapped_column(Text)
    delivery: Mapped[str] = mapped_column(Text)
    mail_from: Mapped[str] = mapped_column(Text)
    rcpt_to: Mapped[str] = mapped_column(Text)
    incidents: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(Moment)
