"""Every packing in which reports come, told by bytes and not by names, and the limits on each."""

import base64
import gzip
import struct
import zlib
from email.message import EmailMessage
from io import BytesIO

import pytest

from tests.reports.samples import as_json, gz, mail, one, read, record, tls, xml, zipped
from webapp.reports.records import AggregateReport
from webapp.reports.refusal import MIB, Broken, Limits, NoReport, Refusal, TooMuch, UnknownKind

TEXT = xml()
SMALL = Limits(upload=60_000, unpacked=200_000, members=20, nesting=3, records=100)


def other(identity: str) -> str:
    return TEXT.replace("r-1", identity)


def nameless(content: bytes) -> bytes:
    """A zip file whose one member has an empty name, which zipfile itself cannot write."""
    crc, size = zlib.crc32(content), len(content)
    common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, crc, size, size, 0, 0)
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0)
    local = b"PK\x03\x04" + common + content
    return local + entry + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)


def ids(data: bytes, limits: Limits | None = None) -> list[str]:
    return [found.report.report_id for found, _ in read(data, "some.bin", limits)]


@pytest.mark.parametrize(
    "pack",
    [
        lambda text: text.encode(),
        gz,
        lambda text: gz(gz(text)),
        lambda text: gz(gz(gz(text))),
        lambda text: gz(text[:300]) + gz(text[300:]),
        lambda text: gz(text[:300]) + gz(b"") + b"\0\0\0" + gz(text[300:]),
        lambda text: gz(text) + b"\r\n",
        lambda text: gz(text) + b"\0" * 512,
        lambda text: gz(text) + b"\x1f\x8b broken",
        lambda text: zlib.compress(text.encode()),
        lambda text: zlib.compress(text.encode(), 9),
        lambda text: zipped(("a.xml", text.encode())),
        lambda text: zipped(("2025/11/a.xml.gz", gz(text))),
        lambda text: zipped(("in.zip", zipped(("a", text.encode())))),
        lambda text: nameless(text.encode()),
        lambda text: zipped(
            ("a.exe", text.encode()),
            ("__MACOSX/._a.xml", b"<bad"),
            ("b/", b""),
            (".hidden", b"<bad"),
            ("empty.xml", b""),
        ),
        lambda text: zipped(("a.xml", text.encode())) + b"\r\n",
        lambda text: zipped(("x", b"readme: nothing"), ("y", text.encode())),
        lambda text: mail(gz(text)).as_bytes(),
        lambda text: mail(zipped(("a.xml", text.encode())), "a.zip", "zip").as_bytes(),
        lambda text: mail(text.encode(), "a.xml", "xml").as_bytes(),
        lambda text: b"From dmarc@receiver.example Tue Nov 25 00:00:00 2025\n" + mail(gz(text)).as_bytes(),
        lambda text: b"\r\n".join(mail(gz(text)).as_bytes().split(b"\n")),
        lambda text: gz(mail(gz(text)).as_bytes()),
        lambda text: zipped(("a.eml", mail(gz(text)).as_bytes())),
    ],
)
def test_every_packing_gives_the_report(pack) -> None:  # type: ignore[no-untyped-def]
    assert ids(pack(TEXT)) == ["r-1"]


def test_a_mail_that_is_the_report() -> None:
    message = EmailMessage()
    message["Subject"] = "Report domain: example.com"
    message.set_content(gz(TEXT), maintype="application", subtype="gzip", filename="a.xml.gz")
    assert ids(message.as_bytes()) == ["r-1"]


def test_a_report_in_the_text_of_a_mail() -> None:
    message = EmailMessage()
    message["Subject"] = "Report domain: example.com"
    message.set_content(TEXT)
    assert ids(message.as_bytes()) == ["r-1"]


def test_a_forwarded_mail() -> None:
    for inner in (mail(gz(TEXT)), mail(zipped(("a", TEXT.encode())), "a", "octet-stream")):
        outer = EmailMessage()
        outer["From"] = "admin@example.com"
        outer.set_content("see below")
        outer.add_attachment(inner)
        assert ids(outer.as_bytes()) == ["r-1"]


def test_a_mail_attached_as_a_file_and_one_in_base64() -> None:
    inner = mail(gz(TEXT)).as_bytes()
    outer = EmailMessage()
    outer["From"] = "admin@example.com"
    outer.add_attachment(inner, maintype="application", subtype="octet-stream", filename="report.eml")
    assert ids(outer.as_bytes()) == ["r-1"]
    coded = base64.encodebytes(inner)
    head = b"From: a@example.com\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
    assert ids(head + coded) == ["r-1"]


def test_a_mail_with_several_reports() -> None:
    message = mail(gz(TEXT))
    message.add_attachment(as_json(tls()), maintype="application", subtype="tlsrpt+json", filename="t.json")
    message.add_attachment(b"<p>not a report</p>", maintype="text", subtype="html")
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="logo.png")
    assert ids(message.as_bytes()) == ["r-1", "2025-11-25T00:00:00Z_example.com"]


def test_a_zip_gives_every_report_in_it() -> None:
    packed = zipped(
        *((f"d{n}/{n}.xml", other(f"id-{n}").encode()) for n in range(12)),
        ("t.json", as_json(tls())),
        ("package.json", b'{"name": "x"}'),
        ("feed.xml", b"<rss/>"),
        ("logo.png", b"\x89PNG"),
    )
    assert ids(packed) == [*(f"id-{n}" for n in range(12)), "2025-11-25T00:00:00Z_example.com"]


def test_gzip_members_that_are_reports_of_their_own() -> None:
    packed = gz(other("a")) + gz(other("b")) + gz(as_json(tls(**{"report-id": "c"})))
    assert ids(packed) == ["a", "b", "c"]


def test_one_broken_report_refuses_the_whole_archive() -> None:
    with pytest.raises(Broken):
        ids(zipped(("a.xml", TEXT.encode()), ("b.xml", TEXT.replace("</row>", "").encode())))


@pytest.mark.parametrize(
    ("data", "refusal", "status"),
    [
        (b"", Refusal, 400),
        (b" \r\n", Refusal, 400),
        (gz(b""), Refusal, 400),
        (b"\0\0\0", Refusal, 400),
        (b"\x89PNG\r\n\x1a\n", UnknownKind, 415),
        (b"MZ\x90\0", UnknownKind, 415),
        (b"unused", UnknownKind, 415),
        (gz("unused"), UnknownKind, 415),
        (b"%PDF-1.7", UnknownKind, 415),
        (b"7z\xbc\xaf\x27\x1c", UnknownKind, 415),
        (b"BZh91AY&SY", UnknownKind, 415),
        (b"=cmd|'/c calc'!A1", UnknownKind, 415),
        (zipped(), NoReport, 422),
        (zipped(("a.txt", b"text")), NoReport, 422),
        (zipped(("a/", b"")), NoReport, 422),
        (b"Subject: hello\n\nno report here\n", NoReport, 422),
        (b'{"a": 1}', NoReport, 422),
        (b"[]", NoReport, 422),
        (b"<html></html>", NoReport, 422),
        (b"{", Broken, 400),
        (b"PK\x03\x04 nothing", Broken, 400),
        (gz(TEXT)[:10] + b"\xff" * 40, Broken, 400),
        (b"\x1f\x8b", Broken, 400),
        (b"\x1f\x8b\x08\x00", Broken, 400),
        (zipped(("a.xml", TEXT.encode()))[:-30], Broken, 400),
    ],
)
def test_refusals_say_what_it_is(data: bytes, refusal: type[Refusal], status: int) -> None:
    with pytest.raises(refusal) as caught:
        read(data)
    assert caught.value.status == status
    assert len(str(caught.value)) > 15


def test_a_zip_with_a_password_or_an_unknown_method() -> None:
    packed = bytearray(zipped(("a.xml", TEXT.encode())))
    for at in (6, packed.rindex(b"PK\x01\x02") + 8):
        packed[at] |= 1
    with pytest.raises(NoReport, match="encrypted"):
        read(bytes(packed))
    packed = bytearray(zipped(("a.xml", TEXT.encode())))
    for at in (8, packed.rindex(b"PK\x01\x02") + 10):
        packed[at] = 97
    with pytest.raises(NoReport, match="method"):
        read(bytes(packed))


def test_a_zip_whose_content_changed() -> None:
    packed = bytearray(zipped(("a.xml", TEXT.encode())))
    packed[60] ^= 0x55
    with pytest.raises(Broken, match="damaged"):
        read(bytes(packed))


def test_the_limit_on_what_is_sent() -> None:
    with pytest.raises(TooMuch, match="DMARC_MAX_UPLOAD_MB"):
        read(b" " * 60_001, limits=SMALL)
    with pytest.raises(TooMuch):
        read(gz(b"\x1f\x8b\x08" + b"\0" * 100_000), limits=SMALL)
    assert ids(gz(TEXT), SMALL) == ["r-1"]


@pytest.mark.parametrize(
    "bomb",
    [
        gz(TEXT + " " * 200_000),
        gz(b"<feedback>" + b"<a>" * 100_000),
        zipped(("a.xml", TEXT.encode() + b" " * 200_000)),
        zipped(*((f"{n}.xml", TEXT.encode() + b" " * 50_000) for n in range(5))),
        gz(gz(TEXT + " " * 200_000)),
        zlib.compress(TEXT.encode() + b" " * 200_000),
        gz(TEXT) + gz(TEXT + " " * 200_000),
        gz(b"no kind that is known" + b"\0" * 300_000 + b"\x1f\x8b\x08") + gz(b"\0" * 300_000),
    ],
)
def test_the_limit_on_what_is_unpacked(bomb: bytes) -> None:
    with pytest.raises(TooMuch, match="DMARC_MAX_UNPACKED_MB"):
        read(bomb, limits=SMALL)


def test_a_bomb_costs_no_time_and_no_memory() -> None:
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = b"<feedback><report_metadata><org_name>"
    bomb = engine.compress(head) + b"".join(engine.compress(b"A" * MIB) for _ in range(210)) + engine.flush()
    assert len(bomb) < MIB
    with pytest.raises(TooMuch, match="200 MB"):
        read(bomb)


@pytest.mark.parametrize(
    "packed",
    [
        zipped(*((f"{n}.txt", b"x") for n in range(21))),
        zipped(*((f"{n}.xml", other(str(n)).encode()) for n in range(20)), ("t", b"x: y\n")),
    ],
)
def test_the_limit_on_files_inside(packed: bytes) -> None:
    with pytest.raises(TooMuch, match="20 files"):
        read(packed, limits=SMALL)


def test_the_limit_on_nesting() -> None:
    packed = TEXT.encode()
    for _ in range(3):
        packed = gz(packed)
    assert ids(packed, SMALL) == ["r-1"]
    with pytest.raises(TooMuch, match="packed"):
        read(gz(packed), limits=SMALL)
    deep = TEXT.encode()
    for _ in range(60):
        deep = zipped(("a", deep))
    with pytest.raises(TooMuch, match="packed"):
        read(deep)


def test_the_limit_on_records() -> None:
    assert len(read(gz(xml(*["<record/>"] * 100)), limits=SMALL)[0][1]) == 100
    for text in (xml(*["<record/>"] * 101), xml(*[record()] * 101), xml(*["<record></record>"] * 101)):
        with pytest.raises(TooMuch, match="100 records"):
            read(gz(text), limits=SMALL)


def test_a_mail_of_many_parts_or_of_deep_parts() -> None:
    message = mail(gz(TEXT))
    for number in range(30):
        message.add_attachment(b"x", maintype="text", subtype="plain", filename=f"{number}")
    with pytest.raises(TooMuch):
        read(message.as_bytes(), limits=SMALL)
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5000))
    with pytest.raises(Refusal):
        read(b"From: a@example.com\n" + deep)
    forwarded = b"Content-Type: message/rfc822\n\n" * 3000
    with pytest.raises(Refusal):
        read(b"From: a@example.com\n" + forwarded)


def test_a_text_without_a_record_ends_early() -> None:
    for filler in ("<x/>", "<a b='c'/>", " " * 9, "<![CDATA[x]]>", "<record><row><x/>", "A" * 9):
        text = f"<feedback>{filler * 400_000}"
        with pytest.raises(TooMuch):
            read(gz(text))
    with pytest.raises(TooMuch):
        read(gz("<feedback " + "a" * 3_000_000))


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE feedback [<!ENTITY a "b">]>',
        '<!DOCTYPE feedback [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE feedback [<!ENTITY % a SYSTEM "http://192.0.2.1/x">%a;]>',
        '<!DOCTYPE feedback [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_entities_are_refused(attack: str) -> None:
    with pytest.raises(Broken, match="entities"):
        read(TEXT.replace("<feedback>", f"{attack}<feedback>"))


def test_default_attributes_are_refused() -> None:
    declared = "".join(f"<!ATTLIST record a{number} CDATA 'x'>" for number in range(2000))
    with pytest.raises(Broken, match="attributes of its own"):
        read(TEXT.replace("<feedback>", f"<!DOCTYPE feedback [{declared}]><feedback>"))


def test_a_document_type_without_entities_does_no_harm() -> None:
    report, _ = one(TEXT.replace("<feedback>", '<!DOCTYPE feedback SYSTEM "dmarc.dtd"><feedback>'))
    assert isinstance(report, AggregateReport)
    assert report.messages == 2


def test_an_element_under_ever_new_names_is_refused() -> None:
    many = "".join(f"<n{n}:record xmlns:n{n}='u{n}'><n{n}:row/></n{n}:record>" for n in range(100))
    with pytest.raises(TooMuch, match="spellings"):
        read(TEXT.replace("<record>", many + "<record>", 1))


def test_blanks_in_utf_16_end_early_too() -> None:
    with pytest.raises(TooMuch, match="2 MB without a record"):
        read(gz(("<feedback>" + " " * 3_000_000).encode("utf-16")))
    assert ids(gz(xml(*[record()] * 3000).encode("utf-16"))) == ["r-1"]


def test_names_inside_an_archive_lead_nowhere() -> None:
    assert ids(zipped(("../../etc/cron.d/x", TEXT.encode()), ("/abs/y", other("b").encode()))) == ["r-1", "b"]


def test_a_gzip_with_name_comment_and_extra_field() -> None:
    out = BytesIO()
    with gzip.GzipFile("receiver.example!example.com!1!2.xml", "wb", fileobj=out) as file:
        file.write(TEXT.encode())
    assert ids(out.getvalue()) == ["r-1"]
