"""Stories of mail that the server's own users send, and of mail between them."""

from . import cast, identity, words
from .scene import Scene, Story
from .steps import RATELIMITED, RSPAMD, accepted, delivered, handed_in, lines, scanned

POSTFIX = "postfix"


def plain(scene: Scene) -> Story:
    mail = scene.outgoing()
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def from_webmail(scene: Scene) -> Story:
    mail = scene.outgoing(service="sogo")
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def internal(scene: Scene) -> Story:
    mail = scene.outgoing(scene.mailbox(), subject=scene.subject(words.INTERNAL))
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def internal_to_alias(scene: Scene) -> Story:
    mail = scene.outgoing(
        f"werft@{cast.WERFT}",
        service="sogo",
        user=f"technik@{cast.WERFT}",
        subject=scene.subject(words.INTERNAL),
    )
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def inside_and_outside(scene: Scene) -> Story:
    mail = scene.outgoing(scene.mailbox(), scene.person())
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def mailing(scene: Scene) -> Story:
    """A letter to 5-20 readers in one go."""
    count = scene.dice.randint(5, 20)
    readers = list(dict.fromkeys(scene.person() for _ in range(3 * count)))[:count]
    mail = scene.outgoing(
        *readers,
        user=f"newsletter@{cast.BOOKS}",
        service="submission",
        subject=scene.subject(words.NEWSLETTER),
    )
    yield from delivered(mail, scene, (yield from accepted(mail, scene)))


def rate_limited(scene: Scene) -> Story:
    """More than the mailbox may send: the mail is refused for now."""
    user = f"newsletter@{cast.BOOKS}"
    mail = scene.outgoing(user=user, service="submission")
    yield from handed_in(mail, scene)
    row = scanned(mail, scene, "soft reject", ("MAILCOW_AUTH", "DYN_RL_CHECK", "RATELIMITED"), "ratelimit")
    at = mail.begin + 0.6 + row["time_real"]
    yield at, RSPAMD, row
    yield at + 0.02, POSTFIX, lines.milter_reject(mail, '4.7.1 Ratelimit "mailcow" exceeded')
    yield at + 0.05, POSTFIX, lines.canceled(mail)
    yield at + 0.1, POSTFIX, lines.disconnect(mail, data_refused=True)
    digest = "".join(scene.dice.choices("abcdefghijkmnpqrstuvwxyz13456789", k=26))
    yield (
        at,
        RATELIMITED,
        {
            "rcpt": ",".join(mail.envelope),
            "from": mail.sender,
            "user": user,
            "rl_info": f"mailcow(RL{digest[2:]})",
            "rl_name": "mailcow",
            "rl_hash": f"RL{digest[2:]}",
            "qid": mail.queue_id,
            "ip": mail.client.ip,
            "message_id": mail.rspamd_id,
            "header_subject": mail.subject,
            "header_from": f'"{cast.MAILBOXES[user]}" <{user}>',
        },
    )


def from_cron(scene: Scene) -> Story:
    """A mail that the server itself hands in by sendmail."""
    sender = f"root@{cast.MAIL_HOST}"
    plain_id = f"{identity.short_queue_id(scene.dice)}.{int(scene.start)}@{cast.MAIL_HOST}"
    mail = scene.outgoing(
        f"postmaster@{cast.BOOKS}", user=sender, logged_id=f"<{plain_id}>", rspamd_id=plain_id, size=1433
    )
    yield 0.4, POSTFIX, lines.postfix("pickup", f"{mail.queue_id}: uid=0 from=<{sender}>")
    yield 0.5, POSTFIX, lines.message_id(mail)
    yield 0.6, POSTFIX, lines.active(mail)
    yield from delivered(mail, scene, 0.62)
