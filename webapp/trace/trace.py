"""Lines -> stories. Pure: the result depends on the set of lines, not on their order or on how polls cut
them."""

from collections import defaultdict
from collections.abc import Iterable

from webapp.parse.address import bare_address
from webapp.parse.dovecot import saved_session
from webapp.parse.message_id import comparable, join_key
from webapp.parse.postfix import Line, is_long_id, outcome
from webapp.parse.words import FINAL, Kind, Outcome
from webapp.trace.lives import ENDS, split_lives
from webapp.trace.story import Event, Recipient, Story

SENDER_KINDS = ("queued", "expired", "refused_all", "discarded_all", "held", "pickup", "refused")
ARRIVALS = ("client", "pickup", "message_id", "refused_all", "unwritten")
WITHOUT_END = ("lost", "unwritten", "discarded_all")  # what ends a mail that never got into the queue
GAVE_UP = (
    ("expired", Outcome.EXPIRED),
    ("deleted", Outcome.DISCARDED),
)  # event -> what it means for recipients still deferred
NOTIFIER = "dovecot"  # the container that sends mailcow's notifications through the quarantine's port
NOTIFIER_HOST = ".250"  # and the end of its address in mailcow's network


def trace_queue_id(queue_id: str, events: Iterable[Event]) -> list[Story]:
    """The stories of all lives of one queue id, oldest first; address probes are left out."""
    lives = split_lives(events, reusable=not is_long_id(queue_id))
    return [story for story in (_tell(queue_id, life) for life in lives) if not story.probe]


def trace_refusal(event: Event) -> Story:
    """The story of one attempt that was refused before there was a queue id (a NOQUEUE line)."""
    line = event.line
    story = Story(
        Kind.REFUSED,
        event.time,
        event.time,
        identity=event.identity,
        sender=line.sender,
        client_ip=line.client_ip,
        client_name=line.client_name,
        helo=line.helo,
        username=line.sasl_username,
        service=line.service or line.daemon,
        refusal=event,
        ended_at=event.time,
    )
    if line.recipient is not None:
        story.recipients = [_refused_recipient(event)]
    return story


def _tell(queue_id: str, life: list[Event]) -> Story:
    life = sorted(life, key=lambda event: event.order)
    by_kind: dict[str, list[Event]] = defaultdict(list)
    for event in life:
        by_kind[event.line.kind].append(event)
    story = Story(Kind.QUEUE, life[0].time, life[-1].time, queue_id=queue_id)
    _set_client(story, by_kind)
    _set_envelope(story, by_kind)
    _set_end(story, by_kind)
    _set_hold(story, by_kind)
    story.recipients = _recipients(by_kind)
    story.notices = sorted({event.line.notice for event in by_kind["notice"] if event.line.notice})
    story.probe = bool(by_kind["delivery"]) and all(
        (e.line.status or "").endswith(("deliverable", "cached")) for e in by_kind["delivery"]
    )
    return story


def _set_client(story: Story, by_kind: dict[str, list[Event]]) -> None:
    for event in by_kind["client"] or by_kind["refused_all"] or by_kind["refused"]:
        line = event.line
        story.client_ip, story.client_name, story.username = (
            line.client_ip,
            line.client_name,
            line.sasl_username,
        )
        story.hop_ip = line.hop_ip
        if line.daemon == "smtpd":
            story.service = "quarantine_notice" if _is_notification(line) else line.service or "smtpd"
        break
    for event in by_kind["pickup"][:1]:
        story.service, story.requeued_from = "pickup", event.line.orig_id
    for event in [e for kind in ("refused_all", "refused", "held", "discarded_all") for e in by_kind[kind]]:
        story.helo = story.helo or event.line.helo


def _is_notification(line: Line) -> bool:
    """A mail through the quarantine's port is a release, which mailcow's web interface sends, or a notice."""
    if line.service != "quarantine":
        return False
    if line.client_name in ("", "unknown", None):
        return (line.client_ip or "").endswith(NOTIFIER_HOST)
    return NOTIFIER in (line.client_name or "")


def _set_envelope(story: Story, by_kind: dict[str, list[Event]]) -> None:
    for kind in SENDER_KINDS:
        senders = [event.line.sender for event in by_kind[kind] if event.line.sender is not None]
        if senders:
            story.sender = senders[0]
            break
    story.message_ids = [
        event.line.message_id for event in by_kind["message_id"] if event.line.message_id is not None
    ]
    story.size = max((event.line.size for event in by_kind["queued"] if event.line.size), default=None)
    story.queued_for = max((event.line.nrcpt or 0 for event in by_kind["queued"]), default=None)
    names = [event.line.recipient for kind in ("held", "discarded_all") for event in by_kind[kind]]
    story.named = [name for name in dict.fromkeys(names) if name is not None]
    if (
        story.service is None
        and story.message_ids
        and bare_address(story.sender).partition("@")[0] in ("", "double-bounce")
    ):
        story.service = "notice" if story.sender is not None else None
    if story.service == "pickup":
        story.client_ip = "127.0.0.1"
    named = [mid for mid in story.message_ids if comparable(mid)]
    keys = {join_key(mid, story.sender, story.client_ip) for mid in named or story.message_ids[:1]}
    story.mid_keys = sorted(key for key in keys if key is not None)


def _set_end(story: Story, by_kind: dict[str, list[Event]]) -> None:
    story.queued_at = by_kind["queued"][0].time if by_kind["queued"] else None
    story.refusal = _first(by_kind, "refused_all", "unwritten")
    story.dropped = _first(by_kind, "discarded_all", "discarded", "deleted")
    story.given_up = _first(by_kind, "expired")
    arrivals = [event.time for kind in ARRIVALS for event in by_kind[kind]]
    story.arrived_at = max([*arrivals, *([story.queued_at] if story.queued_at else [])], default=None)
    ends = [event.time for kind in ENDS for event in by_kind[kind]]
    if not ends and story.queued_at is None:
        ends = [event.time for kind in WITHOUT_END for event in by_kind[kind]]
    story.ended_at = min(ends, default=None)
    story.aborted = bool(story.ended_at and not story.queued_at and not story.refusal and not story.dropped)


def _first(by_kind: dict[str, list[Event]], *kinds: str) -> Event | None:
    return next((event for kind in kinds for event in by_kind[kind]), None)


def _set_hold(story: Story, by_kind: dict[str, list[Event]]) -> None:
    """It is held until it is released, or until anything else happens to it later."""
    story.released = bool(by_kind["released"])
    holds = [event.time for event in by_kind["held"]]
    if not holds or story.ended_at is not None or len(by_kind["released"]) >= len(holds):
        return
    later = [event.time for kind in ("released", "queued", "delivery", "expired") for event in by_kind[kind]]
    story.held_at = max(holds) if max(later, default=0) <= max(holds) else None


def _recipients(by_kind: dict[str, list[Event]]) -> list[Recipient]:
    attempts: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in by_kind["delivery"]:
        if outcome(event.line) is not None:
            attempts[((event.line.orig_to or "").lower(), (event.line.recipient or "").lower())].append(event)
    found = [_decided(events) for events in attempts.values()]
    for kind, word in GAVE_UP:
        for event in by_kind[kind][:1]:
            _give_up(found, event, word)
    accepted = {person.envelope.lower() for person in found}
    refused: dict[str, Recipient] = {}
    for event in by_kind["refused"]:
        if event.line.recipient is not None and event.line.recipient.lower() not in accepted:
            refused[event.line.recipient.lower()] = _refused_recipient(event)
    return sorted(
        [*found, *refused.values()], key=lambda person: (person.envelope.lower(), person.recipient.lower())
    )


def _decided(events: list[Event]) -> Recipient:
    """The last final outcome of one recipient, else its last deferral."""
    final = [event for event in events if outcome(event.line) in FINAL]
    last = max(final or events, key=lambda event: event.order)
    line = last.line
    return Recipient(
        recipient=line.recipient or "",
        orig_to=line.orig_to,
        status=outcome(line) or Outcome.DEFERRED,
        time=last.time,
        dsn=line.dsn,
        relay=line.relay,
        delay=line.delay,
        attempts=len(events),
        response=line.reply,
        session=saved_session(line.reply),
    )


def _give_up(people: list[Recipient], event: Event, word: Outcome) -> None:
    for person in people:
        if person.status == Outcome.DEFERRED:
            person.status, person.time = word, event.time


def _refused_recipient(event: Event) -> Recipient:
    line = event.line
    return Recipient(
        recipient=line.recipient or "",
        orig_to=None,
        status=Outcome.REJECTED,
        time=event.time,
        dsn=line.dsn,
        response=line.reply,
    )
