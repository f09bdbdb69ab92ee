"""From a message to what reports said of its source on its day."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.reports.samples import METADATA, record, xml
from tests.reports.test_save import engine, save  # noqa: F401 - a fixture
from webapp.lists.answer import read
from webapp.reports.said import SAID, Said, said_values

NOON = datetime(2025, 11, 25, 12, tzinfo=UTC)
OURS, CLIENT, OTHER = "192.0.2.1", "192.0.2.7", "192.0.2.8"


@pytest.fixture
def session(engine: Any) -> Any:  # noqa: F811
    """Two reporters told of our address, of a client and of another one."""
    for organisation in ("Receiver Inc.", "Other Inc."):
        sources = (record(ip=OURS), record(ip=CLIENT, spf="fail", dkim="fail"), record(ip=OTHER, count="90"))
        save(engine, xml(*sources, metadata=METADATA.replace("Receiver Inc.", organisation)))
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO blocklist_addresses VALUES (:ip, 'server', '', now())"), {"ip": OURS}
        )
    with Session(engine) as made:
        yield made
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE blocklist_addresses"))


def said_of(session: Session, sender: str | None, client: str | None, moment: datetime) -> list[Said]:
    return [read(Said, row) for row in session.execute(SAID, said_values(sender, client, moment))]


def test_the_client_and_our_own_addresses(session: Session) -> None:
    found = said_of(session, "anna@example.com", CLIENT, NOON)
    assert [(one.source, one.is_ours, one.messages, one.passed) for one in found] == [
        (CLIENT, False, 4, 0),
        (OURS, True, 4, 4),
    ]
    assert found[0].reporters == ["Other Inc.", "Receiver Inc."]


def test_a_subdomain_is_reported_under_the_domain_with_the_policy(session: Session) -> None:
    assert [one.domain for one in said_of(session, "x@news.EXAMPLE.com", None, NOON)] == ["example.com"]


@pytest.mark.parametrize("sender", ["", None, "nobody", "x@other.example", "x@com"])
def test_mail_of_nobody_or_of_others(session: Session, sender: str | None) -> None:
    assert said_of(session, sender, CLIENT, NOON) == []


def test_another_day(session: Session) -> None:
    assert said_of(session, "anna@example.com", CLIENT, datetime(2025, 11, 26, 0, 1, tzinfo=UTC)) == []
