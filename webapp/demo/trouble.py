"""Stories of mail that is taken and then cannot be delivered, or not at once."""

from dataclasses import replace

from . import cast
from .scene import Mail, Scene, Story, Target
from .steps import POSTFIX, UNQUEUE, Part, accepted, delivered, failed, held, lines, notice, sent

DAYS_5 = 432_000
FULL = "452 4.2.2 The email account that you tried to reach is over quota"


def _refusal(address: str) -> tuple[str, str, cast.Host | None]:
    """A permanent failure: DSN, reason, relay."""
    host = cast.BY_DOMAIN.get(address.partition("@")[2], cast.STRICT).takes
    unknown = (
        f"host {host} said: 550 5.1.1 <{address}>: Recipient address rejected: User unknown (in reply to "
        f"RCPT TO command)"
    )
    blocked = (
        f"host {host} said: 554 5.7.1 [{cast.SERVER_IP}] Our system has detected that this message is "
        f"likely unsolicited mail"
    )
    if address.endswith(cast.GONE):
        return (
            "5.4.4",
            f"Host or domain name not found. Name service error for name={cast.GONE} type=AAAA: Host not "
            f"found",
            None,
        )
    if address.endswith(cast.STRICT.domain):
        return "5.7.1", f"{blocked} (in reply to end of DATA command)", host
    return "5.1.1", unknown, host


def bounced(scene: Scene) -> Story:
    """The remote server refuses for good; the user gets a notice."""
    address = scene.dice.choice(
        (f"nobody@{scene.partner().domain}", f"hello@{cast.GONE}", scene.person(cast.STRICT))
    )
    mail = scene.outgoing(address)
    at = yield from accepted(mail, scene)
    dsn, reason, host = _refusal(address)
    yield from failed(mail, at + 0.6, mail.targets[0], host, dsn, reason)
    yield from notice(mail, scene, at + 0.65)
    yield at + 0.8, POSTFIX, lines.removed(mail)


def mixed(scene: Scene) -> Story:
    """Two recipients: one gets the mail, one does not exist."""
    partner = scene.partner()
    wrong = f"{scene.dice.choice(('sekretariat2', 'old.address', 'mail'))}@{partner.domain}"
    mail = scene.outgoing(f"{partner.people[0]}@{partner.domain}", wrong)
    at = yield from accepted(mail, scene)
    dsn, reason, host = _refusal(wrong)
    end = yield from sent(mail, scene, at, mail.targets[0])
    yield from failed(mail, end, mail.targets[1], host, dsn, reason)
    yield from notice(mail, scene, end + 0.05)
    yield end + 0.2, POSTFIX, lines.removed(mail)


def _stuck(scene: Scene) -> tuple[cast.Organisation, cast.Host | None, str, str]:
    """A host that does not take mail now: it, the relay Postfix names, DSN, reason."""
    to = scene.dice.choice((cast.OVERFULL, cast.SILENT, cast.CLOSED))
    if to is cast.OVERFULL:
        return to, to.takes, "4.2.2", f"host {to.takes} said: {FULL} (in reply to RCPT TO command)"
    return (
        to,
        None,
        "4.4.1",
        f"connect to {to.takes}:25: Connection {'timed out' if to is cast.SILENT else 'refused'}",
    )


def _tries(first: float, until: float) -> list[float]:
    """When qmgr tries again, in seconds: 5 minutes after the first failure, then twice as late each time, at
    most 30 minutes."""
    moments, wait, at = [], 300.0, first + 300.0
    while at < until:
        moments.append(at)
        wait = min(wait * 2, 1800.0)
        at += wait
    return moments


def _kept(mail: Mail, at: float, target: Target, host: cast.Host | None, dsn: str, reason: str) -> Story:
    yield from failed(mail, at, target, host, dsn, reason, "deferred", 0.5 if host else 0.02)
    yield held(mail, at, {target.to: reason})


def deferred(scene: Scene, notice_after: float | None = None) -> Story:
    """Stays in the queue for long: every attempt fails, until the remote server is back."""
    to, host, dsn, reason = _stuck(scene)
    mail = scene.outgoing(scene.person(to))
    target = mail.targets[0]
    at = yield from accepted(mail, scene)
    yield from _kept(mail, at + 0.6, target, host, dsn, reason)
    until = max(scene.patience, (notice_after or 0) + 3000) * scene.dice.uniform(1.0, 1.5)
    warned = notice_after is None
    for again in _tries(at, until):
        yield again, POSTFIX, lines.active(mail)
        yield from _kept(mail, again + 0.6, target, host, dsn, reason)
        if not warned and again > (notice_after or 0):
            yield from notice(mail, scene, again + 0.7, "sender delay notification")
            warned = True
    yield until + 300, POSTFIX, lines.active(mail)
    end = yield from sent(mail, scene, until + 300, target, to)
    yield end + 0.02, POSTFIX, lines.removed(mail)
    yield end + 0.02, UNQUEUE, {"queue_id": mail.queue_id}


def delayed(scene: Scene) -> Story:
    """So long in the queue that the sender is told after four hours."""
    yield from deferred(scene, notice_after=14_400)


def greylisted_there(scene: Scene) -> Story:
    """The remote server greylists; the second attempt succeeds."""
    to = cast.GREYLISTING
    mail = scene.outgoing(scene.person(to))
    target = mail.targets[0]
    at = yield from accepted(mail, scene)
    refused = (
        f"451 4.7.1 <{target.to}>: Recipient address rejected: Greylisted, see "
        f"https://greylisting.example/help"
    )
    yield from _kept(
        mail,
        at + 0.6,
        target,
        to.takes,
        "4.7.1",
        f"host {to.takes} said: {refused} (in reply to RCPT TO command)",
    )
    again = at + scene.dice.uniform(310, 420)
    yield again, POSTFIX, lines.active(mail)
    end = yield from sent(mail, scene, again, target, to)
    yield end + 0.02, POSTFIX, lines.removed(mail)
    yield end + 0.02, UNQUEUE, {"queue_id": mail.queue_id}


def _gives_up(mail: Mail, scene: Scene, at: float, word: str = "expired") -> Part:
    yield (
        at,
        POSTFIX,
        lines.postfix("qmgr", f"{mail.queue_id}: from=<{mail.sender}>, status={word}, returned to sender"),
    )
    end = at + 0.1
    if mail.sender:
        end = yield from notice(mail, scene, at + 0.03)
    yield at + 0.2, POSTFIX, lines.removed(mail)
    yield at + 0.2, UNQUEUE, {"queue_id": mail.queue_id}
    return end


def expired(scene: Scene) -> Story:
    """The last attempt for a mail that has been in the queue for five days; what came before has left the
    log."""
    to, host, dsn, reason = _stuck(scene)
    arrived = -DAYS_5 - scene.dice.uniform(5, 900)
    fresh = scene.outgoing(scene.person(to))
    mail = replace(fresh, queue_id=scene.queue_id(arrived), begin=arrived)
    target = mail.targets[0]
    yield held(mail, -3600.0, {target.to: reason})
    yield 0.1, POSTFIX, lines.active(mail)
    yield from failed(mail, 0.7, target, host, dsn, reason, "deferred", 0.5 if host else 0.02)
    yield from _gives_up(mail, scene, 0.75)


def expired_by_admin(scene: Scene) -> Story:
    """The administrator lets a mail expire (postsuper -f)."""
    to, host, dsn, reason = _stuck(scene)
    mail = scene.outgoing(scene.person(to))
    target = mail.targets[0]
    at = yield from accepted(mail, scene)
    yield from _kept(mail, at + 0.6, target, host, dsn, reason)
    yield at + 20.6, POSTFIX, lines.active(mail)
    yield from failed(mail, at + 21.2, target, host, dsn, reason, "deferred", 0.5 if host else 0.02)
    yield from _gives_up(mail, scene, at + 21.25, "force-expired")


def notice_expired(scene: Scene) -> Story:
    """An automatic mail without sender is tried once and dropped (bounce_queue_lifetime = 0)."""
    to, host, dsn, reason = _stuck(scene)
    mail = scene.outgoing(
        scene.person(to),
        sender="",
        service="sogo",
        user=f"events@{cast.BOOKS}",
        subject="Automatic reply: Readings",
    )
    at = yield from accepted(mail, scene)
    yield from failed(mail, at + 0.6, mail.targets[0], host, dsn, reason, "deferred", 0.5 if host else 0.02)
    yield from _gives_up(mail, scene, at + 0.65)


def retried_inside(scene: Scene) -> Story:
    """Dovecot is restarting: the mail waits five minutes and is stored then."""
    mail = scene.inbound()
    target = mail.targets[0]
    at = yield from accepted(mail, scene)
    reason = f"connect to dovecot[{cast.DOVECOT_IP}]:24: Connection refused"
    yield at + 0.05, POSTFIX, lines.postfix("lmtp", reason)
    yield (
        at + 0.06,
        POSTFIX,
        lines.delivery("lmtp", mail, target, at + 0.06, "none", "4.4.1", f"deferred ({reason})", 0.01),
    )
    yield held(mail, at + 0.06, {target.to: reason})
    again = at + scene.dice.uniform(305, 380)
    yield again, POSTFIX, lines.active(mail)
    end = yield from delivered(mail, scene, again)
    yield end, UNQUEUE, {"queue_id": mail.queue_id}
