"""What is to be said of a valid SPF record: the documented status, message and warnings, then findings.
Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.dnscheck.findings import Finding, Level, Severity, Status, status_of
from webapp.dnscheck.sources import Source
from webapp.dnscheck.spf import rewrite, style
from webapp.dnscheck.spf.evaluate import Verdict
from webapp.dnscheck.spf.record import Record, Result
from webapp.dnscheck.spf.session import MAX_LOOKUPS
from webapp.dnscheck.spf.tree import Tree, fixed, follows

_POLICIES = {
    "-all": "SPF configured correctly with strict -all policy",
    "~all": "SPF configured with soft fail ~all policy",
    "?all": "SPF uses neutral ?all policy, which provides minimal protection",
    "+all": "SPF uses +all, which lets anyone send: it provides no protection",
    None: "SPF record has no all mechanism: no policy is defined",
}
_QUALIFIED = {Result.FAIL: "-all", Result.SOFTFAIL: "~all", Result.NEUTRAL: "?all", Result.PASS: "+all"}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A record, everything it leads to, its look-ups at worst, and the verdict on every sender."""

    domain: str
    record: Record
    whole: Tree
    count: int
    senders: tuple[tuple[Source, Verdict], ...] = ()

    @property
    def policy(self) -> str | None:
        """The `all` with its qualifier, by way of redirects too; None where the record ends without one."""
        record: Record | None = self.record
        for _ in range(MAX_LOOKUPS):
            if record is None or not follows(record):
                break
            leaf = self.whole.leaves.get(fixed(record.redirect or "", self.domain) or "")
            record = leaf.record if leaf is not None else None
        final = record.all if record is not None else None
        return _QUALIFIED[final.result] if final is not None else None

    def failing(self, *, own: bool) -> list[tuple[Source, Verdict]]:
        """The senders that do not pass."""
        return [
            (source, verdict)
            for source, verdict in self.senders
            if source.own is own and verdict.result is not Result.PASS
        ]


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What the grade says."""

    status: Status
    message: str
    warnings: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def judge(judged: Judged) -> Opinion:
    """The first thing that is wrong gives status and message; every finding is listed."""
    unanswered = _unanswered(judged)
    if unanswered and judged.count <= MAX_LOOKUPS:
        return Opinion(
            status=Status.UNKNOWN, message=f"DNS gave no answer while SPF was checked: {unanswered}"
        )
    problems = tuple(_problems(judged))
    findings = (
        *(problem.finding for problem in problems),
        *style.findings(judged.domain, judged.record, judged.count),
    )
    grave = next((problem for problem in problems if problem.finding.severity is Severity.ERROR), None)
    slight = [problem for problem in problems if problem.finding.severity is Severity.WARNING]
    message = grave.message if grave else _POLICIES[judged.policy] + _authorised(judged)
    warnings = [text for problem in ([grave] if grave else slight) for text in problem.warnings]
    return Opinion(
        status=status_of(tuple(problem.finding for problem in problems)),
        message=message,
        warnings=tuple(dict.fromkeys(warnings)),
        info=tuple(_remarks(judged)),
        findings=findings,
    )


def _remarks(judged: Judged) -> Iterator[str]:
    if judged.policy == "~all":
        yield "SPF uses soft fail (~all): mail from elsewhere is marked, not refused"
    if not any(source.own for source, _ in judged.senders):
        yield "No address of the mail server is known, so it was not checked whether SPF authorizes it"


@dataclass(frozen=True, kw_only=True)
class _Problem:
    """A finding with the documented message and warnings that go with it."""

    finding: Finding
    message: str = ""
    warnings: tuple[str, ...] = ()


def _unanswered(judged: Judged) -> str:
    for leaf in judged.whole.problems():
        if leaf.unanswered:
            return f"{leaf.domain} {leaf.problem}"
    return next((verdict.reason for _, verdict in judged.senders if verdict.result is Result.TEMPERROR), "")


def _authorised(judged: Judged) -> str:
    via = next((verdict.via for source, verdict in judged.senders if source.own and verdict.via), "")
    return f". Server IP authorized via {via}" if via and judged.policy != "+all" else ""


def _problems(judged: Judged) -> Iterator[_Problem]:
    yield from _lookups(judged)
    yield from _loops(judged)
    yield from _broken(judged)
    yield from _unauthorised(judged)
    yield from _policy(judged)
    yield from _relays(judged)


def _lookups(judged: Judged) -> Iterator[_Problem]:
    if judged.count > MAX_LOOKUPS:
        why = f"Receivers stop after {MAX_LOOKUPS} DNS look-ups and treat the whole record as an error."
        yield _Problem(
            finding=Finding(severity=Severity.ERROR, level=Level.MUST, code="spf-lookups", why=why),
            message=f"SPF has too many DNS lookups ({judged.count}). Maximum is {MAX_LOOKUPS}",
            warnings=(
                f"SPF record exceeds the {MAX_LOOKUPS} DNS lookup limit with {judged.count} lookups",
                "This will cause SPF validation to fail",
            ),
        )


def _loops(judged: Judged) -> Iterator[_Problem]:
    for way in judged.whole.loops[:1]:
        why = f"The records include each other ({way}), so that every check runs into the limit of look-ups."
        yield _Problem(
            finding=Finding(severity=Severity.ERROR, level=Level.MUST, code="spf-loop", why=why),
            message=f"SPF includes itself: {way}",
            warnings=("This will cause SPF validation to fail",),
        )


def _broken(judged: Judged) -> Iterator[_Problem]:
    for leaf in judged.whole.problems():
        if leaf.unanswered:
            continue
        unwanted = [f"include:{leaf.domain}", f"+include:{leaf.domain}"]
        why = f"{leaf.domain} {leaf.problem}: a check that gets there ends in an error instead of a pass."
        finding = Finding(
            severity=Severity.ERROR,
            level=Level.MUST,
            code="spf-include",
            why=why,
            publish=rewrite.without(judged.domain, judged.record.text, unwanted),
        )
        yield _Problem(
            finding=finding,
            message=f"SPF leads to a record that is not usable: {leaf.domain} {leaf.problem}",
            warnings=(f"{leaf.domain} {leaf.problem}",),
        )


def _unauthorised(judged: Judged) -> Iterator[_Problem]:
    failing = judged.failing(own=True)
    if not failing:
        return
    addresses = [source.address for source, _ in failing]
    faulty = next((verdict for _, verdict in failing if verdict.result is Result.PERMERROR), None)
    subject = (
        f"Server IP {addresses[0]} is" if len(addresses) == 1 else f"Server IPs {', '.join(addresses)} are"
    )
    yield _Problem(
        finding=Finding(
            severity=Severity.ERROR,
            level=Level.MUST,
            code="spf-unauthorised",
            why="Mail that this server sends fails SPF: others refuse it or put it into the Junk folder.",
            publish=rewrite.with_addresses(judged.domain, judged.record.text, addresses),
        ),
        message=f"SPF validation fails: {faulty.reason}"
        if faulty
        else f"{subject} NOT authorized in SPF record",
        warnings=(faulty.reason if faulty else "Mail server IP not found in SPF record",),
    )


def _policy(judged: Judged) -> Iterator[_Problem]:
    policy, final = judged.policy, {None: "missing", "+all": "pass", "?all": "neutral"}
    if policy not in final:
        return
    why = {
        None: "Without all at its end the record says nothing about servers that it does not name.",
        "+all": "Every server of the world passes, so that SPF protects the domain from nobody.",
        "?all": "Mail from servers that the record does not name is treated as if there were no SPF.",
    }[policy]
    yield _Problem(
        finding=Finding(
            severity=Severity.WARNING if policy == "?all" else Severity.ERROR,
            level=Level.SHOULD,
            code=f"spf-all-{final[policy]}",
            why=why,
            publish=rewrite.with_all(judged.domain, judged.record.text, "-all"),
        ),
        message=_POLICIES[policy],
        warnings=(why,),
    )


def _relays(judged: Judged) -> Iterator[_Problem]:
    failing = judged.failing(own=False)
    for source, verdict in failing:
        name = f"{source.origin} {source.name or source.address} ({source.address})"
        why = f"Mail through {name} does not pass SPF ({verdict.result}) if it leaves from that address."
        publish = rewrite.with_addresses(
            judged.domain, judged.record.text, [failed.address for failed, _ in failing]
        )
        finding = Finding(
            severity=Severity.WARNING, level=Level.SHOULD, code="spf-relay", why=why, publish=publish
        )
        yield _Problem(finding=finding, warnings=(f"{name} is not authorized in SPF record",))
