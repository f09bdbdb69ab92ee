"""What Postfix logs where it refuses, discards or holds a mail -> who, whom, at which stage, and why. Pure.

The forms are those of smtpd ("reject: RCPT from client: reason; from=<..> to=<..> proto=.. helo=<..>"), of
postscreen (with commas), of cleanup's header and body checks (the reason comes last), of its milters and of a
proxy filter. Each of the fields may be absent. Reason, content, addresses and HELO are of the sender's
choosing: where the fields begin is decided by what cannot be forged, the quoting of addresses and the name
that is written twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

ADDRESS = r'((?:"(?:[^"\\]|\\.)*"|[^<>"])*)'  # RFC 5321 section 4.1.2: log syntax in it stands in quotes
CLIENT = r"(?P<name>[^\[\s]*)\[(?:IPv6:)?(?P<ip>[^\]\s]*)\](?::\d+|:unknown)?"
VERB = r"(?:milter-(?:header-|body-)?|proxy-)?(?P<verb>reject|discard|hold): "
STAGED = re.compile(rf"{VERB}(?P<stage>[A-Z][A-Z-]*) from {CLIENT}: (?P<more>.*)$", re.DOTALL)
PROXIED = re.compile(rf"{VERB}(?P<stage>[A-Z][A-Z-]*): (?P<more>.*)$", re.DOTALL)
CONTENT = re.compile(rf"{VERB}(?:header|body|mime-error) (?P<more>.*)$", re.DOTALL)
ORIGIN = re.compile(rf" from (?:{CLIENT}|local|unknown)$")
FIELDS = re.compile(
    rf";(?: from=<{ADDRESS}>,?)?(?: to=<{ADDRESS}>,?)?(?: proto=[A-Za-z0-9_-]+,?)?"
    r"(?P<tail>(?: helo=<|: |$))",
    re.DOTALL,
)
SASL = re.compile(r"(?: sasl_method=\S+)?(?: sasl_username=(?P<user>.*?))?(?: sasl_sender=\S*)?$", re.DOTALL)
REPLY_CODE = re.compile(r"(?:[245]\d\d[ -])?([245]\.\d{1,3}\.\d{1,3})?")
TRANSACTION = ("MAIL", "RCPT", "DATA", "BDAT", "END-OF-MESSAGE")  # RFC 5321 section 3.3
HELO = " helo=<"
LONGEST_ORIGIN = 330  # characters: a host name and an address
MOST_PLACES = 20  # from each end of a line, at which the fields are looked for
LONGEST_IP = 45  # characters


@dataclass(slots=True)
class Act:
    """One refusal, discard or hold. `reason` and `dsn` are the server's words; '' is the null sender."""

    verb: str
    stage: str
    reason: str = ""
    dsn: str | None = None
    client_name: str | None = None
    client_ip: str | None = None
    sender: str | None = None
    recipient: str | None = None
    helo: str | None = None
    username: str | None = None


@dataclass(slots=True)
class Envelope:
    """The fields at a line's end, from `start`, the addresses up to `end`; `why` is the text after those of a
    content check."""

    start: int
    end: int
    sender: str | None
    recipient: str | None
    helo: str | None = None
    username: str | None = None
    why: str = ""


def client_address(ip: str) -> str | None:
    """The address of a client in lower case; None where Postfix does not know it."""
    return None if ip in ("", "unknown") or len(ip) > LONGEST_IP else ip.lower()


def read_act(rest: str) -> Act | None:
    """What a line says after its queue id; None where it is no refusal, discard or hold."""
    if found := STAGED.match(rest):
        act = Act(found["verb"], found["stage"])
        act.client_name, act.client_ip = found["name"], client_address(found["ip"])
        _read_reason(act, found["more"])
    elif found := PROXIED.match(rest):
        act = Act(found["verb"], found["stage"])
        _read_reason(act, found["more"])
    elif found := CONTENT.match(rest):
        act = Act(found["verb"], "CONTENT")
        _read_content(act, found["more"])
    else:
        return None
    code = REPLY_CODE.match(act.reason)
    act.dsn = code[1] if code else None
    return act


def _read_reason(act: Act, more: str) -> None:
    """`reason; fields`. A reason that begins with one of the fields' own values fits no other place."""
    places = [place for place in _places(more) if not place.why]
    fitting = [place for place in places if _repeats(more, place, act)]
    best = (fitting or places or [None])[0]  # type: ignore[list-item]
    act.reason = more[: best.start] if best else more
    if best:
        _take_over(act, best)


def _repeats(more: str, place: Envelope, act: Act) -> bool:
    """True where the reason names nothing before its words, or what the fields name: `<address>: no`."""
    code = REPLY_CODE.match(more)
    reason = more[code.end() if code else 0 : place.start].lstrip(" ")
    if not reason.startswith("<"):
        return True
    named = (place.recipient, place.sender, place.helo, f"{act.client_name}[{act.client_ip}]", act.stage)
    return any(name is not None and reason.lower().startswith(f"<{name.lower()}>: ") for name in named)


def _read_content(act: Act, more: str) -> None:
    """`content from client; fields: reason`. The content is the sender's: the last place that fits counts,
    but for one inside the addresses of another."""
    best, client = None, None
    for place in _places(more):
        origin = ORIGIN.search(more, max(0, place.start - LONGEST_ORIGIN), place.start)
        if origin is not None and (best is None or place.start >= best.end):
            best, client = place, origin
    act.reason = more
    if best is not None and client is not None:
        _take_over(act, best)
        act.client_name = client["name"]
        act.client_ip = client_address(client["ip"]) if client["ip"] else None
        act.reason = best.why or more[: client.start()]


def _take_over(act: Act, place: Envelope) -> None:
    act.sender, act.helo, act.username = place.sender, place.helo, place.username
    act.recipient = place.recipient if place.recipient != "unknown" else None  # cleanup's word for none


def _places(more: str) -> Iterator[Envelope]:
    """Where the rest of the text can be read as the fields, from left to right."""
    starts = [found.start() for found in re.finditer(r";(?= |$)", more)]
    if len(starts) > 2 * MOST_PLACES:
        starts = starts[:MOST_PLACES] + starts[-MOST_PLACES:]
    for start in starts:
        found = FIELDS.match(more, start)
        if found is None:
            continue
        place = Envelope(start, found.start("tail"), found[1], found[2])
        if _read_tail(place, more[place.end :]):
            yield place


def _read_tail(place: Envelope, tail: str) -> bool:
    """HELO and login up to the line's end, or the words of a content check; False where it is neither."""
    if tail.startswith(HELO):
        close = max(tail.rfind(">: "), tail.rfind(">") if tail.endswith(">") or "> sasl_" in tail else -1)
        if close < len(HELO):
            return False
        place.helo, tail = tail[len(HELO) : close], tail[close + 1 :]
        login = SASL.match(tail)
        place.username = login["user"] if login else None
        if login:
            return True
    place.why = tail[2:]
    return not tail or tail.startswith(": ")
