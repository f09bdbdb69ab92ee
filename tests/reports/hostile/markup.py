"""XML: entities, depth, widths, encodings, and slips that are dear to mend."""

from collections.abc import Iterator

from tests.reports.hostile.file import BIG, HEAD, TAIL, Hostile, ordinary, whole
from tests.reports.samples import METADATA, POLICY, gz, record, xml

LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
DECLARED = '<?xml version="1.0"?>\n'
MIB = 1024 * 1024
MENDED = 2_050_000  # bytes: as large as what is mended may be


def doctype(inside: str, content: str = "&e9;") -> bytes:
    """A report behind declarations."""
    body = xml(metadata=METADATA.replace("Receiver Inc.", content)).partition("\n")[2]
    return f"{DECLARED}<!DOCTYPE feedback {inside}>\n{body}".encode()


def repeated(piece: str, size: int, around: tuple[str, str] = (HEAD, TAIL)) -> bytes:
    """A report filled up with one piece."""
    return (around[0] + piece * (size // len(piece)) + around[1]).encode()


def attributes(count: int, pattern: str = 'a{}="1"') -> str:
    """An element with so many attributes."""
    return "<x " + " ".join(pattern.format(number) for number in range(count)) + "/>"


def files() -> Iterator[Hostile]:
    """Every file of this kind."""
    yield from _entities()
    yield from _shapes()
    yield from _slips()
    yield from _encodings()


def _entities() -> Iterator[Hostile]:
    yield Hostile("a billion laughs", lambda: doctype(f'[<!ENTITY e0 "ha">{LAUGHS}]'))
    yield Hostile(
        "one entity, very often", lambda: doctype(f'[<!ENTITY a "{"x" * 50_000}">]', "&a;" * 50_000)
    )
    yield Hostile("an entity that is a file", lambda: doctype('[<!ENTITY e9 SYSTEM "file:///etc/passwd">]'))
    yield Hostile(
        "an entity that is an address", lambda: doctype('[<!ENTITY e9 SYSTEM "http://127.0.0.1:1/">]')
    )
    yield Hostile(
        "an entity of parameters", lambda: doctype('[<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]', "x")
    )
    yield Hostile("an entity that is itself", lambda: doctype('[<!ENTITY e9 "&e9;">]'))
    yield Hostile(
        "a document type elsewhere",
        lambda: doctype('SYSTEM "http://127.0.0.1:1/a.dtd"', "x"),
        may_be_stored=True,
    )
    yield Hostile(
        "attributes by declaration", lambda: doctype(f'[<!ATTLIST record a CDATA "{"x" * 100_000}">]', "x")
    )
    yield Hostile(
        "a document type without end",
        lambda: (DECLARED + "<!DOCTYPE feedback [" + "<!-- -->" * 200_000).encode(),
    )
    yield Hostile("an entity nobody declared", lambda: doctype("", "&nobody;"), may_be_stored=True)
    yield Hostile(
        "XInclude",
        lambda: whole(
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>' + record()
        ),
        may_be_stored=True,
    )
    yield Hostile(
        "a stylesheet",
        lambda: (
            b'<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1:1/"?>'
            + ordinary("style").partition(b"\n")[2]
        ),
        may_be_stored=True,
    )


def _shapes() -> Iterator[Hostile]:
    yield Hostile("64 levels too many", lambda: whole("<a>" * 200 + "</a>" * 200), may_be_stored=True)
    yield Hostile("a million levels", lambda: repeated("<a>", 3_000_000), is_large=True)
    yield Hostile("100,000 attributes", lambda: whole(attributes(70_000)), may_be_stored=True)
    yield Hostile("600,000 attributes", lambda: whole(attributes(600_000)), is_large=True)
    yield Hostile("an attribute of 10 MB", lambda: whole(f'<x a="{"y" * BIG}"/>'), is_large=True)
    yield Hostile(
        "an attribute of 900 kB", lambda: whole(f'<x a="{"y" * 900_000}"/>' + record()), may_be_stored=True
    )
    yield Hostile("an element's name of 10 MB", lambda: whole(f"<{'n' * (BIG // 2)}/>"), is_large=True)
    yield Hostile(
        "an element's name of 900 kB", lambda: whole(f"<{'n' * 900_000}/>" + record()), may_be_stored=True
    )
    yield Hostile("a comment of 10 MB", lambda: whole(f"<!--{'c' * BIG}-->"), is_large=True)
    yield Hostile("an instruction of 10 MB", lambda: whole(f"<?p {'c' * BIG}?>"), is_large=True)
    yield Hostile("a section of 10 MB", lambda: whole(f"<![CDATA[{'c' * BIG}]]>"), is_large=True)
    yield Hostile(
        "names in 100,000 namespaces",
        lambda: whole("".join(f'<a xmlns="u{n}"/>' for n in range(100_000))),
        is_large=True,
    )
    yield Hostile(
        "one element in 100,000 namespaces",
        lambda: whole("".join(f'<record xmlns="u{n}"/>' for n in range(100_000))),
        is_large=True,
    )
    yield Hostile(
        "one element with 10,000 namespaces",
        lambda: whole(attributes(10_000, 'xmlns:a{}="u"')),
        may_be_stored=True,
    )
    yield Hostile(
        "an organisation of 900 kB",
        lambda: ordinary("long").replace(b"Receiver Inc.", b"x" * 900_000),
        may_be_stored=True,
    )
    yield Hostile(
        "an organisation of 9 MB",
        lambda: ordinary("longer").replace(b"Receiver Inc.", b"x" * 9_000_000),
        is_large=True,
    )
    yield Hostile(
        "an organisation of 300,000 elements",
        lambda: ordinary("wide").replace(b"Receiver Inc.", b"<b/>" * 240_000),
        may_be_stored=True,
    )
    yield Hostile("100,000 unknown elements", lambda: whole("<x/>" * 200_000 + record()), may_be_stored=True)
    yield Hostile(
        "a million errors",
        lambda: ordinary("err").replace(
            b"</report_metadata>", b"<error>e</error>" * 60_000 + b"</report_metadata>"
        ),
        may_be_stored=True,
    )
    yield Hostile(
        "1,000 reasons in one record",
        lambda: whole(record(more="<reason><type>other</type></reason>" * 1000)),
    )
    yield Hostile(
        "1,000 signatures in one record",
        lambda: whole(
            record().replace(
                "<auth_results>", "<auth_results>" + "<dkim><domain>a.example</domain></dkim>" * 1000
            )
        ),
    )
    yield Hostile(
        "1,000 rows in one record",
        lambda: whole("<record>" + "<row><count>1</count></row>" * 1000 + "</record>"),
    )
    yield Hostile(
        "300,000 records of nothing", lambda: gz(whole("<record></record>" * 300_000)), is_large=True
    )
    yield Hostile(
        "300,000 records by capital letters", lambda: gz(whole("<RECORD></RECORD>" * 300_000)), is_large=True
    )
    yield Hostile(
        "300,000 records that end at once", lambda: gz(whole("<record />" * 300_000)), is_large=True
    )
    yield Hostile("100 reports one after the other", lambda: ordinary("series") * 100)
    yield Hostile(
        "a report in a record",
        lambda: whole(f"<record>{xml().partition(chr(10))[2]}</record>"),
        may_be_stored=True,
    )
    yield Hostile("a feed", lambda: b"<rss><channel/></rss>")
    yield Hostile("a page", lambda: b"<!DOCTYPE html><html><script>alert(1)</script></html>")
    yield Hostile("a drawing", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
    yield Hostile("a report without a head", lambda: f"{DECLARED}<feedback>{record()}</feedback>".encode())
    yield Hostile(
        "a report without a domain", lambda: f"{DECLARED}<feedback>{METADATA}{record()}</feedback>".encode()
    )
    yield Hostile(
        "a report without an author", lambda: f"{DECLARED}<feedback>{POLICY}{record()}</feedback>".encode()
    )


def _slips() -> Iterator[Hostile]:
    yield Hostile("2 MB of <", lambda: repeated("<", MENDED), is_large=True)
    yield Hostile("2 MB of &", lambda: repeated("&", MENDED), is_large=True)
    yield Hostile("2 MB of < and blanks", lambda: repeated("< ", MENDED), is_large=True)
    yield Hostile("2 MB of half tags", lambda: repeated("<a ", MENDED), is_large=True)
    yield Hostile("2 MB of half attributes", lambda: repeated('<a b="', MENDED), is_large=True)
    yield Hostile(
        "2 MB of attributes in one half tag",
        lambda: repeated('b="c" ', MENDED, (HEAD + "<a ", TAIL)),
        is_large=True,
    )
    yield Hostile("2 MB of half comments", lambda: repeated("<!--", MENDED), is_large=True)
    yield Hostile("2 MB of half sections", lambda: repeated("<![CDATA[", MENDED), is_large=True)
    yield Hostile("2 MB of half instructions", lambda: repeated("<?", MENDED), is_large=True)
    yield Hostile("2 MB of half declarations", lambda: repeated("<!DOCTYPE ", MENDED), is_large=True)
    yield Hostile("2 MB of half references", lambda: repeated("&#x1", MENDED), is_large=True)
    yield Hostile("2 MB of control characters", lambda: repeated("\x01", MENDED), is_large=True)
    yield Hostile("2 MB of closing tags", lambda: repeated("</record>", MENDED), is_large=True)
    yield Hostile("2 MB of opened records", lambda: repeated("<record>", MENDED), is_large=True)
    yield Hostile(
        "records with a slip in each",
        lambda: repeated(record(more="a < b & c"), MENDED),
        may_be_stored=True,
        is_large=True,
    )
    yield Hostile("a report cut in a record", lambda: ordinary("cut")[:-150])
    yield Hostile("a report cut in a tag", lambda: ordinary("cut")[:-16], may_be_stored=True)
    yield Hostile("tags that cross", lambda: whole("<record><row></record></row>"))
    yield Hostile("a record that is closed twice", lambda: whole(record() + "</record>"))


def _encodings() -> Iterator[Hostile]:
    text = xml()
    yield Hostile(
        "UTF-7",
        lambda: text.replace("UTF-8", "UTF-7").replace("Receiver", "+ADw-script+AD4-").encode(),
        may_be_stored=True,
    )
    yield Hostile("UTF-32", lambda: text.replace("UTF-8", "UTF-32").encode("utf-32"), may_be_stored=True)
    yield Hostile("EBCDIC", lambda: text.replace("UTF-8", "cp037").encode("cp037"))
    yield Hostile("UTF-16 that is none", lambda: b"\xff\xfe" + text.encode())
    yield Hostile("UTF-16 with half a character", lambda: text.encode("utf-16") + b"\x00", may_be_stored=True)
    yield Hostile(
        "UTF-16 full of lone surrogates",
        lambda: text.replace("Receiver", "@@").encode("utf-16").replace(b"@\0", b"\x00\xd8"),
        may_be_stored=True,
    )
    yield Hostile(
        "an encoding that unpacks", lambda: text.replace("UTF-8", "zlib_codec").encode(), may_be_stored=True
    )
    yield Hostile(
        "an encoding that does not exist",
        lambda: text.replace("UTF-8", "no-such").encode(),
        may_be_stored=True,
    )
    yield Hostile("idna as an encoding", lambda: text.replace("UTF-8", "idna").encode(), may_be_stored=True)
    yield Hostile(
        "bytes of no encoding",
        lambda: text.encode().replace(b"Receiver", b"\xc0\xaf\xfe\xff\x80"),
        may_be_stored=True,
    )
    yield Hostile(
        "overlong UTF-8",
        lambda: text.encode().replace(b"Receiver", b"\xc0\xbcscript\xc0\xbe"),
        may_be_stored=True,
    )
    yield Hostile(
        "NUL bytes between", lambda: text.encode().replace(b"Receiver", b"Re\0cei\0ver"), may_be_stored=True
    )
    yield Hostile("a reference to NUL", lambda: text.replace("Receiver", "&#0;").encode(), may_be_stored=True)
    yield Hostile(
        "a reference to a surrogate",
        lambda: text.replace("Receiver", "&#xD800;").encode(),
        may_be_stored=True,
    )
    yield Hostile(
        "a reference beyond Unicode",
        lambda: text.replace("Receiver", "&#99999999999;").encode(),
        may_be_stored=True,
    )
    yield Hostile(
        "a reference of a million digits",
        lambda: text.replace("Receiver", f"&#{'9' * 400_000};").encode(),
        may_be_stored=True,
    )
    yield Hostile(
        "letters that change direction",
        lambda: text.replace("Receiver", "\u202e\u2066abc").encode(),
        may_be_stored=True,
    )
    yield Hostile(
        "XML 9.9", lambda: text.replace('version="1.0"', 'version="9.9"').encode(), may_be_stored=True
    )
