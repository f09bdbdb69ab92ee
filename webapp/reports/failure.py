"""Failure reports (RFC 6591, RFC 9991; ruf): mails about single messages. Told apart here; their facts, never
their bodies.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from webapp.reports import values
from webapp.reports.members import is_coded_mail, is_feedback, mail_parts, part_bytes
from webapp.reports.refusal import Limits

LONGEST_TEXT = 20_000  # bytes that are looked at for facts
FIELD = re.compile(r"^[ \t]{0,8}([A-Za-z][A-Za-z -]{1,40}):[ \t]{0,8}([^\r\n]{0,1000})", re.MULTILINE)
SUBJECT = re.compile(
    r"dmarc.{0,40}(?:failure|forensic).{0,20}report|(?:failure|forensic).{0,20}dmarc", re.IGNORECASE
)
LOCAL_PART = re.compile(r"[^\s@<>,;=]{1,64}@")
PLAIN_SIGN = re.compile(
    r"failed the published dmarc policy|did not meet the sending domain's dmarc policy", re.IGNORECASE
)
NAMES = {
    "reported-domain": ("reported-domain", "sender domain"),
    "source-ip": ("source-ip", "sender ip address"),
    "arrival-date": ("arrival-date", "received-date", "received date"),
    "auth-failure": ("auth-failure",),
    "delivery-result": ("delivery-result", "dmarc results"),
    "original-mail-from": ("original-mail-from",),
    "original-rcpt-to": ("original-rcpt-to",),
    "identity-alignment": ("identity-alignment",),
    "spf": ("spf alignment",),
    "dkim": ("dkim alignment",),
    "incidents": ("incidents",),
    "feedback-type": ("feedback-type",),
}


@dataclass(frozen=True)
class FailureReport:
    """What a failure report says about one message; addresses without their local parts, '' and None for what
    is not said. `report_id` is the sum of its facts: the same report on another way is still the same.
    """

    report_id: str
    reporter: str
    domain: str
    source: str | None
    arrived_at: datetime | None
    failure: str
    delivery: str
    mail_from: str
    rcpt_to: str
    kind: str
    alignment: str = ""
    incidents: int = 1

    @property
    def is_complaint(self) -> bool:
        """True for ARF about unwanted mail (RFC 5965), which is no failure of authentication."""
        return self.kind not in ("auth-failure", "dmarc")


def is_failure_report(mail: Message, limits: Limits) -> bool:
    """True for a report about single messages, as ARF (RFC 5965) or in plain words."""
    if (
        mail.get_content_type() == "multipart/report"
        and "feedback-report" in one_line(mail.get("Content-Type", "")).lower()
    ):
        return True
    parts = mail_parts(mail, limits)
    if any(is_feedback(part) for part in parts):
        return True
    return bool(SUBJECT.search(one_line(mail.get("Subject", ""))[:1000])) and any(
        PLAIN_SIGN.search(_text(part)) for part in parts if part.get_content_type() == "text/plain"
    )


def read(mail: Message, limits: Limits) -> FailureReport:
    """The facts of a failure report; raises Refusal for a mail beyond the limits."""
    parts = mail_parts(mail, limits)
    chosen = [part for part in parts if is_feedback(part)] or [
        part for part in parts if part.get_content_type() == "text/plain"
    ]
    told = _text(chosen[0]) if chosen else ""
    facts: dict[str, str] = {}
    for name, text in FIELD.findall(told):
        facts.setdefault(name.strip().lower(), values.clean(text))

    def fact(key: str) -> str:
        return next((facts[name] for name in NAMES[key] if facts.get(name)), "")

    mail_from = masked(fact("original-mail-from"))
    author = next((masked(said) for part in parts if part not in chosen and (said := _author(part))), "")
    return FailureReport(
        report_id=_sum(mail, told),
        reporter=masked(one_line(mail.get("From", ""))),
        domain=values.domain(fact("reported-domain") or author or mail_from),
        source=values.address(fact("source-ip")),
        arrived_at=_date(fact("arrival-date")),
        failure=_nameless(fact("auth-failure")),
        delivery=_nameless(fact("delivery-result")),
        mail_from=mail_from,
        rcpt_to=masked(fact("original-rcpt-to")),
        kind=values.word(fact("feedback-type")) or "auth-failure",
        alignment=_alignment(fact("identity-alignment"), fact("spf"), fact("dkim")),
        incidents=_incidents(fact("incidents")),
    )


def _author(part: Message) -> str:
    """The author's address in the headers of the message that a report is about; '' where it has none."""
    if part.get("From"):
        return one_line(part["From"])
    if part.get_content_type() != "text/rfc822-headers":
        return ""
    fields = FIELD.findall(_text(part))
    return next((text for name, text in fields if name.strip().lower() == "from"), "")


def _alignment(told: str, spf: str, dkim: str) -> str:
    """What was aligned: ARF names it in one field, plain reports say yes or no of each."""
    if told:
        return _nameless(told)
    return ", ".join(f"{name} {_nameless(word)}" for name, word in (("spf", spf), ("dkim", dkim)) if word)


def _incidents(text: str) -> int:
    """Messages that one report stands for (RFC 5965, section 3.2)."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
    return max(number, 1)


def _sum(mail: Message, told: str) -> str:
    """A sum over the facts and the report's own Message-ID, the same however often it is sent on."""
    said = f"{one_line(mail.get('Message-ID', ''))}\n{told}"
    return blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _nameless(text: str) -> str:
    """A short word or sentence of the reporter, without the local parts of addresses in it."""
    return LOCAL_PART.sub("…@", values.word(text)[:200])


def why_not_stored(report: FailureReport) -> str:
    """The sentence for someone who uploads it among aggregate reports."""
    about = f" for {report.domain}" if report.domain else ""
    if report.is_complaint:
        kind = values.shown(report.kind)
        return f"This is a complaint about a message (ARF, {kind}){about}, not an aggregate report"
    return f"This is a failure report about a single message{about} (ruf), not an aggregate report (rua)"


def masked(address: str) -> str:
    """An address without its local part, `…@example.com`; '' where there is no address."""
    name = values.domain(address.rpartition("<")[2].partition(">")[0])
    return f"…@{name}" if "@" in address and name else ""


def one_line(header: object) -> str:
    """A mail header as text, decoded as far as it can be, without its folds."""
    text = str(header)[:4000]
    with suppress(HeaderParseError, LookupError, ValueError):  # unknown encodings stay as they are
        text = str(make_header(decode_header(text)))
    return " ".join(text[:2000].split())


def _text(part: Message) -> str:
    """A part's text; the lines of ARF's own part are the headers of the mail that the library sees in it."""
    payload = part.get_payload()
    if isinstance(payload, list) and not is_coded_mail(part):
        lines = [
            f"{name}: {text}"
            for inner in payload
            if isinstance(inner, Message)
            for name, text in inner.items()
        ]
        return "\n".join(lines)[:LONGEST_TEXT]
    content = part_bytes(part)
    return content[:LONGEST_TEXT].decode("utf-8", "replace")


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return (
            (found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)) if text else None
        )
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
