"""One Dovecot line -> what it tells of a delivery or a sign-in. Pure; any text gives a line or None.

Formats: Dovecot 2.2 to 2.4 with Pigeonhole. What a sender or an attacker can choose (Message-ID, user name)
comes before the words that Dovecot writes itself, so these are looked for from the end. Most lines tell
neither and are let go after a look at their beginning.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from webapp.parse.netfilter import host
from webapp.parse.words import DovecotEvent

LONGEST = 4000  # characters of a line that are looked at
LMTP, AUTH, LOGIN = "lmtp(", "auth", "-login: "
PROTOCOLS = {"imap": "imap", "pop3": "pop3", "managesieve": "sieve", "submission": "submission"}

DELIVERY = re.compile(
    r"lmtp\((?:\d+, )?(?P<user>[^\s<>]+)\)(?:<\d+><(?P<session>[^<>\s]+)>|: (?P<old>[^\s:]+(?::\w+)?)): "
    r"(?:(?:Error|Warning|Info): )?(?:sieve: )?msgid=(?P<rest>.*)$",
    re.DOTALL,
)
ACT = re.compile(
    r"(?P<id>.*): (?P<verb>stored mail into mailbox|saved mail to|left message in mailbox|"
    r"forwarded to|discarded duplicate forward to|marked message to be discarded|discarded message|"
    r"rejected message from|not sending reject message to|sent vacation response to|"
    r"discard(?:ed|ing) (?:duplicate )?vacation (?:response|reply) to|failed to store into mailbox|"
    r"save failed to|failed to redirect message to)(?P<what>.*)$",
    re.DOTALL | re.IGNORECASE,
)
EVENTS = {  # the first words of a verb in lower case, the first that fits
    "stored": DovecotEvent.STORED,
    "saved": DovecotEvent.STORED,
    "left": DovecotEvent.STORED,
    "forwarded": DovecotEvent.FORWARDED,
    "discarded duplicate forward": DovecotEvent.SUPPRESSED,
    "marked": DovecotEvent.DISCARDED,
    "discarded message": DovecotEvent.DISCARDED,
    "rejected": DovecotEvent.REJECTED,
    "not sending reject": DovecotEvent.REJECTED,
    "sent vacation": DovecotEvent.ANSWERED,
    "discard": DovecotEvent.UNANSWERED,
    "failed": DovecotEvent.FAILED,
    "save failed": DovecotEvent.FAILED,
}
FOLDER = re.compile(r"'(.*)'|\[SPECIAL-USE \\(\w+)\]|(.*)", re.DOTALL)
FAILURE = re.compile(r" (?:'(?P<folder>[^']*)'(?: \([^)]*\))?|(?P<bare>\S+)): (?P<reason>.*)$", re.DOTALL)
VNAME = re.compile(r"(' )\([^()]*\)$")  # the name as the storage has it, behind the one of the rule
LOGGED_IN = re.compile(
    r"(?:Login|Logged in): user=<(?P<user>[^<>]+)>(?:, method=[^,\s]+)?, rip=(?P<ip>[0-9A-Fa-f.:]+)"
)
RULE = re.compile(r": ([a-z]+) action$")
AUTH_FAILED = re.compile(
    r"(?P<attempts>\d{1,6}) attempts[^)]*\)[^:]*: user=<(?P<user>.*)>(?:, method=[^,\s]*)?, "
    r"rip=(?P<ip>[0-9A-Fa-f.:]+)(?P<more>.*)$",
    re.DOTALL,
)
SESSION = re.compile(r", session=<([^<>]+)>$")
MISMATCH = re.compile(
    r"auth(?:-worker\(\d+\))?: (?:(?:Error|Warning|Info): )?(?:conn [^:]*:[^:]*: auth-worker<\d+>: )?"
    r"[a-z0-9-]+\((?P<user>.*),(?P<ip>[0-9A-Fa-f.:]+)(?:,master)?(?:,<(?P<session>[^<>]{0,64})>)?\): "
    r"(?P<reason>.*)$",
    re.DOTALL,
)
REFUSALS = ("password mismatch", "unknown user", "invalid credentials", "pam_authenticate() failed")
GIVEN = re.compile(r" ?\((?:[A-Z0-9]+ of )?given password: [^)]*\)")
SAVED = re.compile(r"250 2\.\d\.\d <.*> (\S+) Saved$", re.DOTALL)


@dataclass(slots=True)
class DovecotLine:
    """What one line says. `username` is the mailbox in lower case, `session` one delivery or connection.

    `folder` is where a mail was put, `target` whom it was forwarded to or who was answered; `by_rule`: a
    filter rule did it; `reason` is why it failed or was refused; `attempts` are those of one connection.
    """

    event: DovecotEvent
    username: str
    session: str | None = None
    ip: str | None = None
    protocol: str | None = None
    message_id: str | None = None
    folder: str | None = None
    target: str | None = None
    by_rule: bool = False
    reason: str | None = None
    attempts: int = 1


def parse_dovecot(message: str) -> DovecotLine | None:
    """What the line tells of a delivery or a sign-in; None where it tells neither."""
    if message.startswith(LMTP):
        return _delivery(message[:LONGEST]) if "msgid=" in message else None
    if message.startswith(AUTH):
        return _mismatch(message[:LONGEST]) if "assword" in message or "unknown user" in message else None
    service, found, rest = message[:LONGEST].partition(LOGIN)
    if not found or service not in PROTOCOLS:
        return None
    if rest.startswith(("Login:", "Logged in:")):
        return _logged_in(PROTOCOLS[service], rest)
    _, found, failure = rest.partition("(auth failed, ")
    return _auth_failed(PROTOCOLS[service], failure) if found else None


def saved_session(reply: str | None) -> str | None:
    """The session that Dovecot's reply to a delivery names; None where it is another one or was cut."""
    if reply is None or not reply.endswith(" Saved"):
        return None
    found = SAVED.match(reply)
    return found[1] if found else None


def _delivery(message: str) -> DovecotLine | None:
    head = DELIVERY.match(message)
    act = ACT.match(head["rest"]) if head else None
    if head is None or act is None:
        return None
    event, what = _event(act["verb"]), act["what"]
    message_id, rule = act["id"], RULE.search(act["id"])
    if rule:
        message_id = message_id[: rule.start()]
    line = DovecotLine(event, head["user"].lower(), head["session"] or head["old"])
    line.message_id = None if message_id == "unspecified" else message_id
    was_named = rule is not None and rule[1] != "keep"
    line.by_rule = was_named or event not in (DovecotEvent.STORED, DovecotEvent.FAILED)
    if event == DovecotEvent.STORED:
        line.folder = _folder(what)
    elif event == DovecotEvent.FAILED:
        _fail(line, what)
    elif found := _bracketed(what):
        line.target = found
    return line


@lru_cache(maxsize=64)
def _event(verb: str) -> DovecotEvent:
    words = verb.lower()
    return next(event for beginning, event in EVENTS.items() if words.startswith(beginning))


def _folder(what: str) -> str | None:
    found = FOLDER.match(VNAME.sub(r"\1", what.strip()).strip())
    return next((name for name in found.groups() if name), None) if found else None


def _bracketed(what: str) -> str | None:
    start, end = what.find("<"), what.rfind(">")
    return what[start + 1 : end] if 0 <= start < end - 1 else None


def _fail(line: DovecotLine, what: str) -> None:
    if found := FAILURE.match(what):
        line.folder, line.reason = None, found["reason"]
        line.target = found["folder"] or _bracketed(found["bare"] or "") or found["bare"]
    else:
        line.reason = what.strip(" :") or "no reason logged"


def _logged_in(protocol: str, rest: str) -> DovecotLine | None:
    found = LOGGED_IN.match(rest)
    if found is None or (ip := _address(found["ip"])) is None:
        return None
    return DovecotLine(DovecotEvent.SIGNED_IN, found["user"].lower(), None, ip, protocol)


def _auth_failed(protocol: str, failure: str) -> DovecotLine | None:
    found = AUTH_FAILED.match(failure)
    if found is None or (ip := _address(found["ip"])) is None:
        return None
    session, attempts = SESSION.search(found["more"]), max(1, int(found["attempts"]))
    line = DovecotLine(
        DovecotEvent.REFUSED, found["user"].lower(), session[1] if session else None, ip, protocol
    )
    line.reason, line.attempts = "sign-in failed", attempts
    return line


def _mismatch(message: str) -> DovecotLine | None:
    """A password that was refused; a look for a user without a password is none, as deliveries make them."""
    found = MISMATCH.match(message)
    if found is None or (ip := _address(found["ip"])) is None:
        return None
    reason, asked = found["reason"].strip(), "given password" in found["reason"] or found["session"]
    words = reason.lower()
    if not words.startswith(REFUSALS) or "trying the next" in words:
        return None
    if words.startswith("unknown user") and not asked:
        return None
    plain = GIVEN.sub("", reason).strip()
    line = DovecotLine(DovecotEvent.REFUSED, found["user"].lower(), found["session"], ip)
    line.reason = plain[:1].lower() + plain[1:]
    return line


@lru_cache(maxsize=4096)
def _address(text: str) -> str | None:
    return host(text)
