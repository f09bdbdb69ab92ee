"""One Rspamd history row -> the columns of rspamd_logs. Pure."""

import math
from dataclasses import dataclass
from typing import Any

from webapp.parse.bounds import LONGEST_INDEXED, MOST_ITEMS, cut
from webapp.parse.message_id import join_key
from webapp.parse.words import RspamdAction

SPAM_ACTIONS = (RspamdAction.REJECT, RspamdAction.ADD_HEADER, RspamdAction.REWRITE_SUBJECT)
SPAM_SYMBOLS = ("SPAM_TRAP",)
LONGEST_IP = 45  # characters
LONGEST_ACTION = 40
HIGHEST_SCORE = 1e6  # nothing that is meant comes near
UNKNOWN = ("", "unknown", None)
APART = ("symbols", "subject")  # of a row: kept beside the others whatever they are
COLUMNS = {  # of a row -> the column that says the same, unless it was cut or put right
    **{name: name for name in ("ip", "size", "score", "required_score", "action")},
    "message-id": "message_id",
    "sender_smtp": "sender",
    "rcpt_smtp": "recipients",
    "user": "username",
}


@dataclass(slots=True)
class RspamdFields:
    """The columns of one row; `size` in bytes, `raw` is what else the row tells, the symbols included.
    `direction` is for those to tell who know our domains, `row_digest` and `packed` for those who store it.
    """

    mid_key: int | None
    message_id: str | None
    sender: str | None
    recipients: list[str]
    subject: str | None
    username: str | None
    ip: str | None
    size: int | None
    score: float | None
    required_score: float | None
    action: str
    is_spam: bool
    has_auth: bool
    symbols: dict[str, Any]
    raw: dict[str, Any]
    search_text: str
    direction: str | None = None
    row_digest: int = 0
    packed: object = None


def parse_scan(row: dict[str, Any]) -> RspamdFields:
    """The columns of one row; raises ValueError with the reason where it cannot be one.

    Rspamd writes the word `unknown` for what is absent and `undef` for a missing Message-ID; numbers may be
    int or float.
    """
    action, symbols = row.get("action"), row.get("symbols")
    if not isinstance(action, str) or len(action) > LONGEST_ACTION:
        raise ValueError("no action")
    symbols = symbols if isinstance(symbols, dict) else {}
    message_id, sender = _text(row.get("message-id")), _text(row.get("sender_smtp"))
    ip = _address(row.get("ip"))
    recipients, user, subject = (
        _texts(row.get("rcpt_smtp")),
        _known(row.get("user")),
        _known(row.get("subject")),
    )
    fields = RspamdFields(
        mid_key=join_key(message_id, sender, ip),
        message_id=None if message_id in ("", "undef", None) else message_id,
        sender=sender,
        recipients=recipients,
        subject=subject,
        username=user,
        ip=ip,
        size=_whole(row.get("size")),
        score=bounded_score(row.get("score")),
        required_score=bounded_score(row.get("required_score")),
        action=action,
        is_spam=action in SPAM_ACTIONS or any(name in symbols for name in SPAM_SYMBOLS),
        has_auth="MAILCOW_AUTH" in symbols or user is not None,
        symbols=symbols,
        raw={},
        search_text="\n".join(
            part for part in (subject, sender, message_id, *recipients, user, ip) if part
        ).lower()[:LONGEST_INDEXED],
    )
    fields.raw = {name: value for name, value in row.items() if not _is_told(name, value, fields)}
    fields.raw["symbols"] = symbols
    return fields


def _is_told(name: str, value: Any, fields: RspamdFields) -> bool:
    """True for what a column tells in full."""
    if name == "unix_time":
        return isinstance(value, int)
    return name in APART or (name in COLUMNS and value == getattr(fields, COLUMNS[name]))


def _text(value: Any) -> str | None:
    return cut(value) if isinstance(value, str) else None


def _known(value: Any) -> str | None:
    return cut(value) if isinstance(value, str) and value not in UNKNOWN else None


def _address(value: Any) -> str | None:
    known = _known(value)
    return known.lower() if known and len(known) <= LONGEST_IP else None


def _texts(value: Any) -> list[str]:
    return (
        [cut(item) for item in value[:MOST_ITEMS] if isinstance(item, str)] if isinstance(value, list) else []
    )


def bounded_score(value: Any) -> float | None:
    """A score as it is stored and shown; None for what is no number."""
    number = _number(value)
    return None if number is None else max(-HIGHEST_SCORE, min(HIGHEST_SCORE, number))


def _number(value: Any) -> float | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 2**62 else None


def heaviest(symbols: dict[str, Any], most: int) -> list[tuple[str, float]]:
    """(name, score) of the symbols that weigh most, whichever way; those without weight last."""
    scores = {
        name: bounded_score(symbol.get("score")) or 0.0
        for name, symbol in symbols.items()
        if isinstance(symbol, dict)
    }
    return sorted(scores.items(), key=lambda item: (-abs(item[1]), item[0]))[:most]
