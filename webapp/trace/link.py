"""Stored lines and rows -> messages and deliveries: load what a batch touches, trace it anew, write what
changed.

A message is always recomputed from all its lines, and all messages that share a Message-ID are paired with
their Rspamd rows together. So neither the order of lines nor the cut of the polls can show in the result, and
importing twice changes nothing.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from webapp.parse.identity import refusal_name, row_id, scan_name
from webapp.parse.refusal import TRANSACTION
from webapp.parse.words import Kind
from webapp.trace import beforehand, load, save
from webapp.trace.join import pair
from webapp.trace.places import is_without_session, place
from webapp.trace.story import Event, Put, Scan, Story
from webapp.trace.trace import trace_queue_id, trace_refusal
from webapp.trace.verdict import Surroundings

NEIGHBOURHOOD = 3600  # seconds around a batch in which mails with the same Message-ID are paired together
MANY = 500  # mails with the same Message-IDs; more are not paired anew with every one that comes
ROUNDS = 5  # steps from one Message-ID to the next through mails that have two


@dataclass
class Batch:
    """What is new: lines by queue id and row name, refused attempts, what was decided about mails before they
    had a queue id, Rspamd rows."""

    events: dict[str, dict[tuple[int, int, int], Event]] = field(default_factory=dict)
    refusals: list[Event] = field(default_factory=list)
    acts: list[Event] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    awaited_scans: dict[int, list[Scan]] = field(
        default_factory=dict
    )  # by join key: read with it, but not stored yet
    claimed: set[tuple[int, int, int]] = field(default_factory=set)  # those of them that messages have now

    def add_line(self, name: tuple[int, int, int], event: Event) -> None:
        """Take one Postfix line in; lines that belong to no mail are left out, as are those of a refused
        connection: without a mail transaction (RFC 5321 section 3.3) there is no message."""
        if event.line.queue_id:
            self.events.setdefault(event.line.queue_id, {})[name] = event
        elif event.line.kind == "refused" and event.line.stage in TRANSACTION:
            event.identity = refusal_name(*name)
            self.refusals.append(event)
        elif event.line.kind in beforehand.KINDS:
            self.acts.append(event)

    def times(self) -> list[int]:
        """The Unix seconds of everything in it."""
        return [
            *(name[0] for events in self.events.values() for name in events),
            *(event.time for event in (*self.refusals, *self.acts)),
            *(scan.time for scan in self.scans),
        ]


class Linking:
    """One run over a batch: the stories it touches, their neighbours by Message-ID, and the stored messages
    of both."""

    def __init__(self, connection: Connection, window: int) -> None:
        self.connection, self.window = connection, window
        self.stories: dict[str, list[Story]] = {}
        self.scans: dict[tuple[int, int, int], Scan] = {}
        self.known: dict[int, load.Known] = {}
        self.seen_keys: set[int] = set()
        self.start = self.end = 0

    def trace(self, batch: Batch, queue_ids: Collection[str]) -> None:
        """Trace these queue ids from their stored lines and the batch's, and take note of what is stored of
        them.

        A life that ended before the batch and is not known began too long ago to be loaded whole: it is left
        as it is.
        """
        since: float = self.start - load.LONGEST_STAY
        for known in load.known_by_queue_id(self.connection, queue_ids, since):
            self.known[known.id] = known
            since = min(since, known.first_seen.timestamp())
        stored = load.stored_events(self.connection, queue_ids, since)
        for queue_id in queue_ids:
            events = {**stored[queue_id], **batch.events.get(queue_id, {})}
            lives = trace_queue_id(queue_id, events.values())
            self.stories[queue_id] = [
                story
                for story in lives
                if story.last_seen >= self.start or row_id(story.correlation_key) in self.known
            ]

    def widen(self, batch: Batch) -> None:
        """Follow the Message-IDs to other messages and rows until none is left out."""
        asked: tuple[float, float] = (self.start, self.end)
        for _ in range(ROUNDS):
            span = self._span()
            if max(asked[0] - span[0], span[1] - asked[1]) > NEIGHBOURHOOD:  # the clock jumped within a mail
                asked, self.seen_keys = span, set()
            keys = self._keys() - self.seen_keys
            if not keys:
                return
            self.seen_keys |= keys
            start, end = span[0] - NEIGHBOURHOOD, span[1] + NEIGHBOURHOOD
            scans = load.stored_scans(self.connection, keys, start, end)
            neighbours = load.known_by_key(self.connection, keys, start, end)
            if len(neighbours) > MANY:
                neighbours, scans = self._own(neighbours, scans)
            awaited = (scan for key in keys for scan in batch.awaited_scans.get(key, ()))
            scans += [scan for scan in awaited if start <= scan.time <= end]
            for scan in scans:
                self.scans.setdefault(scan.identity, scan)
            self.known.update({known.id: known for known in neighbours})
            self.trace(
                batch, {known.queue_id for known in neighbours if known.queue_id} - self.stories.keys()
            )

    def _own(self, neighbours: list[load.Known], scans: list[Scan]) -> tuple[list[load.Known], list[Scan]]:
        """Of very many mails that share a Message-ID those of the batch and those near it that wait for their
        scan, and the scans that are theirs or nobody's: the others keep what they have, so that each look
        costs the same."""
        start, end = self.start - self.window, self.end + self.window
        own = [
            known
            for known in neighbours
            if known.kind == Kind.SCAN
            or known.queue_id in self.stories
            or (known.rspamd_digest is None and start <= known.first_seen.timestamp() <= end)
        ]
        ids = {known.id for known in own} | self.known.keys()
        claimed = load.claimed_scans(self.connection, scans)
        return own, [scan for scan in scans if scan.identity not in claimed or claimed[scan.identity] in ids]

    def _span(self) -> tuple[float, float]:
        """The Unix seconds between which the traced mails arrived, by whatever the clock showed."""
        traced = [story for stories in self.stories.values() for story in stories]
        first = min([self.start, *(story.first_seen for story in traced)])
        return first, max([self.end, *(max(story.first_seen, story.arrived_at or 0) for story in traced)])

    def _keys(self) -> set[int]:
        traced = {key for stories in self.stories.values() for story in stories for key in story.mid_keys}
        stored = {key for known in self.known.values() for key in known.mid_keys}
        return traced | stored | {scan.mid_key for scan in self.scans.values() if scan.mid_key is not None}


def link(
    connection: Connection,
    batch: Batch,
    surroundings: Surroundings,
    window: int,
    meanwhile: Callable[[], object] = lambda: None,
) -> int:
    """Bring messages and deliveries up to date with a batch; returns how many messages changed. `window` in
    seconds; `meanwhile` as `save` has it."""
    times = batch.times()
    if not times:
        return 0
    run = Linking(connection, window)
    run.start, run.end = min(times), max(times)
    run.scans = {scan.identity: scan for scan in batch.scans}
    touched = {mail.queue_id for mail in load.mails_of_clients(connection, batch.acts)}
    run.trace(batch, touched | batch.events.keys())
    run.widen(batch)
    stories = [story for lives in run.stories.values() for story in lives]
    decide_beforehand(connection, stories, batch.acts)
    place(stories, puts_of(connection, stories))
    awaited = {scan.identity for scans in batch.awaited_scans.values() for scan in scans}
    unclaimed = pair(stories, run.scans.values(), window)
    orphans = [scan for scan in unclaimed if scan.identity not in awaited]
    batch.claimed |= awaited & {story.scan.identity for story in stories if story.scan}
    batch.claimed -= {scan.identity for scan in unclaimed}
    stories += [trace_refusal(event) for event in batch.refusals] + [scan_story(scan) for scan in orphans]
    return save.save(connection, stories, run.known.values(), surroundings, meanwhile)


def decide_beforehand(connection: Connection, stories: Sequence[Story], new: Sequence[Event]) -> None:
    """Hold and discard those of which a line without a queue id says so, one of `new` or a stored one."""
    times = [story.first_seen for story in stories if beforehand.is_undecided(story)]
    if times:
        start, end = min(times) - beforehand.NEAR, max(times) + beforehand.SLACK
        acts = [*new, *load.acts_beforehand(connection, start, end)]
        beforehand.decide(stories, acts, load.mails_of_clients(connection, acts))


def puts_of(connection: Connection, stories: Sequence[Story]) -> list[Put]:
    """Dovecot's stored rows about the deliveries of these stories."""
    named = [person for story in stories for person in story.recipients if person.session]
    sessions = {person.session: person.time for person in named if person.session}
    times = list(sessions.values())
    puts = load.stored_puts(connection, sessions.keys(), min(times), max(times)) if times else []
    unnamed = [
        (story, person.time) for story in stories for person in story.recipients if is_without_session(person)
    ]
    if unnamed:
        keys = {key for story, _ in unnamed for key in story.mid_keys}
        times = [time for _, time in unnamed]
        puts += load.puts_by_key(connection, keys, min(times), max(times))
    return puts


def scan_story(scan: Scan) -> Story:
    """The story of an Rspamd row that no Postfix line belongs to."""
    story = Story(
        Kind.SCAN,
        scan.time,
        scan.time,
        identity=scan_name(*scan.identity),
        scan=scan,
        sender=scan.sender,
        client_ip=scan.ip,
        username=scan.username,
        size=scan.size,
    )
    story.message_ids = [scan.message_id] if scan.message_id else []
    story.mid_keys = [scan.mid_key] if scan.mid_key is not None else []
    return story


def retrace(
    connection: Connection,
    queue_ids: Sequence[str],
    scans: Sequence[Scan],
    since: float,
    surroundings: Surroundings,
    window: int,
) -> int:
    """Trace these queue ids (and the rows without one) once more from what is stored; returns how many
    messages changed."""
    batch = Batch(events=load.stored_events(connection, queue_ids, since), scans=list(scans))
    return link(connection, batch, surroundings, window)
