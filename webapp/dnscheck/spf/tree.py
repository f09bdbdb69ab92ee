"""A domain's record with everything it includes: what a receiver may have to look up at worst (RFC 7208
4.6.4)."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from webapp.dnscheck.resolver import Answer, Lookup, Outcome
from webapp.dnscheck.spf import macro, names
from webapp.dnscheck.spf.macro import Malformed
from webapp.dnscheck.spf.record import ASKING, Mechanism, Record, is_record, parse

MAX_COUNT = 999  # the count stops here: more is not more wrong
MAX_RECORDS = 60  # records fetched for one domain
MAX_DEPTH = 12


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One domain's record as it was found: parsed, or the problem that makes it useless."""

    domain: str
    record: Record | None = None
    problem: str = ""
    unanswered: bool = False


@dataclass
class Tree:
    """The records reachable from `root` by fixed includes and redirects, by domain in lower case."""

    root: Leaf
    leaves: dict[str, Leaf] = field(default_factory=dict)
    loops: list[str] = field(default_factory=list)

    def count(self) -> int:
        """The look-ups of a mail that matches nothing, at most 999; notes loops on its way."""
        budget = [MAX_COUNT]
        self._count(self.root, (self.root.domain,), budget)
        return MAX_COUNT - budget[0]

    def problems(self) -> Iterator[Leaf]:
        """The included records that are missing, broken or could not be asked."""
        return (leaf for leaf in self.leaves.values() if leaf.problem)

    def _count(self, leaf: Leaf, trail: tuple[str, ...], budget: list[int]) -> None:
        for mechanism in effective(leaf.record):
            if mechanism.name in ASKING and budget[0] > 0:
                budget[0] -= 1
                self._descend(mechanism.domain if mechanism.name == "include" else None, trail, budget)
        if leaf.record is not None and follows(leaf.record) and budget[0] > 0:
            budget[0] -= 1
            self._descend(leaf.record.redirect, trail, budget)

    def _descend(self, spec: str | None, trail: tuple[str, ...], budget: list[int]) -> None:
        target = fixed(spec, trail[-1]) if spec is not None else None
        if target is None or budget[0] <= 0:
            return
        if target in trail:
            way = " -> ".join((*trail[trail.index(target) :], target))
            if way not in self.loops and len(self.loops) < MAX_DEPTH:
                self.loops.append(way)
        elif target in self.leaves:
            self._count(self.leaves[target], (*trail, target), budget)


def effective(record: Record | None) -> tuple[Mechanism, ...]:
    """The mechanisms that can be reached: what stands behind `all` never is."""
    mechanisms = record.mechanisms if record is not None else ()
    for place, mechanism in enumerate(mechanisms):
        if mechanism.name == "all":
            return mechanisms[: place + 1]
    return mechanisms


def follows(record: Record) -> bool:
    """True where `redirect=` is used: only a record without `all` gets there."""
    return record.redirect is not None and record.all is None


def fixed(spec: str, domain: str) -> str | None:
    """The domain that a domain-spec always means, in lower case; None where it depends on the mail."""
    if macro.has_macro(spec):
        return None
    placeholder = macro.Values(sender="@", domain=domain, address=macro.NOWHERE, helo="")
    return macro.expand_domain(spec, placeholder).lower()


async def walk(root: Leaf, lookup: Lookup) -> Tree:
    """Fetches every record that the root leads to, level by level, each domain once."""
    tree = Tree(root=root)
    level = [root]
    for _ in range(MAX_DEPTH):
        known = {root.domain, *tree.leaves}
        wanted = sorted({target for leaf in level for target in _targets(leaf)} - known)
        wanted = wanted[: MAX_RECORDS - len(tree.leaves)]
        if not wanted:
            break
        level = list(await asyncio.gather(*(fetch(domain, lookup) for domain in wanted)))
        tree.leaves.update({leaf.domain: leaf for leaf in level})
    return tree


def _targets(leaf: Leaf) -> Iterator[str]:
    if leaf.record is None:
        return
    specs = [mechanism.domain for mechanism in effective(leaf.record) if mechanism.name == "include"]
    if follows(leaf.record):
        specs.append(leaf.record.redirect or "")
    for spec in specs:
        target = fixed(spec, leaf.domain)
        if target:
            yield target


async def fetch(domain: str, lookup: Lookup) -> Leaf:
    """The one record of a domain, or why it has none that is of use."""
    name = names.wire_name(domain)
    if name is None:
        return Leaf(domain=domain, problem="is no domain name")
    return leaf_of(domain, await lookup.lookup(name, "TXT"))


def leaf_of(domain: str, answer: Answer) -> Leaf:
    """The record in an answer to a question for TXT."""
    if not answer.known:
        return Leaf(domain=domain, problem=f"gave no answer ({answer.outcome})", unanswered=True)
    texts = [text for text in answer.texts if is_record(text)]
    if answer.outcome is Outcome.NXDOMAIN:
        return Leaf(domain=domain, problem="does not exist")
    if len(texts) != 1:
        return Leaf(domain=domain, problem=f"has {len(texts)} SPF records" if texts else "has no SPF record")
    try:
        return Leaf(domain=domain, record=parse(texts[0]))
    except Malformed as error:
        return Leaf(domain=domain, problem=f"has a broken record: {error}")
