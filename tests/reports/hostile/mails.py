"""Mails: parts without end, mails in mails, headers that are expensive to understand."""

import base64
from collections.abc import Iterator

from tests.reports.hostile.file import BIG, Hostile, ordinary
from tests.reports.hostile.gzips import bomb
from tests.reports.samples import gz, mail

TOP = b"From: a@receiver.example\nTo: b@example.com\nSubject: Report Domain: example.com\n"


def parts(count: int) -> bytes:
    """A mail of so many empty parts."""
    return TOP + b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * count + b"--b--\n"


def nested_multiparts(depth: int) -> bytes:
    """A multipart in a multipart …"""
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level) for level in range(depth)
    )
    return TOP + opening + b"\nx\n"


def forwarded(depth: int) -> bytes:
    """A mail in a mail …"""
    return TOP + b"Content-Type: message/rfc822\n\n" * depth + mail(gz(ordinary("deep"))).as_bytes()


def attached(content: bytes, head: bytes) -> bytes:
    """A mail with one part under these headers."""
    return (
        TOP + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n' + head + b"\n" + content + b"\n--b--\n"
    )


def parameters(count: int) -> bytes:
    """A file name in so many pieces (RFC 2231)."""
    pieces = b"".join(b";\n filename*%d*=%%41" % number for number in range(count))
    return b"Content-Disposition: attachment" + pieces + b"\nContent-Transfer-Encoding: base64\n"


def uuencoded(lines: int) -> bytes:
    """Text in uuencode, whose lines all say that they are long."""
    return b"begin 644 a.xml\n" + b"M" + b"(" * 60 + b"\n" + b"M((\n" * lines + b"`\nend\n"


def files() -> Iterator[Hostile]:
    """Every file of this kind."""
    packed = base64.encodebytes(gz(ordinary("mailed")))
    coded = b"Content-Transfer-Encoding: base64\n"
    gzip_head = b"Content-Type: application/gzip\n" + coded
    yield Hostile("a mail of 1,001 parts", lambda: parts(1001))
    yield Hostile("a mail of a million parts", lambda: parts(1_200_000), is_large=True)
    yield Hostile("99 multiparts one in the other", lambda: nested_multiparts(99))
    yield Hostile("10,000 multiparts one in the other", lambda: nested_multiparts(10_000))
    yield Hostile("100,000 multiparts one in the other", lambda: nested_multiparts(100_000), is_large=True)
    yield Hostile("30 mails one in the other", lambda: forwarded(30))
    yield Hostile("5,000 mails one in the other", lambda: forwarded(5_000))
    yield Hostile("300,000 mails one in the other", lambda: forwarded(300_000), is_large=True)
    yield Hostile(
        "a boundary of nothing",
        lambda: TOP + b'Content-Type: multipart/mixed; boundary=""\n\n' + b"--\n\n" * 2000,
    )
    yield Hostile(
        "a boundary of 100 kB",
        lambda: TOP + b'Content-Type: multipart/mixed; boundary="' + b"b" * 100_000 + b'"\n\nx',
    )
    yield Hostile("two boundaries that are one", lambda: nested_multiparts(50).replace(b"b1", b"b0"))
    yield Hostile("a header of 10 MB", lambda: b"Subject: " + b"x" * BIG, is_large=True)
    yield Hostile("a header of 10 MB in folds", lambda: b"Subject: x\n" + b" y\n" * (BIG // 3), is_large=True)
    yield Hostile("a million headers", lambda: b"X: y\n" * 1_900_000, is_large=True)
    yield Hostile("40,000 headers", lambda: b"X: y\n" * 40_000 + b"\nx")
    yield Hostile("a Content-Type of 200 kB", lambda: b"Content-Type: a/b; " + b"x=y; " * 40_000 + b"\n\nx")
    yield Hostile(
        "a Content-Type of quotes", lambda: b'Content-Type: a/b; name="' + b'\\"' * 50_000 + b"\n\nx"
    )
    yield Hostile(
        "a Content-Type of comments", lambda: b"Content-Type: a/b; name=" + b"(" * 50_000 + b"\n\nx"
    )
    yield Hostile(
        "a Content-Disposition of blanks",
        lambda: attached(packed, b"Content-Disposition: a;" + b" ;" * 60_000 + b"\n"),
    )
    yield Hostile(
        "a file name in 10,000 pieces", lambda: attached(packed, parameters(10_000)), may_be_stored=True
    )
    yield Hostile("a file name in 60 pieces", lambda: attached(packed, parameters(60)), may_be_stored=True)
    yield Hostile(
        "a subject of 20,000 encoded words",
        lambda: b"Subject: " + b"=?utf-8?B?QQ==?= " * 12_000 + b"\nX: y\n\nx",
    )
    yield Hostile("a subject of an unknown encoding", lambda: b"Subject: =?bomb-8?B?QQ==?=\nX: y\n\nx")
    yield Hostile("From of 20,000 angle brackets", lambda: b"From: " + b"<" * 100_000 + b"\nX: y\n\nx")
    yield Hostile("From of comments in comments", lambda: b"From: " + b"(" * 100_000 + b"\nX: y\n\nx")
    yield Hostile("base64 of 10 MB that is none", lambda: attached(b"=" * BIG, gzip_head), is_large=True)
    yield Hostile(
        "base64 of a gigabyte packed",
        lambda: attached(base64.encodebytes(bomb(b" ", 1024)), gzip_head),
        is_large=True,
    )
    yield Hostile(
        "quoted-printable of 10 MB",
        lambda: attached(b"=3D=\n" * (BIG // 5), b"Content-Transfer-Encoding: quoted-printable\n"),
        is_large=True,
    )
    yield Hostile("uuencode", lambda: attached(uuencoded(20_000), b"Content-Transfer-Encoding: x-uuencode\n"))
    yield Hostile(
        "an unknown transfer encoding", lambda: attached(packed, b"Content-Transfer-Encoding: zip-bomb\n")
    )
    yield Hostile(
        "an unknown charset", lambda: attached(b"<feedback>", b"Content-Type: text/xml; charset=x\xff\n")
    )
    yield Hostile("a mail of NUL bytes", lambda: TOP + b"\n" + b"\0" * 1_000_000)
    yield Hostile("a mail of a million lines", lambda: TOP + b"\n" + b"\n" * 1_000_000)
    yield Hostile(
        "a mail whose lines end in CR only", lambda: TOP.replace(b"\n", b"\r") + b"\r" + b"x\r" * 100_000
    )
    yield Hostile("a mail of 10 MB in one line", lambda: TOP + b"\n" + b"x" * BIG, is_large=True)
    yield Hostile("a mail of 10 MB of no encoding", lambda: TOP + b"\n" + b"\xff" * BIG, is_large=True)
    yield Hostile(
        "a mail of 10 MB of 8-bit lines",
        lambda: TOP + b"\n" + (b"\xe4" * 70 + b"\n") * (BIG // 71),
        is_large=True,
    )
    yield Hostile("a mail in base64 in a mail in base64", lambda: _coded(8))
    yield Hostile(
        "a feedback report of 40,000 fields", lambda: _feedback(b"X: y\n" * 40_000), may_be_stored=True
    )
    yield Hostile(
        "a feedback report with scripts",
        lambda: _feedback(b"Reported-Domain: <script>alert(1)</script>\n"),
        may_be_stored=True,
    )
    yield Hostile(
        "a feedback report with a date beyond",
        lambda: _feedback(b"Arrival-Date: Mon, 99 Foo 99999 99:99:99 +9999\n"),
        may_be_stored=True,
    )
    yield Hostile(
        "a feedback report whose mail is a bomb",
        lambda: _feedback(b"X: y\n", bomb(b" ", 50)),
        may_be_stored=True,
    )


def _coded(times: int) -> bytes:
    data = mail(gz(ordinary("coded"))).as_bytes()
    for _ in range(times):
        head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        data = TOP + head + base64.encodebytes(data)
    return data


def _feedback(fields: bytes, more: bytes = b"") -> bytes:
    head = b'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\n'
    said = b"Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\n" + fields
    return TOP + head + said + b"\n--b\nContent-Type: message/rfc822\n\n" + more + b"\n--b--\n"
