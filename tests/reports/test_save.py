"""Reports in the database: exact, once, all or none."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.reports.samples import METADATA, as_json, gz, record, tls, xml, zipped
from tests.reports.test_failure import ARF
from webapp.reports.refusal import Broken, Limits, NoReport
from webapp.reports.save import Stored, save_file
from webapp.reports.sink import BATCH

TABLES = (
    "report_files, dmarc_reports, dmarc_records, dmarc_source_days, dmarc_sources, tls_reports, "
    "failure_reports"
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Any]:
    """Connections to the worker's database, whose tables of reports are emptied afterwards."""
    made = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    with made.begin() as connection:
        connection.execute(text(f"TRUNCATE {TABLES}"))
    made.dispose()


def save(engine: Any, data: bytes | str, name: str = "a.xml") -> list[Stored]:
    with engine.begin() as connection:
        return save_file(connection, data.encode() if isinstance(data, str) else data, name, Limits())


def rows(engine: Any, sql: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_a_report_with_its_records_and_sums(engine: Any) -> None:
    forwarded = "<reason><type>mailing_list</type><comment>x</comment></reason>"
    arc = "<reason><type>local_policy</type><comment>x ARC=pass y</comment></reason>"
    [stored] = save(
        engine,
        xml(
            record(),
            record(ip="192.0.2.2", count="5", spf="fail", dkim="fail", more=forwarded),
            record(ip="192.0.2.2", count="3", more=arc),
            record(ip="", count="4"),
            record(ip="192.0.2.3", count="0"),
        ),
    )
    assert stored.id is not None
    assert rows(
        engine, "SELECT records, messages, said_both, said_either, passed, spf_aligned FROM dmarc_reports"
    ) == [(5, 14, 9, 9, 14, 9)]
    assert rows(engine, "SELECT number, source, messages FROM dmarc_records ORDER BY number") == [
        (1, "192.0.2.1", 2),
        (2, "192.0.2.2", 5),
        (3, "192.0.2.2", 3),
        (4, None, 4),
        (5, "192.0.2.3", 0),
    ]
    assert rows(
        engine,
        "SELECT source, messages, said_either, mailing_list, arc, day::text "
        "FROM dmarc_source_days ORDER BY 1",
    ) == [("192.0.2.1", 2, 2, 0, 0, "2025-11-25"), ("192.0.2.2", 8, 3, 5, 3, "2025-11-25")]
    assert rows(engine, "SELECT source, first_day::text FROM dmarc_sources ORDER BY 1") == [
        ("192.0.2.1", "2025-11-25"),
        ("192.0.2.2", "2025-11-25"),
    ]


def test_the_same_report_again_is_a_duplicate(engine: Any) -> None:
    first, again = save(engine, xml()), save(engine, gz(xml()), "b.xml.gz")
    assert (first[0].id is None, again[0].id) == (False, None)
    assert rows(
        engine,
        "SELECT (SELECT count(*) FROM dmarc_records), (SELECT sum(messages) FROM dmarc_source_days), "
        "count(*) FROM report_files",
    ) == [(1, 2, 1)]


def test_one_id_from_two_organisations_is_two_reports(engine: Any) -> None:
    save(engine, xml())
    for change in (("Receiver Inc.", "Other Inc."), ("<end>1764115199", "<end>1764115200")):
        assert save(engine, xml(metadata=METADATA.replace(*change)))[0].id is not None
    assert (
        save(
            engine,
            xml().replace("<domain>example.com</domain><adkim>", "<domain>example.net</domain><adkim>"),
        )[0].id
        is not None
    )
    assert rows(engine, "SELECT count(*) FROM dmarc_reports") == [(4,)]
    assert rows(engine, "SELECT messages FROM dmarc_source_days ORDER BY domain") == [(6,), (2,)]


def test_a_large_report_is_stored_whole_and_its_duplicate_leaves_nothing(engine: Any) -> None:
    large = xml(
        *(record(ip=f"10.0.{number // 250}.{number % 250}", count="1") for number in range(2 * BATCH + 7))
    )
    for wanted in (False, True):
        [stored] = save(engine, gz(large))
        assert (stored.id is None) is wanted
        assert rows(engine, "SELECT count(*), max(number), count(DISTINCT report) FROM dmarc_records") == [
            (2 * BATCH + 7, 2 * BATCH + 7, 1)
        ]
        assert rows(engine, "SELECT sum(messages), count(*) FROM dmarc_source_days") == [
            (2 * BATCH + 7, 2 * BATCH + 7)
        ]


def test_a_large_report_that_must_be_mended_is_stored_once(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.reports.reading.MENDED_UP_TO", 8_000_000)
    many = [record(count="1") for _ in range(BATCH + 3)]
    [stored] = save(engine, xml(*many, "<x>a < b</x>"))
    assert stored.report.slips
    assert rows(engine, "SELECT count(*) FROM dmarc_records") == [(BATCH + 3,)]


def test_nothing_of_a_refused_file_is_stored(engine: Any) -> None:
    large = xml(*(record() for _ in range(BATCH + 1)))
    for data in (
        zipped(("a.xml", xml().encode()), ("b.xml", b"<feedback><broken")),
        gz(large.replace("</feedback>", "</row></feedback>")),
        zipped(("t.json", as_json(tls())), ("b.xml", large.replace("</row>", "").encode())),
    ):
        with pytest.raises(Broken):
            save(engine, data)
    with pytest.raises(NoReport):
        save(engine, "<html/>")
    for table in TABLES.split(", "):
        assert rows(engine, f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_file_with_several_reports(engine: Any) -> None:
    packed = zipped(
        ("a.xml", xml().encode()), ("b.xml", xml().replace("r-1", "r-2").encode()), ("t.json", as_json(tls()))
    )
    stored = save(engine, packed, "all.zip")
    assert [item.id is not None for item in stored] == [True] * 3
    assert rows(engine, "SELECT name, content FROM report_files") == [("all.zip", packed)]
    assert rows(
        engine, "SELECT successful, failed, domain, policies #>> '{0,failures,0,result}' FROM tls_reports"
    ) == [(8, 3, "example.com", "certificate-expired")]
    assert [item.id for item in save(engine, packed)] == [None] * 3


def test_two_uploads_at_once_store_one(engine: Any) -> None:
    large = gz(
        xml(*(record(ip=f"10.0.{number % 200}.{number % 7}", count="1") for number in range(BATCH + 500)))
    )
    others = [
        gz(xml(record(), record(ip="10.0.0.1")).replace("r-1", f"other-{number}")) for number in range(4)
    ]
    results: list[int | None] = []
    gate = threading.Barrier(6)

    def upload(data: bytes) -> None:
        gate.wait(30)
        results.extend(stored.id for stored in save(engine, data))

    threads = [threading.Thread(target=upload, args=(data,)) for data in [large, large, *others]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 6
    assert results.count(None) == 1
    assert rows(engine, "SELECT count(*) FROM dmarc_reports") == [(5,)]
    assert rows(engine, "SELECT sum(messages) FROM dmarc_source_days") == [(BATCH + 500 + 16,)]


def test_texts_that_hurt_are_stored_as_texts(engine: Any) -> None:
    hurt = "x'); DROP TABLE dmarc_reports; -- \\N \t \\. \" {}"
    save(
        engine,
        xml(record(more=f"<reason><type>{hurt}</type><comment>=cmd()</comment></reason>")).replace(
            "Receiver Inc.", hurt
        ),
    )
    [(organisation, reasons)] = rows(engine, "SELECT organisation, reasons FROM dmarc_reports, dmarc_records")
    assert organisation == hurt.strip()
    assert reasons[0]["comment"] == "=cmd()"


def test_numbers_fit(engine: Any) -> None:
    save(engine, xml(*(record(count=str(10**9)) for _ in range(9))))
    assert rows(engine, "SELECT messages FROM dmarc_reports") == [(9 * 10**9,)]


def save_failures(engine: Any, data: bytes) -> list[Stored]:
    with engine.begin() as connection:
        return save_file(connection, data, "mail.eml", Limits(), failures=True)


def test_facts_of_failure_reports_are_stored_once_and_never_their_file(engine: Any) -> None:
    first, again = save_failures(engine, ARF), save_failures(engine, gz(ARF))
    assert (first[0].id is None, again[0].id) == (False, None)
    told = "SELECT domain, source, failure, mail_from, rcpt_to, day::text, incidents FROM failure_reports"
    who = ("…@example.com", "…@receiver.example")
    assert rows(engine, told) == [("example.com", "192.0.2.9", "dmarc", *who, "2025-11-25", 1)]
    assert rows(engine, "SELECT count(*) FROM report_files") == [(0,)]


@pytest.mark.parametrize("failures", [True, False])
def test_a_file_in_which_a_failure_report_came_too_is_not_kept(engine: Any, failures: bool) -> None:
    packed = zipped(("a.xml", xml().encode()), ("b.eml", ARF), ("t.json", as_json(tls())))
    with engine.begin() as connection:
        stored = save_file(connection, packed, "all.zip", Limits(), failures=failures)
    assert len(stored) == (3 if failures else 2)
    assert rows(engine, "SELECT count(*) FROM failure_reports") == [(int(failures),)]
    assert rows(engine, "SELECT file_id FROM dmarc_reports UNION ALL SELECT file_id FROM tls_reports") == [
        (None,),
        (None,),
    ]
    assert rows(engine, "SELECT count(*) FROM report_files") == [(0,)]


def test_a_failure_report_alone_is_refused_where_none_are_kept(engine: Any) -> None:
    with pytest.raises(NoReport, match="not an aggregate report"):
        save(engine, ARF)
    assert rows(engine, "SELECT count(*) FROM failure_reports") == [(0,)]


def test_a_failure_report_about_nobody_is_refused(engine: Any) -> None:
    nobody = ARF.replace(b"Reported-Domain: Example.com\n", b"").replace(b"example.com", b"")
    with pytest.raises(Broken, match="which domain"):
        save_failures(engine, nobody)


def test_a_file_name_that_no_column_holds(engine: Any) -> None:
    save(engine, xml(), "a\0b.xml")
    assert rows(engine, "SELECT name FROM report_files") == [("ab.xml",)]
