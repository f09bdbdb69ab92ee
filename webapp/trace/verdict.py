"""A story and its scan -> direction, final status and spam verdict. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from webapp.parse.address import NEAR, a_label, bare_address, untagged
from webapp.parse.words import Correlation, Direction, Kind, Outcome, RspamdAction
from webapp.trace.join import expects_scan
from webapp.trace.places import is_junk
from webapp.trace.story import Event, Recipient, Story

JUNK_ACTIONS = (RspamdAction.ADD_HEADER, RspamdAction.REWRITE_SUBJECT)
OUR_SERVICES = (
    "submission",
    "submission-haproxy",
    "submissions",
    "smtps",
    "smtps-haproxy",
    "sogo",
    "pickup",
    "notice",
    "quarantine_notice",
)
NOT_OURS = ("bcc", "quarantine")
THIS_MACHINE = {"localhost", "localhost.localdomain"}


@dataclass(frozen=True)
class Surroundings:
    """What the tracer must know of the server: its own domains (A-labels), those that stand for another one,
    and its own networks."""

    local_domains: frozenset[str]
    networks: tuple[str, ...] = ()
    alias_domains: Mapping[str, str] = field(default_factory=dict)

    def is_inside(self, ip: str | None) -> bool:
        """True for loopback and the mailcow network."""
        return ip is not None and _is_inside(ip, self.networks)


@lru_cache(maxsize=NEAR)
def _is_inside(ip: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in _networks(networks))


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(text, strict=False) for text in texts]


def settle_recipients(story: Story) -> list[Recipient]:
    """The story's recipients with an outcome, among them those whom no line names because the mail was
    refused, discarded or given up as a whole.

    A milter-reject names just the last recipient of a transaction; all of them are refused.
    """
    whole = _whole(story)
    if whole is None:
        return story.recipients
    status, event = whole
    named = [event.line.recipient] if event.line.recipient is not None else []
    have = {bare_address(person.envelope) for person in story.recipients}
    people = list(story.recipients)
    for address in [*named, *left_out(story, [*have, *named])]:
        if bare_address(address) not in have:
            have.add(bare_address(address))
            people.append(
                Recipient(address, None, status, event.time, dsn=event.line.dsn, response=event.line.reply)
            )
    return sorted(people, key=lambda person: (person.envelope.lower(), person.recipient.lower()))


def _whole(story: Story) -> tuple[Outcome, Event] | None:
    """What became of all recipients without an outcome of their own, and the line that tells it."""
    if story.kind != Kind.QUEUE:
        return None
    if story.refusal:
        return Outcome.REJECTED, story.refusal
    if story.dropped:
        return Outcome.DISCARDED, story.dropped
    return (Outcome.EXPIRED, story.given_up) if story.given_up else None


def left_out(story: Story, have: Iterable[str]) -> list[str]:
    """The envelope recipients that lines or Rspamd name besides those in `have`, as far as the queue manager
    counts more than have an outcome."""
    accepted = sum(person.status != Outcome.REJECTED for person in story.recipients)
    if story.queued_for is not None and accepted >= story.queued_for:
        return []
    if story.queued_for is None and accepted and not story.dropped:
        return []
    seen, names = {untagged(address) for address in have}, []
    for address in [*story.named, *(story.scan.recipients if story.scan else [])]:
        if untagged(address) not in seen:
            seen.add(untagged(address))
            names.append(address)
    return names


def count_recipients(story: Story, names: list[str]) -> int:
    """How many recipients there are, where `names` are those that are known; only Rspamd names all."""
    accepted = sum(person.status != Outcome.REJECTED for person in story.recipients)
    if story.scan or story.kind != Kind.QUEUE or story.queued_for is None:
        return len(names)
    known = {bare_address(person.envelope) for person in story.recipients}
    waiting = sum(bare_address(name) not in known for name in names)
    return len(names) + max(0, story.queued_for - accepted - waiting)


def final_status(story: Story, people: list[Recipient]) -> Outcome | None:
    """The word for the whole message; None while there is no outcome yet."""
    words = {person.status for person in people}
    if not words:
        return Outcome.REJECTED if story.refusal else Outcome.DISCARDED if story.dropped else None
    if len(words) > 1:
        return Outcome.MIXED
    word = words.pop()
    return Outcome.SPAM if word == Outcome.DELIVERED and _lies_in_junk(story, people) else word


def _lies_in_junk(story: Story, people: list[Recipient]) -> bool:
    """True where every recipient got it into the Junk folder: told by Dovecot where its line is there, else
    by what Rspamd did."""
    marked = story.scan is not None and story.scan.action in JUNK_ACTIONS
    return all(is_junk(person.folder) if person.folder or person.filter else marked for person in people)


def is_ours(story: Story, surroundings: Surroundings) -> bool | None:
    """True where one of our users or machines sent it; None where no line tells."""
    if story.service in NOT_OURS:
        return False
    if story.requeued_from and story.sender and not _all_local([story.sender], surroundings):
        return False
    scan = story.scan
    if story.username or story.service in OUR_SERVICES or (scan is not None and scan.has_auth):
        return True
    ip = story.client_ip or (scan.ip if scan else None)
    if ip is None:
        return False if story.service else None
    return surroundings.is_inside(ip)


def direction(story: Story, people: list[Recipient], surroundings: Surroundings) -> Direction | None:
    """inbound, outbound or internal; None while it cannot be known."""
    if story.service == "bcc":
        return Direction.INTERNAL
    ours = is_ours(story, surroundings)
    if ours is None:
        return None
    if not ours:
        return Direction.INBOUND
    if not surroundings.local_domains:
        return None
    addresses = _addressed(story, people)
    if not addresses:
        return Direction.OUTBOUND if story.ended_at else None
    return Direction.INTERNAL if _all_local(addresses, surroundings) else Direction.OUTBOUND


def _addressed(story: Story, people: list[Recipient]) -> list[str]:
    """Whom the sender wrote to: Rspamd hears them before copies to an archive are added (BCC maps)."""
    if story.scan and story.scan.recipients:
        refused = [person.envelope for person in people if person.status == Outcome.REJECTED]
        return [*story.scan.recipients, *refused]
    return [person.envelope for person in people] or story.named


def _all_local(addresses: Iterable[str], surroundings: Surroundings) -> bool:
    """An address without a domain is one of this machine (RFC 5321 section 4.1.2 has it for postmaster)."""
    domains = {a_label(address.rpartition("@")[2].strip(">")) for address in addresses if "@" in address}
    return domains <= surroundings.local_domains | THIS_MACHINE


def correlation(story: Story) -> Correlation:
    """`complete` once the story has ended and its scan is there, where one is to be expected; else `open`."""
    if story.kind == Kind.SCAN or story.ended_at is None:
        return Correlation.OPEN
    waits = expects_scan(story) and story.scan is None
    return Correlation.OPEN if waits else Correlation.COMPLETE
