"""What one simulated mail consists of, and the dice that choose it."""

import random
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from . import cast, identity, words
from .cast import Host, Organisation

Row = dict[str, Any]
# Seconds after the story's start, the list that gets the row, the row without its time.
Step = tuple[float, str, Row]
Story = Iterator[Step]
# Part of a story; returns when it is over, in seconds after the story's start.
Part = Generator[Step, None, float]


@dataclass(frozen=True)
class Target:
    """One final recipient; `orig` is the envelope address where an alias led here."""

    to: str
    orig: str | None = None

    @property
    def envelope(self) -> str:
        return self.orig or self.to

    @property
    def is_mailbox(self) -> bool:
        return self.to in cast.MAILBOXES


@dataclass(frozen=True)
class Mail:
    """One queue file: envelope, header fields and the client that brought it. `begin` is in seconds after the
    story's start."""

    queue_id: str
    sender: str
    targets: tuple[Target, ...]
    client: Host
    helo: str
    logged_id: str
    rspamd_id: str
    subject: str
    size: int
    clock: float
    service: str = ""
    user: str = ""
    begin: float = 0.0
    header_from: str = ""

    @property
    def envelope(self) -> tuple[str, ...]:
        """Envelope recipients as the client gave them, in order."""
        return tuple(dict.fromkeys(target.envelope for target in self.targets))

    def entered(self) -> float:
        """When the queue file was made; Postfix counts delays from here."""
        return self.begin + 0.45


def expanded(address: str) -> tuple[Target, ...]:
    """The final recipients behind an envelope address, as virtual_alias_maps gives them."""
    local, _, domain = address.partition("@")
    if domain == cast.ALIAS_DOMAIN:
        return tuple(Target(target.to, address) for target in expanded(f"{local}@{cast.BOOKS}"))
    goto = cast.ALIASES.get(address)
    if goto is None and domain == cast.WERFT and address not in cast.MAILBOXES:
        goto = cast.ALIASES[f"@{cast.WERFT}"]
    return tuple(Target(one, address) for one in goto) if goto else (Target(address),)


@dataclass
class Scene:
    """The moment a story starts, with its own luck. `patience` is how long a stuck mail stays in the queue at
    least, in seconds."""

    dice: random.Random
    start: float
    long_ids: bool = False
    patience: float = 2700.0
    number: int = field(default=0)

    def queue_id(self, offset: float = 0.0) -> str:
        if self.long_ids:
            return identity.long_queue_id(self.dice, self.start + offset)
        return identity.short_queue_id(self.dice)

    def subject(self, choices: tuple[str, ...] = words.BUSINESS) -> str:
        week = int(time.strftime("%V", time.gmtime(self.start)))
        return self.dice.choice(choices).format(n=self.dice.randrange(10_000, 99_999), week=week)

    def mailbox(self) -> str:
        return self.dice.choice(cast.ORDINARY)

    def partner(self) -> Organisation:
        return self.dice.choice(cast.PARTNERS)

    def person(self, organisation: Organisation | None = None) -> str:
        chosen = organisation or self.partner()
        return f"{self.dice.choice(chosen.people)}@{chosen.domain}"

    def inbound(
        self, *recipients: str, source: Organisation | None = None, begin: float = 0.0, **changes: Any
    ) -> Mail:
        """A mail from outside through port 25."""
        source = source or self.partner()
        plain_id = identity.message_id(self.dice, source.domain, self.start + begin)
        mail = Mail(
            queue_id=self.queue_id(begin),
            sender=self.person(source),
            targets=tuple(
                target for address in recipients or (self.mailbox(),) for target in expanded(address)
            ),
            client=source.sends,
            helo=source.sends.name,
            logged_id=f"<{plain_id}>",
            rspamd_id=plain_id,
            subject=self.subject(),
            size=int(self.dice.lognormvariate(9.2, 1.3)) + 900,
            clock=self.start,
            begin=begin,
        )
        return replace(mail, **changes)

    def outgoing(
        self, *recipients: str, service: str = "", user: str = "", begin: float = 0.0, **changes: Any
    ) -> Mail:
        """A mail that one of our users hands in, by default from a mail program at home."""
        user = user or self.mailbox()
        service = service or self.dice.choice(("submission", "submission", "smtps"))
        client = cast.SOGO if service == "sogo" else self.dice.choice(cast.HOME_CLIENTS)
        own_domain = user.partition("@")[2]
        plain_id = identity.message_id(self.dice, own_domain, self.start + begin)
        mail = Mail(
            queue_id=self.queue_id(begin),
            sender=user,
            targets=tuple(
                target for address in recipients or (self.person(),) for target in expanded(address)
            ),
            client=client,
            helo="[127.0.0.1]" if service == "sogo" else self.dice.choice(cast.DEVICES),
            logged_id=f"<{plain_id}>",
            rspamd_id=plain_id,
            subject=self.subject(),
            size=int(self.dice.lognormvariate(8.6, 1.2)) + 700,
            clock=self.start,
            service=service,
            user=user,
            begin=begin,
        )
        return replace(mail, **changes)

    def inside(self, mail: Mail, service: str, host: Host, begin: float, **changes: Any) -> Mail:
        """The same mail again as a new queue file from one of mailcow's own containers."""
        new = replace(
            mail,
            queue_id=self.queue_id(begin),
            client=host,
            helo=host.name,
            service=service,
            user="",
            begin=begin,
        )
        return replace(new, **changes)
