"""What an aggregate report says, whichever specification its sender follows, whatever is left out."""

from datetime import UTC, datetime

import pytest

from tests.reports.samples import METADATA, NEW_POLICY, POLICY, one, record, xml
from webapp.reports.records import DkimResult, Reason, Schema, SpfResult
from webapp.reports.refusal import Broken, NoReport, Refusal

NAMESPACE = "urn:ietf:params:xml:ns:dmarc-2.0"


def test_an_ordinary_report() -> None:
    report, records = one(xml(record(), record(ip="2001:DB8::0:1", count="40", spf="fail")))
    assert (report.organisation, report.report_id, report.policy.domain) == (
        "Receiver Inc.",
        "r-1",
        "example.com",
    )
    assert (report.begin, report.end) == (
        datetime(2025, 11, 25, tzinfo=UTC),
        datetime(2025, 11, 25, 23, 59, 59, tzinfo=UTC),
    )
    assert (report.records, report.messages, report.policy.pct, report.slips) == (2, 42, 100, ())
    assert [found.source for found in records] == ["192.0.2.1", "2001:db8::1"]
    assert records[1].spf_results == (SpfResult("bounce.example.com", "mfrom", "fail", ""),)
    assert records[1].dkim_results == (DkimResult("example.com", "s1", "pass", ""),)
    assert (records[1].disposition, records[1].dkim, records[1].spf) == ("none", "pass", "fail")
    assert (records[1].header_from, records[1].envelope_from) == ("example.com", "bounce.example.com")


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        (xml(version=""), Schema.DRAFT),
        (xml(), Schema.RFC7489),
        (xml(root='feedback xmlns="http://dmarc.org/dmarc-xml/0.1"', version=""), Schema.RFC7489),
        (xml(policy=NEW_POLICY), Schema.RFC9990),
        (xml(root=f'feedback xmlns="{NAMESPACE}"'), Schema.RFC9990),
        (xml(root=f'd:feedback xmlns:d="{NAMESPACE}"'.replace("d:feedback", "feedback", 1)), Schema.RFC7489),
        (
            xml(metadata=METADATA.replace("<report_id>", "<generator>G 1</generator><report_id>")),
            Schema.RFC9990,
        ),
        (xml(record().replace("<disposition>none", "<disposition>pass")), Schema.RFC9990),
    ],
)
def test_the_specification_is_told_by_namespace_or_fields(text: str, schema: Schema) -> None:
    assert one(text)[0].schema is schema


def test_the_fields_of_rfc_9990() -> None:
    reason = "<reason><type>policy_test_mode</type></reason>"
    report, records = one(xml(record(more=reason), policy=NEW_POLICY, root=f'feedback xmlns="{NAMESPACE}"'))
    policy = report.policy
    assert (policy.np, policy.testing, policy.discovery_method, policy.pct) == (
        "reject",
        "y",
        "treewalk",
        None,
    )
    assert records[0].reasons == (Reason("policy_test_mode", ""),)
    assert report.namespace == NAMESPACE


@pytest.mark.parametrize("prefix", ["ns0", "dmarc", "x"])
def test_any_namespace_under_any_prefix(prefix: str) -> None:
    text = xml(root="feedback")
    for name in (
        "feedback",
        "record",
        "row",
        "count",
        "source_ip",
        "report_metadata",
        "org_name",
        "date_range",
    ):
        text = text.replace(f"<{name}>", f"<{prefix}:{name}>").replace(f"</{name}>", f"</{prefix}:{name}>")
    report, records = one(
        text.replace(f"<{prefix}:feedback>", f'<{prefix}:feedback xmlns:{prefix}="urn:any">')
    )
    assert (report.organisation, records[0].messages, records[0].source) == ("Receiver Inc.", 2, "192.0.2.1")


def test_a_prefix_that_nobody_declared_is_mended() -> None:
    report, _ = one(xml().replace("<count>", "<d:count>").replace("</count>", "</d:count>"))
    assert report.messages == 2
    assert report.slips != ()


def test_extensions_are_passed_over() -> None:
    extra = '<e:x xmlns:e="urn:e"><e:count>900</e:count><row><count>7</count></row></e:x>'
    report, records = one(
        xml(
            record().replace("</record>", f"{extra}</record>"),
            record(),
            "<extension><count>5</count></extension>",
        )
    )
    assert (report.records, report.messages) == (2, 4)
    assert records[0] == records[1]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b"\r\n\r\n  " + text.encode(),
        lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
        lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.replace("UTF-8", "utf-16").encode(),
        lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        lambda text: text.replace("UTF-8", "windows-1252").encode("cp1252"),
        lambda text: text.replace("UTF-8", "us-ascii").encode(),
        lambda text: text.replace("UTF-8", "no-such-code").encode(),
        lambda text: text.replace("UTF-8", "zlib").encode(),
        lambda text: text.encode("latin-1"),
    ],
)
def test_encodings(encode) -> None:  # type: ignore[no-untyped-def]
    report, _ = one(encode(xml().replace("Receiver Inc.", "Société Réseau")))
    assert (report.organisation, report.messages) == ("Société Réseau", 2)


def test_bytes_of_no_encoding_are_read_and_told() -> None:
    report, _ = one(xml().replace("Receiver Inc.", "Soci@t@").encode().replace(b"@", b"\xe9"))
    assert report.organisation == "Sociétérecei"[:7]
    assert len(report.slips) == 1


@pytest.mark.parametrize(
    "text",
    [
        "1764028800",
        "1764028800.0",
        "1764028800.734",
        "1764028800000",
        "1764028800000000",
        " 1764028800\n",
        "2025-11-25T00:00:00Z",
        "2025-11-25 01:00:00+01:00",
        "2025-11-25",
    ],
)
def test_times(text: str) -> None:
    report, _ = one(xml(metadata=METADATA.replace("1764028800", text)))
    assert report.begin == datetime(2025, 11, 25, tzinfo=UTC)


def test_a_time_that_is_missing_is_told_by_the_other_or_by_the_files_name() -> None:
    assert (
        one(xml(metadata=METADATA.replace("<begin>1764028800</begin>", "")))[0].begin.timestamp()
        == 1764115199
    )
    bare = METADATA.replace("1764028800", "").replace("1764115199", "")
    with pytest.raises(Broken, match="date range"):
        one(xml(metadata=bare))
    named = one(xml(metadata=bare), "receiver.example!example.com!1764028800!1764115199.xml")[0]
    assert named.begin == datetime(2025, 11, 25, tzinfo=UTC)


def test_times_in_the_wrong_order_are_exchanged_and_told() -> None:
    swapped = (
        METADATA.replace("1764028800", "x").replace("1764115199", "1764028800").replace("x", "1764115199")
    )
    report, _ = one(xml(metadata=swapped))
    assert report.begin < report.end
    assert report.slips != ()


@pytest.mark.parametrize(
    "time", ["-5", "soon", "99999999999999999999999999999999999999", "0x10", "NaN", "1e99"]
)
def test_a_time_that_is_none_is_refused(time: str) -> None:
    with pytest.raises(Broken, match="time"):
        one(xml(metadata=METADATA.replace("1764028800", time)))


def test_a_row_without_messages_or_without_an_address() -> None:
    report, records = one(
        xml(
            record(count="0"),
            record(ip=""),
            record(ip="unknown", count="3"),
            "<record></record>",
            "<record/>",
        )
    )
    assert [(found.source, found.messages) for found in records] == [
        ("192.0.2.1", 0),
        (None, 2),
        (None, 3),
        (None, 0),
        (None, 0),
    ]
    assert (report.records, report.messages) == (5, 5)


def test_a_report_without_records() -> None:
    report, records = one(xml(" "))
    assert (report.records, report.messages, records) == (0, 0, [])


@pytest.mark.parametrize(
    ("count", "number"),
    [("7", 7), (" 7 ", 7), ("7.0", 7), ("007", 7), ("+7", 7), ("", 0), ("1000000000", 10**9)],
)
def test_counts(count: str, number: int) -> None:
    assert one(xml(record(count=count)))[0].messages == number


@pytest.mark.parametrize(
    "count", ["-1", "seven", "7.5", "1e3", "0x7", "7 8", "9" * 30, "9" * 3000, "٣x", "=1+1"]
)
def test_a_count_that_is_none_is_refused(count: str) -> None:
    with pytest.raises(Broken, match="count of a record"):
        one(xml(record(count=count)))


@pytest.mark.parametrize(
    ("ip", "source"),
    [
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("IPv6:2001:DB8::1", "2001:db8::1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1/24", None),
        ("fe80::1%eth0", None),
        ("192.0.2.256", None),
    ],
)
def test_addresses(ip: str, source: str | None) -> None:
    assert one(xml(record(ip=ip)))[1][0].source == source


def test_words_in_capitals_and_words_of_no_list() -> None:
    text = record(dkim="PASS", spf="HardFail").replace("<disposition>none", "<disposition>Junked")
    found = one(xml(text))[1][0]
    assert (found.dkim, found.spf, found.disposition, found.spf_results[0].result) == (
        "pass",
        "hardfail",
        "junked",
        "hardfail",
    )


def test_several_results_and_reasons() -> None:
    results = (
        "<dkim><domain>A.Example.COM.</domain><result>fail</result>"
        "<human_result>body hash</human_result></dkim>"
        "<dkim/><spf><domain>b.example</domain><result>none</result></spf>"
    )
    listed = "<reason><type>Mailing_List</type><comment lang='en'>via a list</comment></reason>"
    reasons = f"{listed}<reason>arc=pass</reason><reason/>"
    found = one(xml(record(more=reasons).replace("</auth_results>", f"{results}</auth_results>")))[1][0]
    assert found.dkim_results[1] == DkimResult("a.example.com", "", "fail", "body hash")
    assert (len(found.dkim_results), len(found.spf_results)) == (2, 2)
    assert found.reasons == (Reason("mailing_list", "via a list"), Reason("", "arc=pass"))


def test_the_drafts_name_for_identifiers_and_elements_in_capitals() -> None:
    text = record().replace("identifiers", "identities").replace("<count>2</count>", "<COUNT>2</COUNT>")
    found = one(xml(text))[1][0]
    assert (found.header_from, found.messages) == ("example.com", 2)


def test_several_rows_of_one_record_are_several_records() -> None:
    row = "<row><source_ip>192.0.2.2</source_ip><count>5</count></row>"
    report, records = one(xml(record().replace("<identifiers>", f"{row}<identifiers>")))
    assert [(found.source, found.messages, found.header_from) for found in records] == [
        ("192.0.2.1", 2, "example.com"),
        ("192.0.2.2", 5, "example.com"),
    ]
    assert report.messages == 7


def test_head_after_the_records_and_attributes_everywhere() -> None:
    text = f"<feedback a='1'>{record()}{POLICY}{METADATA}</feedback>".replace(
        "<org_name>", "<org_name lang='en' x='&lt;'>"
    )
    assert one(text)[0].organisation == "Receiver Inc."


def test_what_is_left_out_of_the_head() -> None:
    nameless = METADATA.replace("Receiver Inc.", "").replace("r-1", " &lt;&gt; ")
    first, again = one(xml(metadata=nameless))[0], one(xml(metadata=nameless))[0]
    assert first.organisation == "receiver.example"
    assert first.report_id.startswith("content-")
    assert first.report_id == again.report_id != one(xml(record(), record(), metadata=nameless))[0].report_id


def test_the_first_of_two_policies_counts() -> None:
    assert one(xml(policy=POLICY + POLICY.replace("none", "reject")))[0].policy.p == "none"


def test_a_report_about_nobody_is_refused_unless_its_name_tells() -> None:
    text = xml(policy="")
    with pytest.raises(Broken, match="which domain"):
        one(text)
    assert (
        one(text, "receiver.example!Example.net!1764028800!1764115199.xml")[0].policy.domain == "example.net"
    )


@pytest.mark.parametrize(
    "text", ["<html><body>no</body></html>", "<?xml version='1.0'?><rss/>", "<svg/>", "<feed/>"]
)
def test_other_xml_is_no_report(text: str) -> None:
    with pytest.raises(NoReport, match="not a DMARC aggregate report"):
        one(text)


@pytest.mark.parametrize(
    "text",
    ["<", "<feedback", "<feedback>", "<feedback></feedback>", "<feedback/>", "<?xml", "<feedback><record>"],
)
def test_too_little_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        one(text)


def test_control_characters_do_not_come_through() -> None:
    report, _ = one(xml().replace("Receiver Inc.", "A&#x85;B\x00\x07C"))
    assert report.organisation.isprintable()
