"""One TLS report (RFC 8460) -> its policies and sums. Tolerant of absent and oddly typed fields, exact in its
numbers.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import orjson

from webapp.reports import values
from webapp.reports.decode import Text
from webapp.reports.members import Stream
from webapp.reports.refusal import MIB, Broken, NoReport, TooMuch

LARGEST = 2 * MIB  # bytes; a report of a thousand policies has half of it
MOST = 1000  # policies of a report, failures of a policy, lines of a policy
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


@dataclass(frozen=True)
class TlsFailure:
    """Sessions that failed for one reason. `result` is one of RFC 8460, section 4.3, or the reporter's own
    word.
    """

    result: str
    sessions: int
    sending_ip: str = ""
    receiving_host: str = ""
    receiving_ip: str = ""
    receiving_helo: str = ""
    reason_code: str = ""
    information: str = ""


@dataclass(frozen=True)
class TlsPolicy:
    """What was tried under one policy; `kind` is sts, tlsa, no-policy-found or the reporter's own word."""

    kind: str
    domain: str
    lines: tuple[str, ...]
    mx_hosts: tuple[str, ...]
    successful: int
    failed: int
    failures: tuple[TlsFailure, ...]

    @property
    def mode(self) -> str:
        """The mode of an MTA-STS policy (enforce, testing, none); '' for TLSA, which has no mode, and where
        none is said.
        """
        found = (
            line.partition(":")[2].strip().lower()
            for line in self.lines
            if line.lower().lstrip().startswith("mode")
        )
        return next(found, "") if self.kind == "sts" else ""


@dataclass(frozen=True)
class TlsReport:
    """One reporter's TLS sessions over a time, in UTC. `domain` is whom the report is about."""

    organisation: str
    report_id: str
    begin: datetime
    end: datetime
    domain: str
    contact: str
    policies: tuple[TlsPolicy, ...]
    slips: tuple[str, ...] = ()

    @property
    def successful(self) -> int:
        """Sessions that succeeded."""
        return sum(policy.successful for policy in self.policies)

    @property
    def failed(self) -> int:
        """Sessions that failed."""
        return sum(policy.failed for policy in self.policies)


def read(stream: Stream, *, name: str = "", domain: str = "") -> TlsReport:
    """Read one report. `name` is the file's name and `domain` what its mail says, for reports that leave the
    domain out.

    Raises Broken for what is not JSON or not certain, NoReport for other JSON, TooMuch beyond the limits.
    """
    text, pieces, size = Text(stream), [], 0
    for piece in text.pieces():
        size += len(piece)
        if size > LARGEST:
            raise too_large()
        pieces.append(piece)
    found, slips = _json("".join(pieces))
    if text.is_mended:
        slips = (*slips, "Bytes that its encoding does not have were read as Western European")
    return _report(found, slips, values.file_name(name), values.domain(domain))


def too_large() -> TooMuch:
    """The refusal of JSON that is larger than any TLS report."""
    return TooMuch(f"JSON larger than {LARGEST // MIB} MB is no TLS report")


def _json(text: str) -> tuple[Json, tuple[str, ...]]:
    """The JSON value, and what was wrong around it."""
    try:
        return orjson.loads(text), ()
    except orjson.JSONDecodeError:
        pass  # read once more by a reader that knows where the value ends
    try:
        found, end = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "too deep or too long a number"
        raise Broken(f"The JSON is not well-formed: {reason}") from error
    more = bool(text[end:].strip("\0 \t\r\n"))
    return found, ("There are bytes after the end of the report",) if more else (
        "The file's text is not quite JSON",
    )


def _report(found: Json, slips: tuple[str, ...], told: values.FileName, domain: str) -> TlsReport:
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    body = _keys(found)
    if "policies" not in body or not {"organization-name", "report-id", "date-range"} & set(body):
        raise NoReport("The JSON is not a TLS report (RFC 8460): it has no policies")
    policies = tuple(_policy(item) for item in _list(body["policies"], "policies"))
    times = _keys(body.get("date-range"))
    begin, end = (
        _moment(times.get("start-datetime")) or told.begin,
        _moment(times.get("end-datetime")) or told.end,
    )
    begin, end = begin or end, end or begin
    if begin is None or end is None:
        raise Broken("The report has no date range")
    organisation = (
        _text(body.get("organization-name"))
        or _text(body.get("contact-info")).rpartition("@")[2]
        or told.reporter
    )
    if not organisation:
        raise Broken("The report does not say who made it")
    report_id = _text(body.get("report-id")).strip("<>")
    name = (
        next((policy.domain for policy in policies if policy.domain), "")
        or domain
        or told.domain
        or _tail(report_id)
    )
    if not name:
        raise Broken("The report does not say which domain it is about")
    return TlsReport(
        organisation,
        report_id,
        min(begin, end),
        max(begin, end),
        name,
        _text(body.get("contact-info")),
        policies,
        slips,
    )


def _policy(item: Json) -> TlsPolicy:
    outer = _keys(item)
    policy, summary = _keys(outer.get("policy")), _keys(outer.get("summary"))
    failures = tuple(_failure(one) for one in _list(outer.get("failure-details"), "failures"))
    failed = summary.get("total-failure-session-count")
    return TlsPolicy(
        kind=values.word(_text(policy.get("policy-type"))),
        domain=values.domain(_text(policy.get("policy-domain"))),
        lines=_texts(policy.get("policy-string"), "policy lines"),
        mx_hosts=_texts(policy.get("mx-host", policy.get("mx-host-pattern")), "MX hosts"),
        successful=_count(summary.get("total-successful-session-count")),
        failed=sum(one.sessions for one in failures) if failed is None else _count(failed),
        failures=failures,
    )


def _failure(item: Json) -> TlsFailure:
    body = _keys(item)

    def said(key: str) -> str:
        return _text(body.get(key))

    return TlsFailure(
        result=values.word(said("result-type")),
        sessions=_count(body.get("failed-session-count")),
        sending_ip=said("sending-mta-ip"),
        receiving_host=values.domain(said("receiving-mx-hostname")),
        receiving_ip=said("receiving-ip"),
        receiving_helo=said("receiving-mx-helo"),
        reason_code=said("failure-reason-code"),
        information=said("additional-information") or said("additional-info-uri"),
    )


def _keys(value: Json) -> dict[str, Json]:
    """An object with its keys in the RFC's spelling; {} for what is no object."""
    return (
        {key.lower().replace("_", "-"): inner for key, inner in value.items()}
        if isinstance(value, dict)
        else {}
    )


def _list(value: Json, what: str) -> list[Json]:
    """A list; one object stands for a list of one, null for none. Raises TooMuch and Broken."""
    found: list[Json] = []
    if value is not None and value != "":
        found = value if isinstance(value, list) else [value]
    if len(found) > MOST:
        raise TooMuch(f"The report has more than {MOST:,} {what}")
    if not all(isinstance(item, dict) for item in found):
        raise Broken(f"The {what} of the report are not objects")
    return found


def _texts(value: Json, what: str) -> tuple[str, ...]:
    found = value if isinstance(value, list) else [value]
    if len(found) > MOST:
        raise TooMuch(f"The report has more than {MOST:,} {what}")
    return tuple(text for text in map(_text, found) if text)


def _text(value: Json) -> str:
    """A text, or a number as text; '' for null, objects and lists."""
    if isinstance(value, str):
        return values.clean(value)
    return str(value)[:40] if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _count(value: Json) -> int:
    if isinstance(value, (bool, dict, list)):
        raise Broken("A number of sessions is not a number")
    return values.count("" if value is None else str(value)[:80], "A number of sessions")


def _moment(value: Json) -> datetime | None:
    return values.moment(_text(value))


def _tail(report_id: str) -> str:
    """The domain with which large reporters end their ids (`2026-01-14T00:00:00Z_example.com`); '' where
    there is none.
    """
    tail = report_id.replace("!", "_").replace("+", "_").rpartition("_")[2]
    return (
        values.domain(tail)
        if "." in tail and tail.replace(".", "").replace("-", "").isalnum() and tail[-1:].isalpha()
        else ""
    )
