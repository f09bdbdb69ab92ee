"""XML events -> records, in constant memory: the handlers that expat calls, a million of them per 50,000
records.
"""

from collections.abc import Callable

from webapp.reports import values
from webapp.reports.alignment import dkim_aligned, spf_aligned
from webapp.reports.grammar import FEEDBACK, Node, nodes
from webapp.reports.heads import policy_of
from webapp.reports.records import DkimResult, Policy, Reason, Record, SpfResult
from webapp.reports.refusal import Limits, NoReport, TooMuch

MOST_NAMES = 64  # spellings (namespace, case) of the elements in one place
MOST_PARTS = 200  # reasons, signatures or rows of one record; RFC 9990 asks for no more than 100
MOST_IN_ALL = 10**12  # messages of one report
NOWHERE = Node({}, "")
NO_ROW: list["Row"] = [("", "", "", "", "", ())]
Row = tuple[str, str, str, str, str, tuple[Reason, ...]]


class Machine:
    """Takes the parser's events, hands each record to `take` as soon as it is whole."""

    def __init__(self, take: Callable[[Record], None], limits: Limits) -> None:
        self.head: dict[str, str] = {}
        self.errors: list[str] = []
        self.namespace = ""
        self.records = self.messages = 0
        self.is_ended = False
        self.new_fields = False
        self.policy = Policy("")  # until it is met, which the RFCs put before the records
        self.progress = 0  # grows with each part that was read whole
        self.text: list[str] = []
        self.path: list[Node] = []
        self.node = self._outside = Node({}, "outside")
        self._take, self._limits = take, limits
        self._leaves: dict[str, str] = {}
        self._reasons: list[Reason] = []
        self._dkim: list[DkimResult] = []
        self._spf: list[SpfResult] = []
        self._rows: list[Row] = []
        self._has_results = False
        self._groups = {
            "record/": self._record,
            "row/": self._row,
            "policy_evaluated/": self._keep,
            "reason/": self._reason,
            "identifiers/": self._keep,
            "auth_results/": self._results,
            "dkim/": self._dkim_result,
            "spf/": self._spf_result,
            "feedback/": self._feedback,
            "report_metadata/": self._section,
            "policy_published/": self._section,
        }

    def handlers(self) -> tuple[Callable[[str, object], None], Callable[[str], None]]:
        """What to call at a tag's begin and end. Closures, because they run for every tag of a report."""
        text, path, leaves, groups, place = self.text, self.path, self._leaves, self._groups, self._place
        clear, push, pop = text.clear, path.append, path.pop

        def begin(name: str, _attributes: object) -> None:
            clear()
            node = self.node
            push(node)
            self.node = node.inside.get(name) or place(node, name)

        def end(_name: str) -> None:
            ends = self.node.ends
            if ends:
                if ends[-1] != "/":
                    leaves[ends] = text[0] if len(text) == 1 else "".join(text)
                elif ends in groups:
                    groups[ends]()
                clear()
            self.node = pop()

        return begin, end

    def is_between(self) -> bool:
        """True where everything begun is certain: between records, or where a record lacks nothing but
        closing tags.
        """
        if self.is_ended or (not self.records and not self._rows):
            return self.is_ended
        ends = self.node.ends
        return ends == "feedback/" or (ends == "record/" and self._has_results and bool(self._rows))

    def close_record(self) -> None:
        """Take the record whose closing tag is missing."""
        if self.node.ends == "record/":
            self._record()

    def _place(self, node: Node, name: str) -> Node:
        """Where an element stands that is met under this spelling for the first time; raises NoReport for a
        foreign root.
        """
        namespace, _, local = name.rpartition("}")
        if node is self._outside:
            if local.lower() == "schema":
                return node  # some wrap their report in the schema's own element
            if local.lower() != "feedback":
                raise NoReport(f"The XML is not a DMARC aggregate report: its root is {values.shown(local)}")
            self.namespace = values.clean(namespace)
            return nodes(FEEDBACK, "feedback/")
        found = node.inside.get(local.lower(), NOWHERE)
        if found is not NOWHERE:
            if len(node.inside) >= MOST_NAMES:
                raise TooMuch(f"One element has more than {MOST_NAMES} spellings in the report")
            node.inside[name] = found
        return found

    def _keep(self) -> None:
        """The end of a group whose leaves the record takes."""

    def _section(self) -> None:
        """The end of a part of the report's head: the first one of its kind counts."""
        for key, text in self._leaves.items():
            if key == "error":
                self.errors.append(values.clean(text))
            self.head.setdefault(key, text)
        if "policy_domain" in self._leaves and not self.policy.domain:
            self.policy = policy_of(self.head)
        self._leaves.clear()
        del self.errors[MOST_PARTS:]
        self.progress += 1

    def _feedback(self) -> None:
        self._section()
        self.is_ended = True

    def _reason(self) -> None:
        kind, comment = self._leaves.pop("type", ""), self._leaves.pop("comment", "")
        if not kind and not comment:
            comment = "".join(self.text).strip()
        if kind or comment:
            self._add(self._reasons, Reason(values.word(kind), values.clean(comment)))

    def _row(self) -> None:
        pop = self._leaves.pop
        self._add(
            self._rows,
            (
                pop("source_ip", ""),
                pop("count", ""),
                pop("disposition", ""),
                pop("dkim", ""),
                pop("spf", ""),
                tuple(self._reasons),
            ),
        )
        if self._reasons:
            self._reasons.clear()

    def _results(self) -> None:
        self._has_results = True

    def _dkim_result(self) -> None:
        pop, word = self._leaves.pop, values.word
        found = DkimResult(
            values.domain(pop("domain", "")),
            values.clean(pop("selector", "")),
            word(pop("result", "")),
            values.clean(pop("human_result", "")),
        )
        if any(found):
            self._add(self._dkim, found)

    def _spf_result(self) -> None:
        pop, word = self._leaves.pop, values.word
        found = SpfResult(
            values.domain(pop("domain", "")),
            word(pop("scope", "")),
            word(pop("result", "")),
            values.clean(pop("human_result", "")),
        )
        if any(found):
            self._add(self._spf, found)

    def _add(self, parts: list, part: object) -> None:  # type: ignore[type-arg]
        if len(parts) >= MOST_PARTS:
            raise TooMuch(f"A record has more than {MOST_PARTS} reasons, signatures or rows")
        parts.append(part)

    def _record(self) -> None:
        """Hand over one record for each of its rows; a record without a row counts nothing."""
        get, domain, word = self._leaves.get, values.domain, values.word
        header_from, sender, to = (
            domain(get("header_from", "")),
            domain(get("envelope_from", "")),
            domain(get("envelope_to", "")),
        )
        dkim, spf, author = tuple(self._dkim), tuple(self._spf), header_from or self.policy.domain
        aligned = dkim_aligned(dkim, author, self.policy), spf_aligned(spf, author, sender, self.policy)
        for ip, count, disposition, dkim_word, spf_word, reasons in self._rows or NO_ROW:
            number = values.count(count, "The count of a record")
            said = word(disposition), word(dkim_word), word(spf_word)
            self.records += 1
            self.messages += number
            self._take(
                Record(
                    values.address(ip), number, *said, reasons, header_from, sender, to, dkim, spf, *aligned
                )
            )
            if disposition == "pass" and not self.new_fields:
                self.new_fields = True
        if self.records > self._limits.records:
            raise self._limits.over_records()
        if self.messages > MOST_IN_ALL:
            raise TooMuch(f"The report counts more than {MOST_IN_ALL:,} messages")
        self._forget()

    def _forget(self) -> None:
        self.progress += 1
        self._leaves.clear()
        for parts in (self._rows, self._dkim, self._spf):
            parts.clear()  # type: ignore[attr-defined]
        self._has_results = False
