"""`python -m benchmarks.reports [RECORDS]`: read and store one large aggregate report; seconds, memory."""

import gzip
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from xml.parsers.expat import ParserCreate

from sqlalchemy import create_engine
from sqlalchemy import text as sql

from webapp.reports.reading import reports
from webapp.reports.refusal import Limits
from webapp.reports.save import save_file
from webapp.standalone import throwaway
from webapp.standalone.postgres import Cluster

QUESTIONS = ("overview", "sources", "reports", "tls-reports/daily")
HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<feedback>
  <version>1.0</version>
  <report_metadata>
    <org_name>Large Receiver</org_name>
    <email>dmarc@receiver.example</email>
    <report_id>large-1</report_id>
    <date_range><begin>1764028800</begin><end>1764115199</end></date_range>
  </report_metadata>
  <policy_published>
    <domain>example.com</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp>none</sp><pct>100</pct><fo>0</fo>
  </policy_published>
"""
RECORD = """  <record>
    <row><source_ip>{ip}</source_ip><count>{count}</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>{spf}</spf></policy_evaluated>
    </row>
    <identifiers>
      <envelope_from>bounce.example.com</envelope_from>
      <header_from>example.com</header_from>
    </identifiers>
    <auth_results>
      <dkim><domain>example.com</domain><selector>dkim</selector><result>pass</result></dkim>
      <spf><domain>bounce.example.com</domain><scope>mfrom</scope><result>{spf}</result></spf>
    </auth_results>
  </record>
"""


def pieces(records: int, identity: str = "large-1") -> Iterator[str]:
    """The report's text, piece by piece."""
    yield HEAD.replace("large-1", identity)
    for number in range(records):
        ip = f"198.{18 + number % 2}.{number // 250 % 250}.{number % 250}"
        yield RECORD.format(ip=ip, count=number % 7 + 1, spf="pass" if number % 3 else "fail")
    yield "</feedback>\n"


def packed(records: int) -> tuple[bytes, int]:
    """The report as a gzip file, and its size unpacked, in bytes."""
    out, size = BytesIO(), 0
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        for piece in pieces(records):
            size += file.write(piece.encode())
    return out.getvalue(), size


def bare(data: bytes) -> float:
    """Seconds that expat needs by itself, with handlers that do nothing."""
    parser = ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: None
    parser.EndElementHandler = lambda _name: None
    began = time.perf_counter()
    with gzip.open(BytesIO(data)) as file:
        while piece := file.read(65536):
            parser.Parse(piece, False)
    return time.perf_counter() - began


def peak() -> float:
    """The most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def reading(data: bytes) -> None:
    """Read the report and keep nothing."""
    taken = 0

    def take(_record: object) -> None:
        nonlocal taken
        taken += 1

    before, began = peak(), time.perf_counter()
    found = [item.report for item in reports(data, "large.xml.gz", Limits(), lambda: take)]
    seconds = time.perf_counter() - began
    messages = sum(getattr(report, "messages", 0) for report in found)
    print(f"read: {seconds:.2f} s, {taken:,} records, {messages:,} messages; expat alone: {bare(data):.2f} s")
    print(f"memory: {before:.0f} MB before, {peak():.0f} MB at most")


def storing(data: bytes, small: int) -> None:
    """Store the large report, then many small ones, each in a transaction of its own."""
    with throwaway.postgres_server() as cluster:
        url = migrated(cluster, "reports")
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        began = time.perf_counter()
        with engine.begin() as connection:
            save_file(connection, data, "large.xml.gz", Limits())
        print(f"parsed and stored: {time.perf_counter() - began:.2f} s, {peak():.0f} MB at most")
        files = [gzip.compress("".join(pieces(1, f"small-{number}")).encode()) for number in range(small)]
        began = time.perf_counter()
        for number, file in enumerate(files):
            with engine.begin() as connection:
                save_file(connection, file, f"{number}.xml.gz", Limits())
        print(f"{small:,} files of one record: {time.perf_counter() - began:.2f} s")
        engine.dispose()


def asking(reports_a_day: int, days: int, records: int) -> None:
    """Ask for a domain with very many records over HTTP's code path; milliseconds, the best of five."""
    from webapp.app import create_app  # here, so that the reader's memory is measured without all rooms
    from webapp.config import load_settings

    with throwaway.postgres_server() as cluster:
        url = migrated(cluster, "asked")
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for number in range(reports_a_day * days):
            begin = int((today - timedelta(days=1 + number // reports_a_day)).timestamp())
            text = "".join(pieces(records, f"many-{number}")).replace("1764028800", str(begin))
            file = gzip.compress(text.replace("1764115199", str(begin + 86399)).encode(), 1)
            with engine.begin() as connection:
                save_file(connection, file, "many.xml.gz", Limits())
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(sql("VACUUM ANALYZE"))
        engine.dispose()
        app = create_app(load_settings(database_url=url, session_secret_key="x", _env_file=None))
        client = app.test_client()
        print(f"{reports_a_day * days * records:,} records in {reports_a_day * days:,} reports:")
        for path in ("/api/dmarc/domains", *(f"/api/dmarc/domains/example.com/{name}" for name in QUESTIONS)):
            times = []
            for _ in range(5):
                began = time.perf_counter()
                answer = client.get(path)
                times.append((time.perf_counter() - began) * 1000)
            print(f"  {path}: {min(times):.0f} ms ({answer.status_code}, {len(answer.data):,} bytes)")


def migrated(cluster: Cluster, name: str) -> str:
    """The URL of a new database with all tables."""
    cluster.create_database(name)
    url = cluster.url(name)
    migrate = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(migrate, env=os.environ | {"DATABASE_URL": url}, check=True, capture_output=True)
    return url


def main() -> None:
    """Measure and print."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    data, size = packed(records)
    print(f"{records:,} records, {size / 1e6:.1f} MB of XML, {len(data) / 1e6:.2f} MB packed")
    reading(data)
    storing(data, 1000)
    asking(4, 30, records // 12)


if __name__ == "__main__":
    main()
