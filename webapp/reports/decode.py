"""Bytes -> text for XML from strangers: byte order marks, UTF-16, declared code pages, and bytes that belong
to none.
"""

import codecs
import re
from collections.abc import Iterator

from webapp.reports.inflate import PIECE
from webapp.reports.members import Stream

DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})["']""")
CODE_PAGES = re.compile(
    r"iso-?8859-?\d{1,2}|latin-?\d|windows-?\d{3,4}|cp-?\d{3,4}|koi8-[ru]|gb2312|gbk|gb18030|big5"
    r"|shift[_-]jis|euc-(?:jp|kr)|iso-2022-jp"
)
WESTERN = ("iso-8859-1", "iso8859-1", "latin-1", "latin1")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def _western(error: UnicodeError) -> tuple[str, int]:
    """A byte that is not UTF-8, read as the most common code page has it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("western", _western)


class Text:
    """The text of a document, piece by piece; `is_mended` once bytes were met that its encoding does not
    have.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.is_mended = self._is_utf8 = False

    def pieces(self) -> Iterator[str]:
        """Non-empty pieces of text, without byte order mark and without blanks at the very beginning."""
        data = self._stream.read(PIECE)
        encoding = encoding_of(data)
        self._is_utf8 = encoding.startswith("utf-8")
        decoder = codecs.getincrementaldecoder(encoding)()
        begun = False
        while data:
            try:
                text = decoder.decode(data)
            except UnicodeDecodeError:
                decoder = self._forgiving(decoder)
                text = decoder.decode(data)
            text = text if begun else text.lstrip("\ufeff \t\r\n\0")
            begun = begun or bool(text)
            if text:
                yield text
            data = self._stream.read(PIECE)

    def _forgiving(self, strict: codecs.IncrementalDecoder) -> codecs.IncrementalDecoder:
        """The same decoder where it stands, now reading what it cannot know as Western European."""
        self.is_mended = True
        strict.errors = "western" if self._is_utf8 else "replace"
        return strict


def encoding_of(head: bytes) -> str:
    """The Python name of the encoding of an XML document that begins so (XML 1.0, appendix F)."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if head.startswith((b"<\0", b"{\0")):
        return "utf-16-le"
    if head.startswith((b"\0<", b"\0{")):
        return "utf-16-be"
    found = DECLARED.search(head[:1024])
    declared = found[1].decode("ascii").lower() if found else "utf-8"
    if declared in WESTERN:
        return "cp1252"
    return declared if CODE_PAGES.fullmatch(declared) and _is_known(declared) else "utf-8"


def _is_known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
