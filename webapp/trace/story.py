"""What the tracer works with: events in, a story with its deliveries out. Plain data, times in Unix
seconds."""

from dataclasses import dataclass, field

from webapp.parse.identity import correlation_key, life_name
from webapp.parse.postfix import Line
from webapp.parse.words import Kind, Outcome


@dataclass(slots=True)
class Event:
    """One stored Postfix line. Events are ordered by time and text, never by arrival."""

    time: int
    program: str
    message: str
    line: Line
    identity: str = ""  # names the row where the line has no queue id

    @property
    def order(self) -> tuple[int, str, str]:
        """A total order that any two importers agree on."""
        return self.time, self.program, self.message


@dataclass(slots=True)
class Recipient:
    """One envelope recipient's outcome. `delay` in seconds, `time` is that of the line that decided.

    `session` is the name of the delivery in Dovecot's log; `folder` and `filter` are what that tells of it.
    """

    recipient: str
    orig_to: str | None
    status: Outcome
    time: int
    dsn: str | None = None
    relay: str | None = None
    delay: float | None = None
    attempts: int = 1
    response: str | None = None
    session: str | None = None
    folder: str | None = None
    filter: str | None = None

    @property
    def envelope(self) -> str:
        """The address the sender wrote."""
        return self.orig_to or self.recipient


@dataclass(slots=True)
class Scan:
    """One Rspamd row as far as the tracer needs it."""

    time: int
    digest: int
    ordinal: int
    mid_key: int | None
    message_id: str | None
    sender: str | None
    recipients: list[str]
    ip: str | None
    username: str | None
    subject: str | None
    score: float | None
    action: str
    size: int | None
    is_spam: bool
    has_auth: bool

    @property
    def identity(self) -> tuple[int, int, int]:
        """The row's name in rspamd_logs."""
        return self.time, self.digest, self.ordinal


@dataclass(slots=True)
class Put:
    """One row of Dovecot's log as far as a delivery's place is told by it. `time` in Unix seconds."""

    time: int
    username: str
    session: str | None
    mid_key: int | None
    event: str
    folder: str | None
    target: str | None
    by_rule: bool
    reason: str | None


@dataclass(slots=True)
class Story:
    """Everything one life of a queue id, or one refused attempt, tells of itself."""

    kind: Kind
    first_seen: int
    last_seen: int
    queue_id: str | None = None
    identity: str = ""
    message_ids: list[str] = field(default_factory=list)
    mid_keys: list[int] = field(default_factory=list)
    sender: str | None = None
    client_ip: str | None = None
    client_name: str | None = None
    hop_ip: str | None = None  # the content filter that it came back from
    helo: str | None = None
    username: str | None = None
    service: str | None = None
    size: int | None = None
    recipients: list[Recipient] = field(default_factory=list)
    named: list[str] = field(default_factory=list)  # recipients that lines name without an outcome
    queued_for: int | None = None  # how many recipients the queue manager counts, aliases expanded
    refusal: Event | None = None  # the whole mail was refused
    dropped: Event | None = None  # the whole mail was discarded, or what was left of it
    given_up: Event | None = None  # it was tried for too long
    arrived_at: int | None = None  # the latest line of its arrival
    queued_at: int | None = None
    held_at: int | None = None  # since then it waits for an administrator
    released: bool = False  # from being held
    requeued_from: str | None = None
    ended_at: int | None = None
    aborted: bool = False
    probe: bool = False
    notices: list[str] = field(default_factory=list)
    scan: Scan | None = None

    @property
    def correlation_key(self) -> str:
        """SHA-256 hex of the identity: the same on every import."""
        return correlation_key(self.identity or life_name(self.queue_id, self.first_seen))
