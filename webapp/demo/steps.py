"""The parts that stories share: a mail comes in, is stored, is sent on, fails, is noticed."""

import time
from collections.abc import Sequence

from . import cast, identity, lines, rspamd
from .cast import Host, Organisation
from .scene import Mail, Part, Row, Scene, Step, Story, Target

POSTFIX, RSPAMD, NETFILTER, DOVECOT = "postfix", "rspamd-history", "netfilter", "dovecot"
QUEUE, UNQUEUE, QUARANTINE, RELEASE, RATELIMITED = "queue", "unqueue", "quarantine", "release", "ratelimited"


def greeted(mail: Mail, scene: Scene) -> Story:
    """postscreen lets a known client through to smtpd."""
    begin, port = mail.begin, scene.dice.randrange(32_768, 60_999)
    verdict = "PASS NEW" if scene.dice.random() < 0.15 else "PASS OLD"
    permit = lines.postfix("postscreen", f"{verdict} [{mail.client.ip}]:{port}")
    looked_up = f"Look up {mail.client.ip} on whitelist, result 200 DUNNO"
    yield (
        begin,
        POSTFIX,
        lines.postfix("postscreen", f"CONNECT from [{mail.client.ip}]:{port} to [{cast.POSTFIX_IP}]:25"),
    )
    yield begin + 0.03, POSTFIX, {**lines.postfix("x", looked_up), "program": "whitelist_forwardinghosts"}
    yield begin + 0.09, POSTFIX, permit


def handed_in(mail: Mail, scene: Scene, refused: Sequence[Step] = ()) -> Story:
    """The client's session up to the end of the header: connection, queue id, Message-ID."""
    begin = mail.begin
    if not mail.service:
        yield from greeted(mail, scene)
    yield begin + 0.15, POSTFIX, lines.connect(mail)
    if encrypts(mail):
        yield begin + 0.3, POSTFIX, lines.encrypted_from(mail)
    yield mail.entered(), POSTFIX, lines.client(mail)
    yield from refused
    if mail.service in ("submission", "smtps", "sogo"):
        yield begin + 0.5, POSTFIX, lines.received_replaced(mail)
    yield begin + 0.55, POSTFIX, lines.message_id(mail)


def encrypts(mail: Mail) -> bool:
    return mail.service in ("", "submission", "smtps")


def scanned(
    mail: Mail, scene: Scene, action: str, names: tuple[str, ...], module: str = "", **changed: list[str]
) -> Row:
    return rspamd.row(mail, action, names, scene.dice, module, changed)


def judged(mail: Mail, row: Row, at: float) -> Story:
    """Rspamd has finished: its row, and the quarantine's copy of what it takes for spam."""
    yield at, RSPAMD, row
    if row["action"] in ("reject", "add header", "rewrite subject"):
        yield at, QUARANTINE, {"mail": mail, "row": row}


def accepted(
    mail: Mail,
    scene: Scene,
    names: tuple[str, ...] = (),
    action: str = "no action",
    refused: Sequence[Step] = (),
) -> Part:
    """A mail is taken into the queue."""
    yield from handed_in(mail, scene, refused)
    at = mail.begin + 0.7
    if mail.service not in ("quarantine", "bcc"):
        row = scanned(mail, scene, action, names or (rspamd.OUTGOING if mail.user else rspamd.HAM))
        at = mail.begin + 0.6 + row["time_real"]
        yield from judged(mail, row, at)
    yield at + 0.08, POSTFIX, lines.active(mail)
    yield at + 0.14, POSTFIX, lines.disconnect(mail, refused=len(refused), encrypted=encrypts(mail))
    return at + 0.1


def held(mail: Mail, at: float, reasons: dict[str, str]) -> Step:
    """The mail queue keeps a mail: address -> why."""
    return at, QUEUE, {"mail": mail, "reasons": reasons}


INBOX = "stored mail into mailbox 'INBOX'"


def stored(mail: Mail, scene: Scene, at: float, target: Target, *deeds: str) -> Story:
    """Dovecot takes the mail for one mailbox; `deeds` are what it logs, by default that it is in INBOX."""
    session = identity.lmtp_session(scene.dice)
    process = 1000 + mail.size % 4000
    yield at + 0.02, DOVECOT, lines.dovecot(f"lmtp({process}): Connect from {cast.POSTFIX_IP}")
    for deed in deeds or (INBOX,):
        yield at + 0.06, DOVECOT, lines.sieve(target, session, mail, deed)
    yield at + 0.08, POSTFIX, lines.stored(mail, target, at + 0.08, session)
    yield (
        at + 0.1,
        DOVECOT,
        lines.dovecot(f"lmtp({process}): Disconnect from {cast.POSTFIX_IP}: Logged out (state=READY)"),
    )


def thanks(scene: Scene) -> str:
    """What a remote server says when it has taken a mail."""
    number = scene.dice.getrandbits(40)
    google = f"250 2.0.0 OK  {int(scene.start)} {number:x}-aa4f575sor{number % 10**9}66b.5 - gsmtp"
    return scene.dice.choice(
        (f"250 2.0.0 Ok: queued as {number:010X}", f"250 OK id=1tE{number:010X}-0000AB-1x", google)
    )


def sent(
    mail: Mail, scene: Scene, at: float, target: Target, to: Organisation | None = None, program: str = "smtp"
) -> Part:
    """A remote server takes the mail for one recipient; returns when."""
    to = to or cast.BY_DOMAIN[target.to.partition("@")[2]]
    talk = scene.dice.uniform(0.25, 1.9)
    yield at + talk * 0.5, POSTFIX, lines.encrypted_to(to.takes, program)
    yield (
        at + talk,
        POSTFIX,
        lines.delivery(
            program, mail, target, at + talk, f"{to.takes}:25", "2.0.0", f"sent ({thanks(scene)})", talk
        ),
    )
    return at + talk


def delivered(mail: Mail, scene: Scene, at: float, *deeds: str) -> Part:
    """Every recipient gets the mail, then it leaves the queue."""
    end = at
    for number, target in enumerate(mail.targets):
        begin = at + 0.04 * number
        if target.is_mailbox:
            yield from stored(mail, scene, begin, target, *deeds)
            end = max(end, begin + 0.1)
        elif target.to == "null@localhost":
            saved = lines.delivery(
                "local",
                mail,
                target,
                begin + 0.03,
                "local",
                "2.0.0",
                "sent (delivered to file: /dev/null)",
                0,
            )
            yield begin + 0.03, POSTFIX, saved
        elif target.to == "spam@localhost":
            learned = "sent (delivered to command: /usr/local/bin/rspamd-pipe-spam)"
            yield (
                begin + 0.3,
                POSTFIX,
                lines.delivery("local", mail, target, begin + 0.3, "local", "2.0.0", learned, 0.27),
            )
            end = max(end, begin + 0.3)
        else:
            end = max(end, (yield from sent(mail, scene, begin, target)))
    yield end + 0.02, POSTFIX, lines.removed(mail)
    return end + 0.02


def failed(
    mail: Mail,
    at: float,
    target: Target,
    host: Host | None,
    dsn: str,
    reason: str,
    word: str = "bounced",
    talk: float = 0.4,
) -> Story:
    """One recipient's delivery fails; a temporary failure logs the answer twice, as Postfix does."""
    relay = f"{host}:25" if host else "none"
    if word == "deferred" and host:
        yield at - 0.01, POSTFIX, lines.postfix("smtp", f"{mail.queue_id}: {reason}")
    elif word == "deferred" and reason.startswith("connect to"):
        yield at - 0.01, POSTFIX, lines.postfix("smtp", reason)
    yield at, POSTFIX, lines.delivery("smtp", mail, target, at, relay, dsn, f"{word} ({reason})", talk)


def notice(mail: Mail, scene: Scene, at: float, kind: str = "sender non-delivery notification") -> Part:
    """Postfix writes to the sender about a mail; the new mail's rows come before the row that links both."""
    new_id = scene.queue_id(at)
    moment = time.strftime("%Y%m%d%H%M%S", time.gmtime(mail.clock + at))
    plain_id = f"{new_id}@{cast.MAIL_HOST}" if scene.long_ids else f"{moment}.{new_id}@{cast.MAIL_HOST}"
    dsn = Mail(
        queue_id=new_id,
        sender="",
        targets=(Target(mail.sender),),
        client=Host("", ""),
        helo="",
        logged_id=f"<{plain_id}>",
        rspamd_id=plain_id,
        subject="Undelivered Mail Returned to Sender",
        size=mail.size + 2500,
        clock=mail.clock,
        begin=at - 0.45,
    )
    yield at, POSTFIX, lines.message_id(dsn)
    yield at + 0.05, POSTFIX, lines.active(dsn)
    yield at + 0.08, POSTFIX, lines.postfix("bounce", f"{mail.queue_id}: {kind}: {new_id}")
    return (yield from delivered(dsn, scene, at + 0.09))
