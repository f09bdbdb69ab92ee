"""Stories of mail that the server does not take."""

from dataclasses import replace

from . import cast, rspamd, words
from .lines import clock
from .scene import Mail, Scene, Story
from .steps import POSTFIX, RSPAMD, accepted, delivered, greeted, handed_in, judged, lines, scanned

REJECT = "5.7.1 This message does not meet our delivery requirements"
GREYLIST = "4.7.1 Greylisted, please try again later"


def unknown(address: str) -> str:
    return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table"


def turned_away(mail: Mail, scene: Scene, *replies: tuple[str, str]) -> Story:
    """A whole session in which every recipient is refused: (recipient, reply) in order."""
    if not mail.service:
        yield from greeted(mail, scene)
    yield mail.begin + 0.15, POSTFIX, lines.connect(mail)
    yield mail.begin + 0.3, POSTFIX, lines.encrypted_from(mail)
    for number, (recipient, reply) in enumerate(replies):
        yield mail.begin + 0.5 + number * 0.06, POSTFIX, lines.refused(mail, recipient, reply)
    yield mail.begin + 0.9, POSTFIX, lines.turned_away(mail, len(replies))


def unknown_user(scene: Scene) -> Story:
    address = f"{scene.dice.choice(words.MISTYPED)}@{cast.BOOKS}"
    yield from turned_away(scene.inbound(address), scene, (address, unknown(address)))


def colleague_mistyped(scene: Scene) -> Story:
    """The user's own mail program hears at once that the colleague does not exist."""
    address = f"{scene.dice.choice(words.MISTYPED)}@{cast.BOOKS}"
    yield from turned_away(scene.outgoing(address), scene, (address, unknown(address)))


def foreign_sender_address(scene: Scene) -> Story:
    mail = scene.outgoing(user=f"events@{cast.BOOKS}", sender=f"accounts@{cast.BOOKS}")
    reply = f"553 5.7.1 <{mail.sender}>: Sender address rejected: not owned by user {mail.user}"
    yield from turned_away(mail, scene, (mail.envelope[0], reply))


def relay_denied(scene: Scene) -> Story:
    mail = scene.inbound(
        "victim@freemail.example", client=scene.dice.choice(cast.SPAMMERS), helo="win-now.example"
    )
    yield from turned_away(
        mail, scene, (mail.envelope[0], "554 5.7.1 <victim@freemail.example>: Relay access denied")
    )


def blocked_by_list(scene: Scene) -> Story:
    """postscreen knows the client from a block list."""
    ip, port, to = scene.dice.choice(cast.LISTED), scene.dice.randrange(32_768, 60_999), scene.mailbox()
    who = f"[{ip}]:{port}"
    listed = f"addr {ip} listed by domain zen.spamhaus.org as 127.0.0.{scene.dice.choice((2, 3, 4, 10))}"
    reply = f"550 5.7.1 Service unavailable; client [{ip}] blocked using zen.spamhaus.org"
    tail = (
        f"from=<{scene.dice.choice(words.SPAM_NAMES)}@win-now.example>, to=<{to}>, proto=ESMTP, "
        f"helo=<[127.0.0.1]>"
    )
    yield 0.0, POSTFIX, lines.postfix("postscreen", f"CONNECT from {who} to [{cast.POSTFIX_IP}]:25")
    yield (
        0.03,
        POSTFIX,
        {
            **lines.postfix("x", f"Look up {ip} on whitelist, result 200 DUNNO"),
            "program": "whitelist_forwardinghosts",
        },
    )
    yield 0.06, POSTFIX, lines.postfix("dnsblog", listed)
    yield 3.1, POSTFIX, lines.postfix("postscreen", f"DNSBL rank 8 for {who}")
    yield 3.5, POSTFIX, lines.postfix("postscreen", f"NOQUEUE: reject: RCPT from {who}: {reply}; {tail}")
    yield 3.7, POSTFIX, lines.postfix("postscreen", f"DISCONNECT {who}")


def spam(scene: Scene, mail: Mail | None = None) -> Story:
    """Rspamd refuses the mail after its end; the quarantine keeps a copy."""
    mail = mail or spam_mail(scene)
    yield from handed_in(mail, scene)
    row = scanned(mail, scene, "reject", rspamd.REJECTED)
    at = mail.begin + 0.6 + row["time_real"]
    yield from judged(mail, row, at)
    yield at + 0.03, POSTFIX, lines.milter_reject(mail, REJECT)
    yield at + 0.05, POSTFIX, lines.canceled(mail)
    yield at + 0.1, POSTFIX, lines.disconnect(mail, data_refused=True)


def spam_mail(scene: Scene) -> Mail:
    return scene.inbound(
        *(
            [scene.mailbox()]
            if scene.dice.random() < 0.7
            else dict.fromkeys((scene.mailbox(), scene.mailbox()))
        ),
        client=scene.dice.choice(cast.SPAMMERS),
        helo="mx3.win-now.example",
        sender=f"{scene.dice.choice(words.SPAM_NAMES)}@win-now.example",
        subject=scene.subject(words.SPAM),
    )


def greylisted(scene: Scene) -> Story:
    """Refused for now, and delivered when the client tries again: two queue ids, one Message-ID."""
    first = scene.inbound()
    yield from handed_in(first, scene)
    wait = clock(scene.start + 300)[:25] + " GMT"
    row = scanned(
        first,
        scene,
        "soft reject",
        rspamd.SUSPICIOUS,
        "greylist",
        GREYLIST=["greylisted", wait, "new record"],
    )
    at = 0.6 + row["time_real"]
    yield at, RSPAMD, row
    yield at + 0.03, POSTFIX, lines.milter_reject(first, GREYLIST)
    yield at + 0.05, POSTFIX, lines.canceled(first)
    yield at + 0.1, POSTFIX, lines.disconnect(first, data_refused=True)
    begin = scene.dice.uniform(310, 640)
    again = replace(first, queue_id=scene.queue_id(begin), begin=begin)
    yield from delivered(again, scene, (yield from accepted(again, scene, rspamd.SUSPICIOUS)))


def one_of_two_unknown(scene: Scene) -> Story:
    """One recipient is refused after another was accepted: the row has the queue id."""
    good, wrong = scene.mailbox(), f"{scene.dice.choice(words.MISTYPED)}@{cast.BOOKS}"
    mail = scene.inbound(good)
    row = lines.refused(mail, wrong, unknown(wrong), mail.queue_id)
    at = yield from accepted(mail, scene, refused=[(mail.entered() + 0.05, POSTFIX, row)])
    yield from delivered(mail, scene, at)
