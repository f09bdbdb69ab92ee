"""Reports that are well-formed and mean it badly: scripts, formulas, numbers and times beyond reason."""

from collections.abc import Iterator

from tests.reports.hostile.file import Hostile, whole
from tests.reports.samples import METADATA, POLICY, record, xml

SCRIPTS = (
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "${7*7}#{7*7}",
    "&lt;svg/onload=alert(1)&gt;",
    "&lt;/textarea&gt;&lt;iframe srcdoc=x&gt;",
    "' OR 1=1; DROP TABLE dmarc_reports; --",
    "data:text/html;base64,PHNjcmlwdD4=",
    "%s%s%n%x",
)
FORMULAS = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "=IMPORTXML(CONCAT(a),b)",
)
COUNTS = (
    ("-1", False),
    ("-9223372036854775808", False),
    ("9223372036854775807", False),
    ("9223372036854775808", False),
    ("1" + "0" * 400, False),
    ("1e308", False),
    ("1e400", False),
    ("NaN", False),
    ("Infinity", False),
    ("0x7fffffff", False),
    ("1,000", False),
    ("1.5", False),
    ("\u0661\u0662\u0663", False),
    ("\uff11\uff12", False),
    ("1 OR 1", False),
    ("+5", True),
    ("00000000000000000000000000000001", True),
)
TIMES = (
    "-1",
    "-62135596800",
    "99999999999999999999999999999999",
    "1" * 5000,
    "1e9999",
    "NaN",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "yesterday",
)
ADDRESSES = (
    "999.1.1.1",
    "::ffff:999.1.1.1",
    "fe80::1%eth0",
    "1" * 100_000,
    "127.0.0.1; DROP TABLE",
    "&lt;script&gt;",
    "0x7f000001",
    "192.0.2.1/8",
    "[::1]",
)


def everywhere(text: str, identity: str) -> bytes:
    """A report that says this in each of its fields."""
    metadata = (
        f"<report_metadata><org_name>{text}</org_name><email>{text}</email><extra_contact_info>{text}"
        f"</extra_contact_info><report_id>{text} {identity}</report_id><error>{text}</error>"
        f"<generator>{text}</generator><date_range><begin>1764028800</begin><end>1764115199</end></date_range>"
        "</report_metadata>"
    )
    said = f"<reason><type>{text}</type><comment>{text}</comment></reason>"
    row = record(more=said).replace("none</disposition>", f"{text}</disposition>")
    for word in ("bounce.example.com", "s1", "mfrom"):
        row = row.replace(word, text)
    domain = POLICY.replace("<p>none", f"<p>{text}").replace("example.com", f"{text}.example.com")
    return xml(row, metadata=metadata, policy=domain).encode()


def files() -> Iterator[Hostile]:
    """Every file of this kind."""
    for number, text in enumerate((*SCRIPTS, *FORMULAS)):
        yield Hostile(
            f"{text[:40]!r} in every field",
            lambda text=text, number=number: everywhere(text, f"w{number}"),  # type: ignore[misc]
            may_be_stored=True,
            filename=f"{text[:100]}.xml",
        )
    for count, good in COUNTS:
        yield Hostile(f"a count of {count[:30]}", lambda count=count: _counted(count), may_be_stored=good)  # type: ignore[misc]
    for moment in TIMES:
        yield Hostile(f"a report of the time {moment[:30]}", lambda moment=moment: _timed(moment))  # type: ignore[misc]
    for number, source in enumerate(ADDRESSES):
        yield Hostile(
            f"a source {source[:30]}",
            lambda source=source, number=number: _sent(source, f"s{number}"),  # type: ignore[misc]
            may_be_stored=True,
        )
    yield Hostile(
        "counts whose sum is too large", lambda: whole(record(count="999999999") * 20_000), is_large=True
    )
    yield Hostile("a report of 8,000 years", lambda: _times("0", "253402300799"), may_be_stored=True)
    yield Hostile(
        "a report of the year 9999", lambda: _times("253402214400", "253402300799"), may_be_stored=True
    )
    yield Hostile("a domain of 10,000 labels", lambda: _domain("a." * 10_000 + "example"), may_be_stored=True)
    yield Hostile("a domain that climbs", lambda: _domain("../../etc/passwd"), may_be_stored=True)
    yield Hostile("a domain of slashes and questions", lambda: _domain("a/b?c=d#e%2f%00"), may_be_stored=True)
    yield Hostile("a domain of a newline", lambda: _domain("a\r\nSet-Cookie: x=1"), may_be_stored=True)
    yield Hostile(
        "a name with a NUL", lambda: _domain("nul.example"), may_be_stored=True, filename="a\0b.xml"
    )
    yield Hostile(
        "a name of 10,000 letters", lambda: _domain("long.example"), may_be_stored=True, filename="n" * 5000
    )
    yield Hostile(
        "a name of lone surrogates",
        lambda: _domain("sur.example"),
        may_be_stored=True,
        filename="a\udcff.xml",
    )
    yield Hostile(
        "a name that states times beyond",
        lambda: _domain(""),
        filename="a!b.example!9999999999!99999999999!.xml",
        may_be_stored=True,
    )


def _counted(count: str) -> bytes:
    return xml(record(count=count), metadata=METADATA.replace("r-1", f"count {count[:60]}")).encode()


def _timed(moment: str) -> bytes:
    return _times(moment, "1764115199")


def _times(begin: str, end: str) -> bytes:
    changed = (
        METADATA.replace("1764028800", begin)
        .replace("1764115199", end)
        .replace("r-1", f"{begin[:20]} {end[:20]}")
    )
    return xml(metadata=changed).encode()


def _sent(source: str, identity: str) -> bytes:
    return xml(record(ip=source), metadata=METADATA.replace("r-1", identity)).encode()


def _domain(name: str) -> bytes:
    return xml(policy=POLICY.replace("<domain>example.com", f"<domain>{name}")).encode()
