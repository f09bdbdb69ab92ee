"""Makes the findings of one check, and the grade that sums them up."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.dnscheck.findings import Finding, Grade, Level, Publication, Severity, Status, status_of
from webapp.dnscheck.resolver import Answer
from webapp.dnscheck.taglist import stored

_TOLD = (Severity.ERROR, Severity.WARNING, Severity.RECOMMENDATION)


@dataclass(frozen=True)
class Voice:
    """Findings whose codes begin with the name of one check."""

    check: str

    def error(self, level: Level, code: str, why: str, publish: Publication | None = None) -> Finding:
        """Mail is lost or can be forged."""
        return self._finding(Severity.ERROR, level, code, why, publish)

    def warning(self, level: Level, code: str, why: str, publish: Publication | None = None) -> Finding:
        """Something is wrong, and mail still gets through."""
        return self._finding(Severity.WARNING, level, code, why, publish)

    def advice(self, level: Level, code: str, why: str, publish: Publication | None = None) -> Finding:
        """It would be better otherwise."""
        return self._finding(Severity.RECOMMENDATION, level, code, why, publish)

    def note(self, code: str, why: str, publish: Publication | None = None) -> Finding:
        """Worth knowing."""
        return self._finding(Severity.INFORMATION, Level.MAY, code, why, publish)

    def _finding(
        self, severity: Severity, level: Level, code: str, why: str, publish: Publication | None
    ) -> Finding:
        return Finding(severity=severity, level=level, code=f"{self.check}-{code}", why=why, publish=publish)


def summed(findings: Iterable[Finding], message: str, record: str | None) -> Grade:
    """The grade of these findings; its message is the gravest one's, `message` where nothing is to do."""
    told = tuple(findings)
    gravest = [finding for severity in _TOLD for finding in told if finding.severity is severity]
    return Grade(
        status=status_of(told),
        message=gravest[0].why if gravest else message,
        record=stored(record) if record else None,
        warnings=_whys(told, Severity.ERROR, Severity.WARNING),
        info=_whys(told, Severity.RECOMMENDATION, Severity.INFORMATION),
        findings=told,
    )


def untold(check: str, answer: Answer) -> Grade:
    """The grade of a look-up that got no answer."""
    return Grade(
        status=Status.UNKNOWN,
        message=f"{check} could not be checked: {answer.outcome} for {answer.name} {answer.rdtype}",
    )


def _whys(findings: tuple[Finding, ...], *severities: Severity) -> tuple[str, ...]:
    return tuple(finding.why for finding in findings if finding.severity in severities)
