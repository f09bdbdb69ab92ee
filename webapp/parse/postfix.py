"""One Postfix line -> its fields. Pure; any text gives a Line, never an exception.

Fields are found by name, not by position, and only the queue id at the line's start counts: remote replies
quote foreign ids, and Message-IDs are forged with log syntax in them. Formats: Postfix 3.5 to 3.11.
"""

import re
from dataclasses import dataclass

from webapp.parse.words import Outcome

SHORT_ID = r"[0-9A-F]{6,16}"
LONG_ID = r"[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,24}"  # no vowels: base 52 and base 51
ADDRESS = r'((?:"(?:[^"\\]|\\.)*"|[^<>"])*)'
CLIENT = r"(?P<name>[^\[\s]*)\[(?:IPv6:)?(?P<ip>[^\]\s]*)\](?::\d+|:unknown)?"

HEAD = re.compile(
    rf"(?:(?P<level>warning|error|fatal|panic): )?(?P<id>NOQUEUE|{SHORT_ID}|{LONG_ID}): (?P<rest>.*)",
    re.DOTALL,
)
QUEUED = re.compile(r"from=<(.*)>, size=(\d{1,18}), nrcpt=(\d+) \(queue active\)$", re.DOTALL)
EXPIRED = re.compile(r"from=<(.*)>, status=((?:force-)?expired), returned to sender", re.DOTALL)
DELIVERY = re.compile(
    rf"to=<{ADDRESS}>, (?:orig_to=<{ADDRESS}>, )?relay=(.*?), (?:[a-z_]+=[^\s,]*, "
    rf")*?delay=(\d{{1,12}}(?:\.\d+)?), "
    r"(?:[a-z_]+=[^\s,]*, )*?dsn=(\d+\.\d+\.\d+), status=([a-z-]+)(?: \((.*))?$",
    re.DOTALL,
)
CLIENT_LINE = re.compile(rf"client={CLIENT}(?P<more>.*)$", re.DOTALL)
SASL_USER = re.compile(r"[, ] ?sasl_username=(.*?)(?:, sasl_sender=| sasl_sender=|, orig_|$)", re.DOTALL)
PICKUP = re.compile(r"uid=\d+ from=<(.*)>$", re.DOTALL)
NOTICE = re.compile(
    rf"(?:sender|postmaster) (?:non-delivery|delay|delivery status) notification: ({SHORT_ID}|{LONG_ID})$"
)
REFUSAL = re.compile(
    rf"(?P<verb>milter-reject|reject): (?P<stage>[A-Z-]+) from {CLIENT}: (?P<more>.*)$", re.DOTALL
)
CONTENT_REFUSAL = re.compile(rf"reject: (?:header|body|mime) .*? from {CLIENT}; (?P<more>.*)$", re.DOTALL)
ENVELOPE = re.compile(
    rf"(?:^|; )from=<{ADDRESS}>(?:,? to=<{ADDRESS}>)?,? proto=(\S+?),?(?: helo=<(.*?)>)?(?=$|:| sasl_)",
    re.DOTALL,
)
REPLY_CODE = re.compile(r"(?:[245]\d\d )?([245]\.\d{1,3}\.\d{1,3})?")
LONGEST_IP = 45  # characters
NULL_TARGETS = ("null@localhost", "spam@localhost", "ham@localhost")


@dataclass(slots=True)
class Line:
    """What one Postfix line says. `kind` names the event; None means that the line does not tell.

    An address is as logged, '' is the null sender; `delay` is in seconds; `status` is Postfix's own word, or
    `rejected` for a refusal; `refused` holds the reason in the words of the server.
    """

    kind: str = "other"
    daemon: str = ""
    service: str = ""
    queue_id: str | None = None
    message_id: str | None = None
    sender: str | None = None
    recipient: str | None = None
    orig_to: str | None = None
    status: str | None = None
    relay: str | None = None
    delay: float | None = None
    dsn: str | None = None
    reply: str | None = None
    client_name: str | None = None
    client_ip: str | None = None
    sasl_username: str | None = None
    helo: str | None = None
    size: int | None = None
    notice: str | None = None
    stage: str | None = None


def is_long_id(queue_id: str) -> bool:
    """True for Postfix's long queue ids, which are never used twice."""
    return len(queue_id) >= 12 and re.fullmatch(SHORT_ID, queue_id) is None


def parse_line(program: str, message: str) -> Line:
    """The fields of one line; `program` as logged, e.g. `postfix/submission/smtpd`."""
    path = program.split("/")
    line = Line(daemon=path[-1], service=path[1] if len(path) > 2 and path[0] == "postfix" else "")
    head = HEAD.match(message)
    if head is None:
        return line
    rest = head["rest"]
    if head["id"] != "NOQUEUE":
        line.queue_id = head["id"]
    if head["level"]:
        if "queue file size limit exceeded" in rest:
            line.kind, line.status, line.reply = "too_big", "rejected", rest
        return line
    reader = READERS.get(rest[:3])
    if reader is not None:
        reader(line, rest)
    return line


def _delivery(line: Line, rest: str) -> None:
    found = DELIVERY.match(rest)
    if found is None:
        return
    recipient, orig_to, relay, delay, dsn, status, reply = found.groups()
    line.kind = "delivery"
    line.recipient, line.orig_to, line.relay, line.dsn = recipient, orig_to, relay, dsn
    line.delay, line.status = float(delay), status
    line.reply = reply[:-1] if reply and reply.endswith(")") else reply


def _from(line: Line, rest: str) -> None:
    queued = QUEUED.match(rest)
    if queued:
        line.kind, line.sender, line.size = "queued", queued[1], int(queued[2])
        return
    expired = EXPIRED.match(rest)
    if expired:
        line.kind, line.sender, line.status = "expired", expired[1], "expired"


def _client(line: Line, rest: str) -> None:
    found = CLIENT_LINE.match(rest)
    if found is None:
        return
    line.kind, line.client_name, line.client_ip = "client", found["name"], _address(found["ip"])
    user = SASL_USER.search(found["more"])
    line.sasl_username = user[1] if user else None


def _message_id(line: Line, rest: str) -> None:
    if rest.startswith("message-id="):
        line.kind, line.message_id = "message_id", rest[len("message-id=") :]


def _removed(line: Line, rest: str) -> None:
    if rest == "removed":
        line.kind = "deleted" if line.daemon == "postsuper" else "removed"
    elif rest in ("removed (canceled)", "removed (discarded)"):
        line.kind = "canceled"


def _pickup(line: Line, rest: str) -> None:
    found = PICKUP.match(rest)
    if found:
        line.kind, line.sender = "pickup", found[1]


def _notice(line: Line, rest: str) -> None:
    found = NOTICE.match(rest)
    if found:
        line.kind, line.notice = "notice", found[1]


def _refusal(line: Line, rest: str) -> None:
    found = REFUSAL.match(rest)
    if found:
        line.kind = "refused" if found["stage"] != "END-OF-MESSAGE" else "refused_all"
        line.stage = found["stage"]
    else:
        found = CONTENT_REFUSAL.match(rest)
        if found is None:
            return
        line.kind, line.stage = "refused_all", "CONTENT"
    line.status = "rejected"
    line.client_name, line.client_ip = found["name"], _address(found["ip"])
    _envelope(line, found["more"])


def _envelope(line: Line, more: str) -> None:
    """Split `reason; from=<..> to=<..> proto=.. helo=<..>`, with postscreen's commas or without."""
    found = ENVELOPE.search(more)
    line.reply = (
        more[: found.start()] if found and found.start() else more.rpartition(": ")[2] if found else more
    )
    code = REPLY_CODE.match(line.reply)
    line.dsn = code[1] if code else None
    if found:
        line.sender, line.recipient, line.helo = found[1], found[2], found[4]
    user = SASL_USER.search(more, found.end() if found else 0)
    line.sasl_username = user[1] if user else None


def _discard(line: Line, rest: str) -> None:
    if rest.startswith(("milter-discard: ", "discard: ")):
        line.kind, line.status, line.reply = "discarded_all", "sent", rest
        found = ENVELOPE.search(rest)
        if found:
            line.sender, line.recipient, line.helo = found[1], found[2], found[4]


def _milter(line: Line, rest: str) -> None:
    (_discard if rest.startswith("milter-discard") else _refusal)(line, rest)


def _hold(line: Line, rest: str) -> None:
    if rest == "placed on hold":
        line.kind = "held"


def _lost(line: Line, rest: str) -> None:
    if rest.startswith(("lost connection after ", "timeout after ")):
        line.kind = "lost"


def _address(ip: str) -> str | None:
    return None if ip in ("", "unknown") or len(ip) > LONGEST_IP else ip.lower()


READERS = {
    "to=": _delivery,
    "fro": _from,
    "cli": _client,
    "mes": _message_id,
    "rem": _removed,
    "uid": _pickup,
    "sen": _notice,
    "pos": _notice,
    "rej": _refusal,
    "mil": _milter,
    "dis": _discard,
    "pla": _hold,
    "los": _lost,
    "tim": _lost,
}


LOGGED = {word.value: word for word in (Outcome.BOUNCED, Outcome.DEFERRED, Outcome.EXPIRED)}


def outcome(line: Line) -> Outcome | None:
    """The outcome word of a delivery line; None for an address probe, which is not a delivery."""
    status = line.status
    if status == "sent":
        return Outcome.DISCARDED if _vanishes(line) else Outcome.DELIVERED
    return LOGGED.get(status or "")


def _vanishes(line: Line) -> bool:
    """True where nobody gets the mail: the discard transport, aliases to nothing, and the learn commands."""
    reply = line.reply or ""
    if line.daemon == "discard" or reply.startswith("silently dropped"):
        return True
    if line.daemon not in ("local", "pipe"):
        return False
    return (
        line.recipient in NULL_TARGETS
        or reply.startswith("delivered to file: /dev/null")
        or "rspamd-pipe-" in reply
    )
