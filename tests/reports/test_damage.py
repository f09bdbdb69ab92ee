"""Damage: what stays certain is read and told, what does not is refused."""

import gzip

import pytest

from tests.reports.samples import gz, one, read, record, xml
from webapp.reports.mend import mended
from webapp.reports.refusal import Broken, CutShort, Refusal

WHOLE = xml(record(), record(ip="192.0.2.2", count="5"))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("dmarc@receiver.example", "<bad-xml@receiver.example>"),
        ("dmarc@receiver.example", "a < b"),
        ("Receiver Inc.", "Receiver & Sons"),
        ("Receiver Inc.", "Receiver &nbsp; &amp; Sons"),
        ("Receiver Inc.", "Receiver <br> Inc."),
        ("Receiver Inc.", "Receiver &#1; &#xFFFF; Inc."),
        ("Receiver Inc.", "Receiver \x01\x0b Inc."),
        (
            "<feedback>",
            '<feedback><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://dmarc.org/dmarc-xml/0.1">',
        ),
        ("<feedback>", "<feedback a=1 b>"),
    ],
)
def test_single_slips_are_mended_and_told(good: str, bad: str) -> None:
    text = (
        WHOLE.replace(good, bad, 1)
        if bad != "<feedback a=1 b>"
        else WHOLE.replace("Inc.", "Inc. <feedback a=1 b>", 1)
    )
    report, records = one(text)
    assert [found.messages for found in records] == [2, 5]
    assert report.slips != ()


def test_a_whole_report_is_not_said_to_be_mended() -> None:
    assert one(WHOLE)[0].slips == ()


@pytest.mark.parametrize("cut", ["</feedback>\n", "/feedback>\n", "\n</feedback>\n", "k>\n</feedback>\n"])
def test_a_tail_that_lacks_only_closing_tags_is_read_and_told(cut: str) -> None:
    assert WHOLE.endswith(cut) or cut.startswith("k>")
    report, records = one(WHOLE[: -len(cut)])
    assert [found.messages for found in records] == [2, 5]
    assert "end of the file is missing" in report.slips[0]


def test_a_record_that_lacks_its_closing_tag_is_whole() -> None:
    report, _ = one(WHOLE[: WHOLE.rindex("</record>") + 5])
    assert (report.records, report.messages) == (2, 7)


@pytest.mark.parametrize(
    "part",
    ["<count>5", "<source_ip>192.0.2.2", "</row>", "<result>pass</result></dkim><spf>", "</auth_results"],
)
def test_a_report_that_is_cut_inside_a_record_is_refused(part: str) -> None:
    with pytest.raises(Broken, match="cut"):
        one(WHOLE[: WHOLE.rindex(part) + len(part)])


def test_no_cut_of_a_report_gives_other_numbers() -> None:
    """Whatever was cut off: a refusal, or records that the whole report has."""
    whole = [found.messages for found in one(WHOLE)[1]]
    taken = 0
    for end in range(1, len(WHOLE), 3):
        try:
            report, records = one(WHOLE[:end])
        except Refusal:
            continue
        taken += 1
        assert [found.messages for found in records] == whole[: len(records)]
        assert report.slips or len(records) == 2
    assert 0 < taken < len(WHOLE) / 10


@pytest.mark.parametrize(
    ("good", "bad"),
    [("</row>", "</row2>"), ("</row>", ""), ("</identifiers>", "</row>"), ("<row>", "<row></record>")],
)
def test_tags_that_do_not_match_are_refused(good: str, bad: str) -> None:
    with pytest.raises(Broken, match="not well-formed"):
        one(WHOLE.replace(good, bad, 1))


@pytest.mark.parametrize("more", ["\0\0\0", "\nThank you", "<junk>", "</feedback>", "\x1a"])
def test_bytes_after_the_end_are_told(more: str) -> None:
    report, _ = one(WHOLE + more)
    assert (report.messages, len(report.slips)) == (7, 1)


def test_blanks_and_comments_after_the_end_are_nothing_to_tell() -> None:
    assert one(WHOLE + "\n\n <!-- made by a reporter -->\n")[0].slips == ()


def test_two_reports_in_one_document_are_refused() -> None:
    with pytest.raises(Broken, match="several reports"):
        one(WHOLE + WHOLE)
    with pytest.raises(Broken, match="several reports"):
        one(WHOLE + " " * 200_000 + WHOLE)


def test_compressed_bytes_that_end_early() -> None:
    packed = gz(WHOLE)
    for end in range(20, len(packed) - 8, 7):
        with pytest.raises(Refusal):
            read(packed[:end])
    assert "compressed file ends early" in one(packed[:-5])[0].slips[0]
    with pytest.raises(CutShort):
        read(gz(WHOLE * 1)[: len(packed) // 2])


def test_compressed_bytes_that_changed_are_refused() -> None:
    packed = bytearray(gzip.compress(WHOLE.encode(), mtime=0))
    packed[len(packed) // 2] ^= 0x40
    with pytest.raises(Broken):
        read(bytes(packed))
    packed = bytearray(gz(WHOLE))
    packed[-8] ^= 1  # the checksum
    with pytest.raises(Broken, match="damaged"):
        read(bytes(packed))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_mending_does_not_depend_on_where_the_pieces_end(size: int) -> None:
    text = WHOLE.replace("Inc.", "& <b>x</b> &#0; <!-- no --> <![CDATA[a<b]]>").replace(
        "<row>", "<row  a='1' b = \"2\" >"
    )
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert "".join(mended(pieces)) == "".join(mended([text]))
    assert "<row>" in "".join(mended(pieces))
