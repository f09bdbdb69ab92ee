"""One mail of the mailbox: is there a report in it, and what became of it."""

import email
import re
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum
from hashlib import blake2b

from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from webapp.reports.failure import one_line
from webapp.reports.refusal import Limits, NoReport, Refusal, TooMuch, UnknownKind
from webapp.reports.save import save_file

HEAD = 64 * 1024  # bytes in which a mail's own headers are looked for
PACKED = re.compile(rb"(?m)^(?:H4sI|UEsD)|<feedback\b|\"report-id\"")  # gzip and zip in base64, plain reports
LONGEST = 300  # characters that are kept of a header


class Outcome(StrEnum):
    """What a mail is to the import."""

    STORED = "stored"
    NO_REPORT = "no report"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True)
class Mail:
    """One mail as it was fetched; `is_cut`: there is more of it. `reason` says why it could not be."""

    uid: int
    content: bytes = b""
    is_cut: bool = False
    is_gone: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Seen:
    """One mail that was looked at: how many of its reports are new, how many were there, or why it failed."""

    uid: int
    outcome: Outcome
    created: int = 0
    duplicate: int = 0
    reason: str = ""
    digest: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def judge(session: Session, mail: Mail, limits: Limits, *, failures: bool) -> Seen:
    """Store the reports of a mail, with `failures` those of single messages too (DMARC_RUF_ENABLED). What
    fails leaves nothing of that mail in the transaction."""
    if mail.is_gone:
        return Seen(mail.uid, Outcome.GONE)
    if mail.reason:
        return Seen(mail.uid, Outcome.FAILED, reason=mail.reason)
    try:
        if mail.is_cut:
            raise limits.over_upload()
        with session.begin_nested():
            name = f"{headers(mail.content)['subject'] or 'mail'}.eml"
            stored = save_file(session.connection(), mail.content, name, limits, failures=failures)
    except (NoReport, UnknownKind):
        return Seen(mail.uid, Outcome.NO_REPORT)
    except Refusal as refusal:
        is_other = isinstance(refusal, TooMuch) and not PACKED.search(mail.content)
        return Seen(mail.uid, Outcome.NO_REPORT) if is_other else _failed(mail, str(refusal))
    except DataError as error:
        return _failed(mail, f"The database does not take it: {str(error.orig).splitlines()[0]}")
    new = sum(item.id is not None for item in stored)
    return Seen(mail.uid, Outcome.STORED, new, len(stored) - new)


def _failed(mail: Mail, reason: str) -> Seen:
    digest = blake2b(mail.content, digest_size=16).hexdigest()
    return Seen(mail.uid, Outcome.FAILED, reason=reason, digest=digest, headers=headers(mail.content))


def headers(content: bytes) -> dict[str, str]:
    """Message-ID, subject and sender of a mail, each on one line."""
    parsed: Message = email.message_from_bytes(content[:HEAD].partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    wanted = {"message_id": "Message-ID", "subject": "Subject", "sender": "From"}
    return {key: one_line(parsed.get(name, "")).replace("\0", "")[:LONGEST] for key, name in wanted.items()}
