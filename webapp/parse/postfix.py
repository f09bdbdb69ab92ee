"""One Postfix line -> its fields. Pure; any text gives a Line, never an exception.

Each field is taken from the place where Postfix writes it, and only the queue id at the line's start counts:
remote replies quote foreign ids, and what a sender can choose (Message-ID, subject, address, HELO) is forged
with log syntax in it. Formats: Postfix 3.5 to 3.11. What a refusal tells is read in `refusal`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from webapp.parse.bounds import LONGEST_FIELD, LONGEST_REPLY, cut
from webapp.parse.refusal import ADDRESS, CLIENT, Act, client_address, read_act
from webapp.parse.words import Outcome

SHORT_ID = r"[0-9A-F]{6,16}"
LONG_ID = r"[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,24}"  # no vowels: base 52 and base 51

HEAD = re.compile(
    rf"(?:(?P<level>warning|error|fatal|panic): )?(?P<id>NOQUEUE|{SHORT_ID}|{LONG_ID}): (?P<rest>.*)",
    re.DOTALL,
)
QUEUED = re.compile(r"from=<(.*)>, size=(\d{1,18}), nrcpt=(\d{1,9}) \(queue active\)$", re.DOTALL)
EXPIRED = re.compile(r"from=<(.*)>, status=((?:force-)?expired), returned to sender$", re.DOTALL)
DELIVERY = re.compile(
    rf"to=<{ADDRESS}>, (?:orig_to=<{ADDRESS}>, )?relay=([^,]*), (?:[a-z_]{{1,20}}=[^\s,]*, "
    rf"){{0,9}}?delay=(\d{{1,12}}(?:\.\d{{1,12}})?), "
    r"(?:[a-z_]{1,20}=[^\s,]*, ){0,9}?(?:dsn=(\d+\.\d+\.\d+), )?status=([A-Za-z-]+)(?: \((.*))?$",
    re.DOTALL,
)
CLIENT_LINE = re.compile(rf"client={CLIENT}(?P<more>.*)$", re.DOTALL)
ORIGINAL_CLIENT = re.compile(rf", orig_client={CLIENT}")
SASL_USER = re.compile(r", sasl_username=(.*?)(?:, sasl_sender=|, orig_|$)", re.DOTALL)
PICKUP = re.compile(rf"uid=\d+ from=<(.*)>(?: orig_id=({SHORT_ID}|{LONG_ID}))?$", re.DOTALL)
NOTICE = re.compile(
    rf"(?:sender|postmaster) (?:non-delivery|delay|delivery status) notification: ({SHORT_ID}|{LONG_ID})$"
)
# what cleanup warns of when it cannot take a mail, and the status code of smtpd's reply to it
UNWRITTEN = (
    ("queue file size limit exceeded", "5.3.4"),
    ("message rejected: hopcount exceeded", "5.4.0"),
    ("write queue file:", "4.3.0"),
)
UNEXPANDED = re.compile(r"(?:unreasonable )?[a-z_]{1,60} map (lookup problem|expansion size|nesting) for ")
PROXY_REFUSES = "proxy-reject: "  # smtpd_proxy_filter: of the lines about a mail the only one without any id
WHOLE_MAIL = ("DATA", "BDAT", "END-OF-MESSAGE", "CONTENT")  # stages at which all recipients are concerned
SOFT = {"SOFTBOUNCE": "deferred"}  # soft_bounce = yes: the mail stays in the queue (postconf(5))
FREE = ("message_id", "sender", "recipient", "orig_to", "relay", "client_name", "sasl_username", "helo")
NULL_TARGETS = ("null@localhost", "spam@localhost", "ham@localhost")


@dataclass(slots=True)
class Line:
    """What one Postfix line says. `kind` names the event; None means that the line does not tell.

    An address is as logged, '' is the null sender; `delay` is in seconds; `status` is Postfix's own word, or
    `rejected` for a refusal; `reply` holds the reason in the words of the server. `hop_ip` is the content
    filter that a mail came back from; `orig_id` the queue id before a mail was requeued.
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
    hop_ip: str | None = None
    orig_id: str | None = None
    nrcpt: int | None = None


@dataclass(frozen=True, slots=True)
class Untold:
    """What the line of a list tells besides the fields that are stored with it."""

    message_id: str | None = None
    relay: str | None = None


NOTHING = Untold()


def is_long_id(queue_id: str) -> bool:
    """True for Postfix's long queue ids, which are never used twice."""
    return len(queue_id) >= 12 and re.fullmatch(SHORT_ID, queue_id) is None


def parse_line(program: str, message: str) -> Line:
    """The fields of one line; `program` as logged, e.g. `postfix/submission/smtpd`. Lines that tell nothing
    share theirs: it is not to be changed."""
    head = HEAD.match(message)
    if head is None and not message.startswith(PROXY_REFUSES):
        return _telling_nothing(program)
    line = Line(*_origin(program))
    if head is None:
        _act(line, message)
        return line
    level, queue_id, rest = head.groups()
    if queue_id != "NOQUEUE":
        line.queue_id = queue_id
    if level:
        _warning(line, rest)
        return line
    reader = READERS.get(rest[:3])
    if reader is not None:
        reader(line, rest)
        if len(rest) > LONGEST_FIELD:
            _shorten(line)
    return line


@lru_cache(maxsize=256)
def _telling_nothing(program: str) -> Line:
    return Line(*_origin(program))


@lru_cache(maxsize=256)
def _origin(program: str) -> tuple[str, str, str]:
    """Kind, daemon and service of a line as far as its program tells."""
    path = program.split("/")
    return "other", path[-1], path[1] if len(path) > 2 and path[0] == "postfix" else ""


def untold(program: str, message: str, status: str | None) -> Untold:
    """What a line tells whose status is known already: most tell nothing more, and are not read again."""
    if status is None and ": message-id=" not in message:
        return NOTHING
    line = parse_line(program, message)
    return Untold(line.message_id, line.relay)


def _shorten(line: Line) -> None:
    """No field is kept longer than another would be shown."""
    for name in FREE:
        text = getattr(line, name)
        if text is not None:
            setattr(line, name, cut(text))
    line.reply = None if line.reply is None else cut(line.reply, LONGEST_REPLY)


def _delivery(line: Line, rest: str) -> None:
    found = DELIVERY.match(rest)
    if found is None:
        return
    recipient, orig_to, relay, delay, dsn, status, reply = found.groups()
    line.kind = "delivery"
    line.recipient, line.orig_to, line.relay, line.dsn = recipient, orig_to, relay, dsn
    line.delay, line.status = float(delay), SOFT.get(status, status)
    line.reply = reply[:-1] if reply and reply.endswith(")") else reply


def _from(line: Line, rest: str) -> None:
    queued = QUEUED.match(rest)
    if queued:
        line.kind, line.sender, line.size, line.nrcpt = "queued", queued[1], int(queued[2]), int(queued[3])
        return
    expired = EXPIRED.match(rest)
    if expired:
        line.kind, line.sender, line.status = "expired", expired[1], "expired"


def _client(line: Line, rest: str) -> None:
    found = CLIENT_LINE.match(rest)
    if found is None:
        return
    line.kind, line.client_name, line.client_ip = "client", found["name"], client_address(found["ip"])
    if not found["more"]:
        return
    user = SASL_USER.search(found["more"])
    line.sasl_username = user[1] if user else None
    if original := ORIGINAL_CLIENT.search(found["more"], 0, user.start() if user else len(found["more"])):
        line.hop_ip = line.client_ip
        line.client_name, line.client_ip = original["name"], client_address(original["ip"])


def _message_id(line: Line, rest: str) -> None:
    if rest.startswith("message-id="):
        line.kind, line.message_id = "message_id", rest[len("message-id=") :]


def _removed(line: Line, rest: str) -> None:
    if rest == "removed":
        line.kind = "deleted" if line.daemon == "postsuper" else "removed"
    elif rest == "removed (canceled)":
        line.kind = "canceled"
    elif rest == "removed (discarded)":
        line.kind = "discarded"


def _pickup(line: Line, rest: str) -> None:
    found = PICKUP.match(rest)
    if found:
        line.kind, line.sender, line.orig_id = "pickup", found[1], found[2]


def _notice(line: Line, rest: str) -> None:
    found = NOTICE.match(rest)
    if found:
        line.kind, line.notice = "notice", found[1]


def _warning(line: Line, rest: str) -> None:
    for reason, dsn in UNWRITTEN:
        if rest.startswith(reason):
            line.kind, line.status, line.reply, line.dsn = "unwritten", "rejected", rest, dsn
            return
    if found := UNEXPANDED.match(rest):
        line.kind, line.status, line.reply = "unwritten", "rejected", rest
        line.dsn = "4.3.0" if found[1] == "lookup problem" else "4.6.0"


def _act(line: Line, rest: str) -> None:
    act = read_act(rest)
    if act is None:
        return
    if act.verb == "reject":
        line.kind = _refusal_kind(line, act)
        line.status = "rejected" if line.kind != "other" else None
    elif act.verb == "discard":
        line.kind, line.status = "discarded_all", "sent" if line.queue_id else "discarded"
    else:
        line.kind, line.status = "held", None if line.queue_id else "held"
    line.stage, line.reply, line.dsn = act.stage, act.reason, act.dsn
    line.client_name, line.client_ip = act.client_name, act.client_ip
    line.sender, line.recipient, line.helo = act.sender, act.recipient, act.helo
    line.sasl_username = act.username


def _refusal_kind(line: Line, act: Act) -> str:
    """`refused_all` where the whole mail is concerned; a command beside its transaction is none of it."""
    if line.queue_id is None or act.stage == "RCPT":
        return "refused"
    return "refused_all" if act.stage in WHOLE_MAIL or line.daemon == "cleanup" else "other"


def _placed(line: Line, rest: str) -> None:
    if rest == "placed on hold":
        line.kind = "held"


def _released(line: Line, rest: str) -> None:
    if rest == "released from hold":
        line.kind = "released"
    elif rest == "requeued":
        line.kind = "requeued"


def _lost(line: Line, rest: str) -> None:
    if rest.startswith(("lost connection after ", "timeout after ")):
        line.kind = "lost"


READERS = {
    "to=": _delivery,
    "fro": _from,
    "cli": _client,
    "mes": _message_id,
    "rem": _removed,
    "uid": _pickup,
    "sen": _notice,
    "pos": _notice,
    "rej": _act,
    "mil": _act,
    "dis": _act,
    "hol": _act,
    "pro": _act,
    "pla": _placed,
    "rel": _released,
    "req": _released,
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
