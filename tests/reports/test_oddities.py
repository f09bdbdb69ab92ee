"""Shapes that certain reporters are known to send, learnt from the trackers of other readers of reports.

The samples are made here; each docstring says whose mark it is.
"""

from email.message import EmailMessage

import pytest

from tests.reports.samples import METADATA, POLICY, as_json, gz, mail, one, one_tls, read, record, tls, xml
from webapp.reports.refusal import UnknownKind

SCHEMA = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://dmarc.org/dmarc-xml/0.1">'
)


@pytest.mark.parametrize("tail", ["", "</xs:schema>"])
def test_a_report_wrapped_in_its_schema(tail: str) -> None:
    """A retailer's reporter writes the schema's own tag around the report, and does not close it."""
    body = xml().partition("\n")[2]
    report, records = one(f'<?xml version="1.0"?> {SCHEMA}\n{body}{tail}')
    assert (report.policy.domain, len(records), report.messages) == ("example.com", 1, 2)


def test_a_head_in_another_order() -> None:
    """wp.pl puts the times first, and sends reports about no mail at all."""
    dates = "<date_range><begin>1764028800</begin><end>1764115199</end></date_range>"
    ordered = METADATA.replace(dates, "").replace("<report_metadata>", f"<report_metadata>{dates}")
    empty = record(ip="", count="0")
    report, records = one(f"<feedback>{ordered}{POLICY}{empty}</feedback>")
    assert (report.records, report.messages, records[0].source) == (1, 0, None)


def test_a_part_whose_header_lacks_its_hyphen() -> None:
    """Trustwave's gateway writes `ContentType`, so that the file has no type."""
    sent = (
        mail(gz(xml()))
        .as_bytes()
        .replace(b"Content-Type: application/gzip", b"ContentType: application/gzip")
    )
    assert b"ContentType" in sent
    [(found, records)] = read(sent)
    assert (found.report.report_id, len(records)) == ("r-1", 1)


def test_a_report_of_three_weeks() -> None:
    """The same gateway reports about weeks at once."""
    report, _ = one(xml(metadata=METADATA.replace("1764028800", "1762000000")))
    assert (report.end - report.begin).days > 14


def test_a_file_of_the_wrong_type() -> None:
    """GMX sent gzip files as application/zip."""
    [(found, _)] = read(
        mail(gz(xml()), kind="zip", name="gmx.net!example.com!1764028800!1764115199.zip").as_bytes()
    )
    assert found.report.report_id == "r-1"


def test_the_word_unused_instead_of_a_report() -> None:
    """Yahoo and AOL did so in May 2023."""
    with pytest.raises(UnknownKind):
        read(gz("unused\n"))


@pytest.mark.parametrize(
    "reason", ["<reason></reason>", "<reason/>", "<reason>\n</reason>", "<reason><type/></reason>"]
)
def test_a_reason_of_nothing(reason: str) -> None:
    """KDDI's reports say that there is a reason, and not which."""
    _, records = one(xml(record(more=reason)))
    assert records[0].reasons == ()


@pytest.mark.parametrize("word", ["hardfail", "unknown", "TempError", "policy", "bestguesspass"])
def test_results_by_other_names(word: str) -> None:
    """hardfail, and OpenDMARC's unknown, stay as they were said."""
    _, records = one(xml(record(spf=word)))
    assert (records[0].spf, records[0].spf_results[0].result) == (word.lower(), word.lower())


def test_an_address_in_angle_brackets_that_look_like_a_tag() -> None:
    """Some gateways write the sender's address as a mail has it."""
    report, records = one(xml().replace("dmarc@receiver.example", "<dmarc@receiver.example>"))
    assert (report.organisation, len(records)) == ("Receiver Inc.", 1)
    assert report.slips


def test_a_mail_within_a_mail_within_a_mail() -> None:
    """Google's came so through a forwarding rule of Microsoft 365."""
    inner: EmailMessage = mail(gz(xml()))
    for _ in range(2):
        outer = EmailMessage()
        outer["Subject"] = inner["Subject"]
        outer.set_content("")
        outer.add_attachment(inner)
        inner = outer
    [(found, _)] = read(inner.as_bytes())
    assert found.report.report_id == "r-1"


def test_line_breaks_within_every_element() -> None:
    """A self-made reporter indents its texts too."""
    text = xml()
    for name in ("count", "source_ip", "begin", "end", "domain", "result", "header_from", "org_name"):
        text = text.replace(f"<{name}>", f"<{name}>\r\n\t ").replace(f"</{name}>", f"\r\n  </{name}>")
    report, records = one(text)
    assert (report.messages, records[0].source, records[0].header_from) == (2, "192.0.2.1", "example.com")
    assert records[0].dkim_aligned


def test_policies_that_count_otherwise_than_their_failures() -> None:
    """mail.ru's summary counts sessions, its details count errors: the summary is what is counted."""
    report = one_tls(tls())
    policy = {**tls()["policies"][0]}
    policy["failure-details"] = [{"result-type": "sts-policy-fetch-error", "failed-session-count": 1}] * 2
    policy["summary"] = {"total-failure-session-count": 1, "total-successful-session-count": 0}
    changed = one_tls(tls(policies=[policy]))
    assert (report.failed, changed.failed, changed.successful) == (3, 1, 0)


def test_a_report_id_with_the_domain_at_its_end() -> None:
    """Postfix's reporter leaves the domain out where it found no policy; Microsoft's ids end in `+domain`."""
    for identity in ("2025-11-25T00:00:00Z_idx1_sub.example.com", "133944884956529435+sub.example.com"):
        policy = {"policy": {"policy-type": "no-policy-found"}, "summary": tls()["policies"][0]["summary"]}
        report = one_tls(tls(policies=[policy], **{"report-id": identity}))
        assert (report.domain, report.successful, report.failed) == ("sub.example.com", 8, 3)


def test_a_tls_report_as_json_with_a_mark() -> None:
    """A byte order mark before the JSON."""
    assert one_tls(b"\xef\xbb\xbf" + as_json(tls())).failed == 3
