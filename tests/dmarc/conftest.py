"""A viewer to which reports can be uploaded; afterwards its tables of reports are empty."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.reports.samples import METADATA

TABLES = (
    "report_files, dmarc_reports, dmarc_records, dmarc_source_days, dmarc_sources, tls_reports, "
    "failure_reports, source_names, blocklist_addresses, domain_dns_records, domain_dns_checks, certificates"
)
Upload = Callable[..., Any]


@pytest.fixture
def visitor(client: FlaskClient, database_url: str) -> Iterator[FlaskClient]:
    """A client of the viewer."""
    yield client
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {TABLES}"))
    engine.dispose()


@pytest.fixture
def upload(visitor: FlaskClient) -> Upload:
    """Uploads a file over the API and gives the answer."""

    def send(data: bytes | str, name: str = "report.xml") -> Any:
        content = BytesIO(data.encode() if isinstance(data, str) else data)
        return visitor.post("/api/dmarc/upload", data={"file": (content, name)})

    return send


def metadata(days_ago: int = 1, organisation: str = "Receiver Inc.", identity: str = "r-1") -> str:
    """The metadata of a report about a UTC day that is so many days ago."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)
    begin = int(midnight.timestamp())
    times = METADATA.replace("1764028800", str(begin)).replace("1764115199", str(begin + 86399))
    return times.replace("Receiver Inc.", organisation).replace("r-1", identity)


def midnight(days_ago: int) -> int:
    """The Unix second at which that day began."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((today - timedelta(days=days_ago)).timestamp())
