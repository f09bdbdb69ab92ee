"""Why mail did not arrive, in a closed list of meanings: by the enhanced status code (RFC 3463) where it is
exact, by the words of the reply where the code is a general one.

Many servers send 5.7.1 or 4.7.1 for spam, greylisting and blocklists alike, and Microsoft's say 5.4.1 of a
mailbox that does not exist; so the words are looked at before a general code decides.
"""

from dataclasses import dataclass

from webapp.messages.dsn import MEANINGS
from webapp.parse.words import Outcome

REFUSALS = (Outcome.BOUNCED, Outcome.DEFERRED, Outcome.REJECTED, Outcome.EXPIRED)
LOOKED_AT = 1_000  # characters of a reply


@dataclass(frozen=True)
class Reason:
    """One meaning: its words; the codes that mean just this; what replies of a general code say; and the
    general codes that mean it where the reply says no more. Codes are without their class (`2.2`); `7.%` is
    every other code of that subject."""

    label: str
    codes: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    general: tuple[str, ...] = ()


REASONS = {
    "greylisted": Reason("greylisted: to be tried again later", (), ("greylist", "graylist", "grey list")),
    "blocklist": Reason(
        "the sending address is on a blocklist",
        (),
        ("spamhaus", "blocked using", "blocklist", "block list", "blacklist", "dnsbl", "spamcop", " rbl"),
    ),
    "spam": Reason("taken for spam", (), ("spam", "unsolicited", "delivery requirements", "bulk mail")),
    "malware": Reason("taken for malware", (), ("virus", "malware", "infected", "dangerous attachment")),
    "relay": Reason(
        "relaying is not allowed", (), ("relay access denied", "relaying", "not permitted to relay")
    ),
    "sender-not-allowed": Reason(
        "this sender may not be used",
        ("7.2",),
        ("sender address rejected: not", "sender address rejected: access", "not authorized to send as"),
    ),
    "authentication": Reason(
        "SPF, DKIM or DMARC failed",
        ("7.20", "7.21", "7.22", "7.23", "7.24", "7.26", "7.27", "7.29"),
        (" spf", "spf ", "dkim", "dmarc", "unauthenticated"),
    ),
    "client-name": Reason(
        "the sending server's name or reverse DNS is wrong",
        ("7.25",),
        ("helo command rejected", "reverse dns", "reverse hostname", "ptr record", "find your hostname"),
    ),
    "tls": Reason(
        "encryption is required or failed",
        ("7.3", "7.4", "7.5", "7.6", "7.10", "7.11", "7.30"),
        ("tls is required", "starttls", "encryption is required", "cannot start tls"),
    ),
    "sign-in": Reason(MEANINGS["7.8"], ("7.8", "7.9"), ("authentication required", "authentication failed")),
    "too-much": Reason(
        "too much mail at once",
        ("4.5", "5.3", "7.28"),
        (
            "rate limit",
            "ratelimit",
            "too many",
            "too much mail",
            "unexpected volume",
            "throttl",
            "unusual rate",
        ),
    ),
    "mailbox-full": Reason(
        MEANINGS["2.2"], ("2.2",), ("over quota", "quota exceeded", "mailbox full", "is full")
    ),
    "mailbox-disabled": Reason(
        MEANINGS["2.1"],
        ("2.1",),
        ("account is disabled", "mailbox disabled", "mailbox unavailable", "inactive"),
    ),
    "no-mailbox": Reason(
        MEANINGS["1.1"],
        ("1.1", "1.6"),
        (
            "user unknown",
            "unknown user",
            "no such user",
            "no such recipient",
            "does not exist",
            "doesn't exist",
            "doesn't have an account",
            "recipient not found",
            "unknown recipient",
            "invalid recipient",
            "no mailbox here",
            "as(201806281)",
        ),
        ("1.0",),
    ),
    "sender-domain": Reason(
        MEANINGS["1.8"], ("1.8",), ("sender address rejected: domain not found", "domain of sender address")
    ),
    "no-domain": Reason(
        "the recipient's domain does not exist or takes no mail",
        ("1.2", "1.10", "4.4"),
        ("nullmx", "null mx", "does not accept mail", "host not found", "domain not found"),
    ),
    "address": Reason("an address is not written correctly", ("1.3", "1.4", "1.7")),
    "too-big": Reason(
        "the message is too big", ("2.3", "3.4"), ("message size exceeds", "too large", "too big")
    ),
    "lookup": Reason(MEANINGS["4.3"], ("4.3",), ("lookup failure", "name service error")),
    "connection-lost": Reason(
        "the connection was lost", ("4.2",), ("lost connection", "conversation timed out")
    ),
    "no-answer": Reason(
        MEANINGS["4.1"],
        (),
        ("connection refused", "connection timed out", "no route to host", "network is unreachable"),
        ("4.1", "4.0"),
    ),
    "loop": Reason(MEANINGS["4.6"], ("4.6",), ("too many hops", "mail loop")),
    "too-long": Reason(MEANINGS["4.7"], ("4.7",)),
    "content": Reason(
        "the content is not accepted", ("6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7"), (), ("6.%",)
    ),
    "protocol": Reason(
        "the servers did not understand each other", ("5.1", "5.2", "5.4", "5.5", "5.6"), (), ("5.%",)
    ),
    "system": Reason(
        "the mail system has a problem",
        ("3.1", "3.3", "3.5"),
        (
            "try again later",
            "temporarily unavailable",
            "temporary failure",
            "internal error",
            "out of memory",
        ),
        ("3.%",),
    ),
    "policy": Reason("refused by policy, without a clear reason", (), (), ("7.%",)),
    "other": Reason("another reason"),
}


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)


def _first(column: str, patterns: dict[str, tuple[str, ...]]) -> str:
    """SQL of the first word one of whose patterns the column is like."""
    cases = [
        f"WHEN {column} LIKE ANY (ARRAY[{_quoted(each)}]) THEN '{word}'"
        for word, each in patterns.items()
        if each
    ]
    return f"CASE {' '.join(cases)} END"


def _reason() -> str:
    codes = {word: reason.codes for word, reason in REASONS.items()}
    words = {word: tuple(f"%{phrase}%" for phrase in reason.phrases) for word, reason in REASONS.items()}
    general = {word: reason.general for word, reason in REASONS.items()}
    code, said = "substr(dsn, 3)", f"left(lower(response), {LOOKED_AT})"
    return f"coalesce({_first(code, codes)}, {_first(said, words)}, {_first(code, general)}, 'other')"


# over the columns of a delivery: whether it failed, and the word of why
FAILURE = f"status IN ({_quoted(REFUSALS)})"
REASON = _reason()


def reason_for(dsn: str | None, response: str | None) -> str:
    """The reason of one reply, as REASON tells it in SQL."""
    code, said = (dsn or "")[2:], (response or "").lower()[:LOOKED_AT]
    return (
        next((word for word, reason in REASONS.items() if code in reason.codes), None)
        or next(
            (word for word, reason in REASONS.items() if any(each in said for each in reason.phrases)), None
        )
        or next(
            (word for word, reason in REASONS.items() if any(_is(code, each) for each in reason.general)),
            None,
        )
        or "other"
    )


def _is(code: str, general: str) -> bool:
    return code.startswith(general[:-1]) if general.endswith("%") else code == general
