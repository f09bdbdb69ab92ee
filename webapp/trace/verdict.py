"""A story and its scan -> direction, final status and spam verdict. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from webapp.parse.address import a_label, bare_address, untagged
from webapp.parse.words import Correlation, Direction, Kind, Outcome, RspamdAction
from webapp.trace.join import expects_scan
from webapp.trace.story import Recipient, Story

JUNK_ACTIONS = (RspamdAction.ADD_HEADER, RspamdAction.REWRITE_SUBJECT)
OUR_SERVICES = ("submission", "submission-haproxy", "smtps", "smtps-haproxy", "sogo", "pickup", "notice")
NOT_OURS = ("bcc", "quarantine")


@dataclass(frozen=True)
class Surroundings:
    """What the tracer must know of the server: its own domains (A-labels), those that stand for another one,
    and its own networks."""

    local_domains: frozenset[str]
    networks: tuple[str, ...] = ()
    alias_domains: Mapping[str, str] = field(default_factory=dict)

    def is_inside(self, ip: str | None) -> bool:
        """True for loopback and the mailcow network."""
        if not ip:
            return False
        try:
            address = ip_address(ip)
        except ValueError:
            return False
        return address.is_loopback or any(address in network for network in _networks(self.networks))


_parsed: dict[tuple[str, ...], list[object]] = {}


def _networks(texts: tuple[str, ...]) -> list:  # type: ignore[type-arg]
    if texts not in _parsed:
        _parsed[texts] = [ip_network(text, strict=False) for text in texts]
    return _parsed[texts]


def settle_recipients(story: Story) -> list[Recipient]:
    """The story's recipients, and those whom only Rspamd names because the whole mail was refused or
    discarded.

    A milter-reject names just the last recipient of a transaction; all of them are refused.
    """
    event = story.refusal if story.kind == Kind.QUEUE else None
    status, event = (Outcome.REJECTED, event) if event else (Outcome.DISCARDED, story.dropped)
    if event is None:
        return story.recipients
    named = [event.line.recipient] if event.line.recipient is not None else []
    have = {bare_address(person.envelope) for person in story.recipients}
    plain = {untagged(address) for address in [*have, *named]}
    scanned = story.scan.recipients if story.scan else []
    people = list(story.recipients)
    for address in [*named, *(a for a in scanned if untagged(a) not in plain)]:
        if bare_address(address) not in have:
            have.add(bare_address(address))
            people.append(
                Recipient(address, None, status, event.time, dsn=event.line.dsn, response=event.line.reply)
            )
    return sorted(people, key=lambda person: (person.envelope.lower(), person.recipient.lower()))


def final_status(story: Story, people: list[Recipient]) -> Outcome | None:
    """The word for the whole message; None while there is no outcome yet."""
    words = {person.status for person in people}
    if not words:
        return Outcome.REJECTED if story.refusal else Outcome.DISCARDED if story.dropped else None
    if len(words) > 1:
        return Outcome.MIXED
    word = words.pop()
    is_junk = word == Outcome.DELIVERED and story.scan and story.scan.action in JUNK_ACTIONS
    return Outcome.SPAM if is_junk else word


def is_ours(story: Story, surroundings: Surroundings) -> bool | None:
    """True where one of our users or machines sent it; None where no line tells."""
    if story.service in NOT_OURS:
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
    addresses = [person.envelope for person in people] or (story.scan.recipients if story.scan else [])
    if not addresses:
        return Direction.OUTBOUND if story.ended_at else None
    return Direction.INTERNAL if _all_local(addresses, surroundings) else Direction.OUTBOUND


def _all_local(addresses: Iterable[str], surroundings: Surroundings) -> bool:
    return all(
        a_label(address.rpartition("@")[2].strip(">")) in surroundings.local_domains for address in addresses
    )


def correlation(story: Story) -> Correlation:
    """`complete` once the story has ended and its scan is there, where one is to be expected; else `open`."""
    if story.kind == Kind.SCAN or story.ended_at is None:
        return Correlation.OPEN
    waits = expects_scan(story) and story.scan is None
    return Correlation.OPEN if waits else Correlation.COMPLETE
