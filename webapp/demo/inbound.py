"""Stories of mail from outside that arrives."""

import time

from . import cast, identity, rspamd, words
from .scene import Scene, Story
from .steps import DOVECOT, POSTFIX, accepted, delivered, lines, notice


def plain(scene: Scene) -> Story:
    mail = scene.inbound()
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def to_alias(scene: Scene) -> Story:
    mail = scene.inbound(
        scene.dice.choice(("sales", "contact", "hello", "press", "postmaster", "jobs", "anna"))
        + f"@{cast.BOOKS}"
    )
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def to_team(scene: Scene) -> Story:
    mail = scene.inbound(f"team@{cast.BOOKS}")
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def to_alias_domain(scene: Scene) -> Story:
    mail = scene.inbound(
        f"{scene.dice.choice(('info', 'orders', 'anna.keller', 'sales'))}@{cast.ALIAS_DOMAIN}"
    )
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def to_catch_all(scene: Scene) -> Story:
    local = scene.dice.choice(("slip", "winterlager", "ausbildung", "yacht", "hafen"))
    mail = scene.inbound(f"{local}{scene.dice.randrange(9)}@{cast.WERFT}")
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def to_alias_outside(scene: Scene) -> Story:
    """One target of the alias is elsewhere: the mail is relayed on."""
    mail = scene.inbound(f"tax@{cast.BOOKS}")
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def over_ipv6(scene: Scene) -> Story:
    client = scene.dice.choice(cast.IPV6_SENDERS)
    source = cast.BY_DOMAIN[client.name.partition(".")[2]]
    mail = scene.inbound(source=source, client=client, helo=client.name)
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def newsletter(scene: Scene) -> Story:
    source = cast.NEWSLETTERS
    mail = scene.inbound(
        source=source,
        subject=scene.subject(words.NEWSLETTER),
        header_from=f"letter@{source.domain}",
        size=48_211,
    )
    at = yield from accepted(mail, scene, rspamd.NEWSLETTER)
    yield from delivered(mail, scene, at, "fileinto action: stored mail into mailbox 'Lists'")


def without_message_id(scene: Scene) -> Story:
    mail = scene.inbound(logged_id="<>", rspamd_id="undef")
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def odd_message_id(scene: Scene) -> Story:
    source = scene.partner()
    logged, shown = identity.odd_message_id(scene.dice, source.domain, scene.start)
    mail = scene.inbound(source=source, logged_id=logged, rspamd_id=shown)
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def without_subject(scene: Scene) -> Story:
    mail = scene.inbound(subject="")
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def utf8_subject(scene: Scene) -> Story:
    mail = scene.inbound(subject=scene.subject(words.UTF8))
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def junk(scene: Scene) -> Story:
    """Rspamd adds the spam header: the mail goes to Junk, and a copy to the quarantine."""
    client = scene.dice.choice(cast.SPAMMERS)
    mail = scene.inbound(
        client=client,
        helo="mail.win-now.example",
        sender=f"{scene.dice.choice(words.SPAM_NAMES)}@win-now.example",
        subject=scene.subject(words.SPAM),
    )
    at = yield from accepted(mail, scene, rspamd.JUNK, "add header")
    yield from delivered(mail, scene, at, "fileinto action: stored mail into mailbox 'Junk'")


def dropped_by_rule(scene: Scene) -> Story:
    """A rule of the mailbox throws the mail away."""
    mail = scene.inbound(source=cast.NEWSLETTERS, subject=scene.subject(words.NEWSLETTER))
    at = yield from accepted(mail, scene, rspamd.NEWSLETTER)
    deed = "discard action: Marked message to be discarded if not explicitly delivered (discard action)"
    yield from delivered(mail, scene, at, deed)


def sorted_by_rule(scene: Scene) -> Story:
    """A rule of the mailbox files the mail, though Rspamd has marked it."""
    mail = scene.inbound(subject=scene.subject(words.BUSINESS))
    at = yield from accepted(mail, scene, rspamd.JUNK, "add header")
    year = time.strftime("%Y", time.gmtime(scene.start))
    yield from delivered(mail, scene, at, f"fileinto action: stored mail into mailbox 'Archive/{year}'")


def discarded(scene: Scene) -> Story:
    """Mail to the alias that goes to null@localhost."""
    mail = scene.inbound(f"noreply@{cast.BOOKS}", subject="Automatic reply: out of office until Monday")
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def learned(scene: Scene) -> Story:
    """A user forwards spam to the alias that teaches Rspamd."""
    mail = scene.outgoing(f"report-spam@{cast.BOOKS}", subject=f"Fwd: {scene.subject(words.SPAM)}")
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def mailbox_full(scene: Scene) -> Story:
    """Dovecot refuses for quota; the sender gets a notice."""
    mail = scene.inbound(cast.FULL_MAILBOX)
    target = mail.targets[0]
    at = yield from accepted(mail, scene)
    said = f"552 5.2.2 <{target.to}> Quota exceeded (mailbox for user is full)"
    reason = f"host dovecot[{cast.DOVECOT_IP}] said: {said} (in reply to end of DATA command)"
    session = identity.lmtp_session(scene.dice)
    deed = "failed to store into mailbox 'INBOX': Quota exceeded (mailbox for user is full)"
    yield at + 0.05, DOVECOT, lines.sieve(target, session, mail, deed)
    row = lines.delivery(
        "lmtp",
        mail,
        target,
        at + 0.09,
        f"dovecot[{cast.DOVECOT_IP}]:24",
        "5.2.2",
        f"bounced ({reason})",
        0.04,
    )
    yield at + 0.09, POSTFIX, row
    end = yield from notice(mail, scene, at + 0.12)
    yield min(end, at + 0.3), POSTFIX, lines.removed(mail)
