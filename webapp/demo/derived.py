"""Stories in which mailcow itself makes another mail out of one: redirect, copy, answer, release."""

from dataclasses import replace

from . import cast, rspamd
from .refused import spam, spam_mail
from .scene import Mail, Scene, Story, Target
from .steps import INBOX, RELEASE, accepted, delivered


def redirected(scene: Scene) -> Story:
    """A sieve rule forwards: same Message-ID, a new queue id on port 588, the mailbox as envelope sender."""
    owner, outside = next(iter(cast.REDIRECTS.items()))
    mail = scene.inbound(owner)
    at = yield from accepted(mail, scene)
    helo = f"{scene.dice.getrandbits(48):012x}"
    copy = scene.inside(
        mail,
        "sogo",
        cast.DOVECOT,
        at + 0.1,
        sender=owner,
        targets=(Target(outside),),
        helo=helo,
        size=mail.size + 1600,
    )
    copy = replace(copy, header_from=mail.sender)
    yield from delivered(mail, scene, at, f"redirect action: forwarded to <{outside}>")
    yield from delivered(copy, scene, (yield from accepted(copy, scene, rspamd.FORWARDED)))


def copied(scene: Scene) -> Story:
    """A BCC map: Rspamd sends a copy through port 591."""
    owner, archive = next(iter(cast.COPIED.items()))
    mail = scene.inbound(owner)
    at = yield from accepted(mail, scene)
    copy = scene.inside(mail, "bcc", cast.RSPAMD, at - 0.5, targets=(Target(archive),))
    yield from delivered(mail, scene, at)
    yield from delivered(copy, scene, (yield from accepted(copy, scene)))


def answered(scene: Scene) -> Story:
    """A vacation reply by sieve."""
    mail = scene.inbound(cast.ON_HOLIDAY)
    at = yield from accepted(mail, scene)
    deed = f"vacation action: sent vacation response to <{mail.sender}>"
    yield from delivered(mail, scene, at, deed, INBOX)
    target = mail.targets[0]
    plain_id = f"dovecot-sieve-{int(scene.start + at)}-{scene.dice.randrange(1_000_000)}-0@{cast.MAIL_HOST}"
    reply = scene.inside(
        mail, "sogo", cast.DOVECOT, at + 0.1, sender=target.to, targets=(Target(mail.sender),), size=1190
    )
    helo = f"{scene.dice.getrandbits(48):012x}"
    reply = replace(
        reply, logged_id=f"<{plain_id}>", rspamd_id=plain_id, subject=f"Auto: {mail.subject}", helo=helo
    )
    yield from delivered(reply, scene, (yield from accepted(reply, scene, rspamd.FORWARDED)))


def released(scene: Scene) -> Story:
    """A mail refused as spam is released from the quarantine a little later."""
    mail = replace(spam_mail(scene), size=9_480)
    yield from spam(scene, mail)
    begin = scene.dice.uniform(40, 900)
    yield from release(mail, scene, begin)
    yield begin, RELEASE, {"queue_id": mail.queue_id}


def release(mail: Mail, scene: Scene, begin: float) -> Story:
    """The quarantine hands the mail in through port 590."""
    for number, address in enumerate(dict.fromkeys(target.to for target in mail.targets)):
        copy = scene.inside(mail, "quarantine", cast.PHP, begin + number * 0.3, targets=(Target(address),))
        yield from delivered(copy, scene, (yield from accepted(copy, scene)))
