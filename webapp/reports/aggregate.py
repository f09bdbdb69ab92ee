"""One aggregate report as a stream -> its records, one by one, and its head: RFC 7489, RFC 9990 and drafts.

Memory does not grow with the report. defusedxml's parser keeps entities and outside references away.
"""

import re
from collections.abc import Callable, Iterable

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from webapp.reports.decode import Text
from webapp.reports.heads import head_of
from webapp.reports.machine import Machine
from webapp.reports.members import Stream
from webapp.reports.mend import mended
from webapp.reports.records import AggregateReport, Record
from webapp.reports.refusal import MIB, Broken, CutShort, Damaged, Limits, NoReport, TooMuch

STEP = MIB  # characters within which a record or a section must end
DEEPEST = 64  # levels of elements
ROOT = re.compile(r"<(?:[\w.-]{1,60}:)?feedback[\s>]", re.IGNORECASE)
LAST_TAG = re.compile(r"<(/?)[^<>]{0,200}\Z")


def read(
    stream: Stream, take: Callable[[Record], None], limits: Limits, *, mend: bool = False, name: str = ""
) -> AggregateReport:
    """Read one report; each record goes to `take`. Returns the head with exact sums.

    Raises Damaged where reading once more with `mend=True` may succeed (what was taken must be forgotten),
    else a Refusal.
    `name` is the file's name, for reports that leave out what it tells.
    """
    return _Reading(stream, take, limits, mend).report(name)


class _Reading:
    def __init__(self, stream: Stream, take: Callable[[Record], None], limits: Limits, mend: bool) -> None:
        self._text = Text(stream)
        self._is_mending = mend
        self._slips: list[str] = ["Characters or tags that are not XML were mended"] if mend else []
        self._machine = Machine(take, limits)
        self._parser = _parser(self._machine)
        self._last = ""
        self._has_more = False

    def report(self, name: str) -> AggregateReport:
        """Read to the end and say what was there."""
        try:
            self._feed()
        except DefusedXmlException as error:
            raise Broken("The XML declares entities, which no report needs") from error
        if self._text.is_mended:
            self._slips.append("Bytes that its encoding does not have were read as Western European")
        return head_of(self._machine, tuple(self._slips), name)

    def _feed(self) -> None:
        pieces: Iterable[str] = self._text.pieces()
        machine, since, mark = self._machine, 0, 0
        try:
            for piece in mended(pieces) if self._is_mending else pieces:
                self._last = piece
                self._parse(piece, machine.is_ended or bool(machine.path))
                if machine.is_ended:
                    continue
                since = since + len(piece) if machine.progress == mark else 0
                mark = machine.progress
                if since > STEP or len(machine.path) > DEEPEST:
                    raise TooMuch(
                        f"The XML has {STEP // MIB} MB without a record, or more than {DEEPEST} levels"
                    )
        except CutShort:
            if not machine.is_ended:
                raise
            self._slips.append("The compressed file ends early; the report in it is whole")
            return
        self._end()

    def _parse(self, piece: str, begun: bool) -> None:
        """Give the parser one piece; what follows the end of the report is left alone, unless it is another
        report.
        """
        own = 0 if begun or self._has_more else 1
        if not self._has_more:
            try:
                self._parser.feed(piece)
                return
            except ParseError as error:
                if not self._machine.is_ended:
                    raise self._refusal(error) from error
            self._has_more = True
            self._slips.append("There are bytes after the end of the report")
        if len(ROOT.findall(piece)) > own:
            raise Broken("The file holds several reports one after the other, which is no XML document")

    def _end(self) -> None:
        machine = self._machine
        if machine.is_ended:
            return
        try:
            self._parser.close()
        except ParseError as error:
            if not machine.path:
                raise self._refusal(error) from error
        tail = LAST_TAG.search(self._last)
        if not machine.is_between() or (tail and tail[1] != "/" and len(tail[0]) > 1):
            raise Broken(
                f"The report is cut: it ends within record {machine.records + 1:,}"
                if machine.head or machine.records
                else "The report is cut: it ends before its first record"
            )
        machine.close_record()
        self._slips.append("The end of the file is missing; every record before it is whole")

    def _refusal(self, error: ParseError) -> Broken | NoReport:
        line, column = error.position
        where = f"line {line}, column {column + 1}"
        if not self._machine.path and not self._is_mending:
            return Damaged(f"The XML is not well-formed before its first element ({where})")
        if self._is_mending:
            return Broken(
                f"The XML is not well-formed, nor is its meaning certain: {_words(error)} ({where})"
            )
        return Damaged(f"The XML is not well-formed: {_words(error)} ({where})")


def _parser(machine: Machine) -> DefusedXMLParser:
    """defusedxml's parser with its guards, whose events go to the machine without a tree between."""
    parser = DefusedXMLParser(target=_Nobody())
    expat = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = machine.handlers()
    expat.CharacterDataHandler = machine.text.append
    expat.DefaultHandlerExpand = None
    expat.StartDoctypeDeclHandler = _no_subset
    return parser


def _no_subset(_name: str, _system: str | None, _public: str | None, has_subset: bool) -> None:
    """Refuse declarations: default attributes cost as much as entities, and no report declares any."""
    if has_subset:
        raise Broken("The XML declares entities or attributes of its own, which no report needs")


class _Nobody:
    """A target that takes nothing; the parser must have one."""

    def close(self) -> None:
        """Nothing is kept."""


def _words(error: ParseError) -> str:
    return str(error).partition(":")[0]
