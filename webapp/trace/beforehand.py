"""What was decided about a mail before it had a queue id. Pure.

A HOLD or DISCARD of its client, sender or first recipient (access(5), milters) stands in a line without one,
`NOQUEUE: hold: RCPT from ...`, and no line of the queue id says it again. It belongs to the next mail of the
same client.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from webapp.parse.words import Kind
from webapp.trace.story import Event, Story

KINDS = ("held", "discarded_all")
NEAR = 30  # seconds between such a line and the first one of its mail
SLACK = 2  # seconds by which the two may be in the other order


class Mail(NamedTuple):
    """A mail as far as another one's line could be its own; `first_seen` in Unix seconds."""

    first_seen: int
    queue_id: str
    ip: str


def is_undecided(story: Story) -> bool:
    """True for a mail of a client that neither came into the queue nor was refused."""
    if story.kind != Kind.QUEUE or story.client_ip is None or story.released:
        return False
    if story.queued_at is not None or story.refusal is not None or story.given_up is not None:
        return False
    return story.ended_at is None or story.dropped is not None


def decide(stories: Iterable[Story], acts: Sequence[Event], others: Iterable[Mail] = ()) -> None:
    """Hold and discard the undecided ones among the stories as these lines say; `others` are mails of the
    same clients that a line may belong to instead."""
    told = {_mail(story): story for story in stories if story.queue_id and story.client_ip}
    by_client: dict[str, list[Mail]] = defaultdict(list)
    for mail in {*told, *others}:
        by_client[mail.ip].append(mail)
    for act in sorted(acts, key=lambda event: event.order):
        near = [mail for mail in by_client.get(act.line.client_ip or "", ()) if _fits(mail, act)]
        near.sort(key=lambda mail: (abs(mail.first_seen - act.time), mail))
        story = told.get(near[0]) if near else None
        if story is not None and is_undecided(story):
            _take(story, act)


def _mail(story: Story) -> Mail:
    return Mail(story.first_seen, story.queue_id or "", story.client_ip or "")


def _fits(mail: Mail, act: Event) -> bool:
    return -SLACK <= mail.first_seen - act.time <= NEAR


def _take(story: Story, act: Event) -> None:
    """Only one that is undecided still comes here: after a discard it is over."""
    line = act.line
    if line.kind == "held":
        story.held_at = act.time if story.ended_at is None else None
    else:
        story.dropped = story.dropped or act
        story.ended_at, story.aborted = story.ended_at or story.last_seen, False
    story.helo = story.helo or line.helo
    if story.sender is None:
        story.sender = line.sender
    if line.recipient is not None and line.recipient not in story.named:
        story.named.append(line.recipient)
