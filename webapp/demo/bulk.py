"""Prepared log rows in bulk, for benchmarks: many lines a second, with constant memory."""

import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, NamedTuple

from . import cast, rspamd
from .bulkdovecot import dovecot_lines, session
from .lines import TLS
from .scene import Row
from .state import State

PEOPLE = 2000
WORDS = (
    *("order", "invoice", "reading", "catalogue", "Bestellung", "Rechnung", "Angebot", "Termin"),
    *("devis", "commande", "meeting", "display", "delivery", "school", "boat"),
)
DOVECOT = f"dovecot[{cast.DOVECOT_IP}]:24"
# A quarter of a second; rows of concurrent mails interleave at this grain.
TICKS = 4

Line = tuple[int, str, str]


class Bulk(NamedTuple):
    """What one prepared mail is made of."""

    queue_id: str
    second_id: str
    sender: str
    recipient: str
    other: str
    client: str
    relay: str
    message_id: str
    size: int


def _arrives(mail: Bulk, service: str = "postfix/smtpd", count: int = 1) -> list[Line]:
    queue_id, _, sender, _, _, client, _, message_id, size = mail
    return [
        (0, service, f"connect from {client}"),
        (1, service, f"Anonymous TLS connection established from {client}: {TLS}"),
        (1, service, f"{queue_id}: client={client}"),
        (1, "postfix/cleanup", f"{queue_id}: message-id=<{message_id}>"),
        (3, "postfix/qmgr", f"{queue_id}: from=<{sender}>, size={size}, nrcpt={count} (queue active)"),
        (
            3,
            service,
            f"disconnect from {client} ehlo=2 starttls=1 mail=1 rcpt={count} data=1 quit=1 "
            f"commands={6 + count}",
        ),
    ]


def _screened(mail: Bulk) -> list[Line]:
    ip = mail.client.partition("[")[2][:-1]
    return [
        (
            0,
            "postfix/postscreen",
            f"CONNECT from [{ip}]:{32768 + mail.size % 20000} to [{cast.POSTFIX_IP}]:25",
        ),
        (0, "whitelist_forwardinghosts", f"Look up {ip} on whitelist, result 200 DUNNO"),
        (0, "postfix/postscreen", f"PASS OLD [{ip}]:{32768 + mail.size % 20000}"),
    ]


def _stored(queue_id: str, to: str, orig: str = "", tick: int = 4) -> Line:
    saved = f"250 2.0.0 <{to}> {session(queue_id, to)} Saved"
    told = f"delay=0.78, delays=0.74/0.01/0.01/0.02, dsn=2.0.0, status=sent ({saved})"
    return (tick, "postfix/lmtp", f"{queue_id}: to=<{to}>, {orig}relay={DOVECOT}, {told}")


def _removed(queue_id: str, tick: int = 4) -> Line:
    return (tick, "postfix/qmgr", f"{queue_id}: removed")


def inbound(mail: Bulk) -> list[Line]:
    return [
        *_screened(mail),
        *_arrives(mail),
        _stored(mail.queue_id, mail.recipient),
        _removed(mail.queue_id),
    ]


def listed(mail: Bulk) -> str:
    """The alias that leads to a mail's two recipients."""
    return f"list.{mail.recipient}"


def alias(mail: Bulk) -> list[Line]:
    orig = f"orig_to=<{listed(mail)}>, "
    queue_id = mail.queue_id
    both = [_stored(queue_id, mail.recipient, orig), _stored(queue_id, mail.other, orig)]
    return [*_screened(mail), *_arrives(mail, count=2), *both, _removed(queue_id)]


def outbound(mail: Bulk) -> list[Line]:
    queue_id = mail.queue_id
    lines = _arrives(mail, "postfix/submission/smtpd")
    lines[2] = (
        1,
        "postfix/submission/smtpd",
        f"{queue_id}: client={mail.client}, sasl_method=PLAIN, sasl_username={mail.sender}",
    )
    told = (
        f"delay=1.4, delays=0.74/0.01/0.2/0.42, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as "
        f"{mail.second_id})"
    )
    return [
        *lines,
        (5, "postfix/smtp", f"Trusted TLS connection established to {mail.relay}:25: {TLS}"),
        (6, "postfix/smtp", f"{queue_id}: to=<{mail.recipient}>, relay={mail.relay}:25, {told}"),
        _removed(queue_id, 6),
    ]


def deferred(mail: Bulk) -> list[Line]:
    """Deferred, and delivered ten minutes later."""
    queue_id, later = mail.queue_id, 600 * TICKS
    reason = f"connect to {mail.relay}:25: Connection timed out"
    failed = f"delay=31, delays=0.7/0.02/30/0, dsn=4.4.1, status=deferred ({reason})"
    told = (
        f"delay=601, delays=600/0.01/0.2/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as "
        f"{mail.second_id})"
    )
    return [
        *outbound(mail)[:6],
        (124, "postfix/smtp", reason),
        (124, "postfix/smtp", f"{queue_id}: to=<{mail.recipient}>, relay=none, {failed}"),
        (
            later,
            "postfix/qmgr",
            f"{queue_id}: from=<{mail.sender}>, size={mail.size}, nrcpt=1 (queue active)",
        ),
        (later + 2, "postfix/smtp", f"{queue_id}: to=<{mail.recipient}>, relay={mail.relay}:25, {told}"),
        _removed(queue_id, later + 2),
    ]


def bounced(mail: Bulk) -> list[Line]:
    queue_id, notice = mail.queue_id, mail.second_id
    unknown = (
        f"550 5.1.1 <{mail.recipient}>: Recipient address rejected: User unknown (in reply to RCPT TO "
        f"command)"
    )
    failed = (
        f"delay=1.1, delays=0.7/0.02/0.3/0.1, dsn=5.1.1, status=bounced (host {mail.relay} said: {unknown})"
    )
    return [
        *outbound(mail)[:6],
        (5, "postfix/smtp", f"{queue_id}: to=<{mail.recipient}>, relay={mail.relay}:25, {failed}"),
        (5, "postfix/cleanup", f"{notice}: message-id=<{notice}.{mail.message_id[:12]}@{cast.MAIL_HOST}>"),
        (5, "postfix/qmgr", f"{notice}: from=<>, size={mail.size + 2500}, nrcpt=1 (queue active)"),
        (5, "postfix/bounce", f"{queue_id}: sender non-delivery notification: {notice}"),
        _removed(queue_id, 5),
        _stored(notice, mail.sender, tick=6),
        _removed(notice, 6),
    ]


def refused_spam(mail: Bulk) -> list[Line]:
    queue_id = mail.queue_id
    tail = f"from=<{mail.sender}> to=<{mail.recipient}> proto=ESMTP helo=<mx.win-now.example>"
    reply = "5.7.1 This message does not meet our delivery requirements"
    return [
        *_screened(mail),
        *_arrives(mail)[:4],
        (
            3,
            "postfix/cleanup",
            f"{queue_id}: milter-reject: END-OF-MESSAGE from {mail.client}: {reply}; {tail}",
        ),
        (3, "postfix/cleanup", f"{queue_id}: removed (canceled)"),
        (
            3,
            "postfix/smtpd",
            f"disconnect from {mail.client} ehlo=2 starttls=1 mail=1 rcpt=1 data=0/1 quit=1 commands=6/7",
        ),
    ]


def refused_user(mail: Bulk) -> list[Line]:
    wrong = f"x{mail.size}.{mail.recipient}"
    reply = f"550 5.1.1 <{wrong}>: Recipient address rejected: User unknown in virtual mailbox table"
    tail = f"from=<{mail.sender}> to=<{wrong}> proto=ESMTP helo=<mx.win-now.example>"
    return [
        *_screened(mail),
        *_arrives(mail)[:2],
        (2, "postfix/smtpd", f"NOQUEUE: reject: RCPT from {mail.client}: {reply}; {tail}"),
        (
            3,
            "postfix/smtpd",
            f"disconnect from {mail.client} ehlo=2 starttls=1 mail=1 rcpt=0/1 rset=1 quit=1 commands=6/7",
        ),
    ]


# Story, its share in percent, whether a user of ours sends, Rspamd's action (None: it never sees the mail),
# Rspamd's symbols.
MIX: tuple[tuple[Callable[[Bulk], list[Line]], int, bool, str | None, tuple[str, ...]], ...] = (
    (inbound, 52, False, "no action", rspamd.HAM),
    (alias, 10, False, "no action", rspamd.NEWSLETTER),
    (outbound, 22, True, "no action", rspamd.OUTGOING),
    (deferred, 3, True, "no action", rspamd.OUTGOING),
    (bounced, 3, True, "no action", rspamd.OUTGOING),
    (inbound, 2, False, "add header", rspamd.JUNK),
    (refused_spam, 4, False, "reject", rspamd.REJECTED),
    (refused_user, 4, False, None, ()),
)


def _rspamd_row(
    mail: Bulk, recipient: str, symbols: Row, action: str, score: float, subject: str, ours: bool
) -> Row:
    return {
        "symbols": symbols,
        "thresholds": rspamd.THRESHOLDS,
        "subject": subject,
        "action": action,
        "required_score": 15,
        "time_real": 0.412345,
        "score": score,
        "size": mail.size - 240,
        "message-id": mail.message_id,
        "ip": mail.client.partition("[")[2][:-1],
        "user": mail.sender if ours else "unknown",
        "sender_smtp": mail.sender,
        "sender_mime": mail.sender,
        "rcpt_smtp": [recipient],
        "rcpt_mime": [recipient],
        "is_skipped": False,
    }


class _Cast:
    """The people, subjects and ready-made symbols that prepared mails draw from."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.salt = f"{self.dice.getrandbits(32):08x}"
        self.local = [f"user{n}@{cast.BOOKS if n % 3 else cast.WERFT}" for n in range(PEOPLE)]
        self.remote = [f"person{n}@{cast.PARTNERS[n % len(cast.PARTNERS)].domain}" for n in range(PEOPLE)]
        self.subjects = [f"{' '.join(self.dice.sample(WORDS, 3))} {n}" for n in range(PEOPLE)]
        self.sends = [str(partner.sends) for partner in cast.PARTNERS]
        self.takes = [str(partner.takes) for partner in cast.PARTNERS]
        self.homes = [str(client) for client in cast.HOME_CLIENTS]
        self.deck = [row for row in MIX for _ in range(row[1])]
        self.dice.shuffle(self.deck)
        self.symbols = {row[4]: self._symbols(row[4]) for row in MIX if row[4]}

    @staticmethod
    def _symbols(names: tuple[str, ...]) -> tuple[Row, float]:
        made: Row = {}
        for name in names:
            score, description = rspamd.SYMBOLS[name]
            made[name] = {"name": name, "score": score, "metric_score": score} | (
                {"description": description} if description else {}
            )
        return made, round(sum(one["score"] for one in made.values()), 4)

    def mail(self, number: int, ours: bool) -> Bulk:
        pick = int(self.dice.random() * PEOPLE)
        other = (pick * 7 + number) % PEOPLE
        partner = pick % len(self.sends)
        block, rest = divmod(number, 500_000)
        clock, inode = rest * 7919 % 500_000, 0x2E67D0 + block * 4000 + number * 13 % 4000
        local, remote = self.local[pick], self.remote[other]
        return Bulk(
            f"{clock:05X}{inode:X}",
            f"{clock + 500_000:05X}{inode:X}",
            local if ours else remote,
            remote if ours else local,
            self.local[other],
            self.homes[pick % len(self.homes)] if ours else self.sends[other % len(self.sends)],
            self.takes[partner],
            f"{number:x}.{self.salt}.{pick}@{cast.BOOKS if ours else 'lists.example'}",
            1500 + (pick * 31 + number) % 90_000,
        )


Prepared = tuple[int, list[Line], str | None, Row | None, Iterator[tuple[int, str]]]


def _mails(seed: int, start: float, gap: float) -> Iterator[Prepared]:
    """For each mail its tick, its lines, a netfilter text now and then, Rspamd's row, and Dovecot's lines."""
    people = _Cast(seed)
    for number in count():
        tick = int((start + number * gap) * TICKS)
        story, _, ours, action, names = people.deck[number % 100]
        mail = people.mail(number, ours)
        row = None
        if action:
            symbols, score = people.symbols[names]
            to = listed(mail) if story is alias else mail.recipient
            row = _rspamd_row(mail, to, symbols, action, score, people.subjects[mail.size % PEOPLE], ours)
        ip = f"203.0.113.{210 + number % 40}" if number % 200 == 7 else None
        rows = story(mail)
        folder = "Junk" if action == "add header" else "INBOX"
        yield tick, rows, ip, row, dovecot_lines(rows, mail.message_id, folder, number)


def bulk_rows(lines: int, days: float, end: float, seed: int = 1) -> Iterator[tuple[str, Row]]:
    """`lines` Postfix rows over the `days` before `end` (epoch seconds), oldest first, with the other lists'
    rows between them.

    Yields (list name, row) with rows as mailcow's API returns them.
    """
    seconds = days * 86_400
    start = end - seconds
    gap = seconds / (lines / LINES_PER_MAIL) if lines else 1.0
    waiting: defaultdict[int, list[tuple[str | None, Any, str]]] = defaultdict(list)
    left, tick, last = lines, int(start * TICKS), int(end * TICKS)
    for begin, rows, attacker, scanned, logged in _mails(seed, start, gap):
        while tick < begin:
            if tick in waiting:
                second = tick // TICKS
                stamp = str(second)
                for program, content, priority in waiting.pop(tick):
                    if program is None:
                        yield priority, content
                        continue
                    yield (
                        "postfix",
                        {"time": stamp, "program": program, "priority": priority, "message": content},
                    )
                    left -= 1
                    if not left:
                        return
            tick += 1
        for offset, program, message in rows:
            waiting[min(begin + offset, last) if begin < last else begin + offset].append(
                (program, message, "info")
            )
        if scanned:
            scanned["unix_time"] = begin // TICKS
            waiting[begin + 2].append((None, scanned, "rspamd-history"))
        for offset, told in logged:
            second = (begin + offset) // TICKS
            waiting[begin + offset].append(
                (
                    None,
                    {"time": str(second), "program": "dovecot", "priority": "info", "message": told},
                    "dovecot",
                )
            )
        if attacker:
            text = (
                f"{attacker} matched rule id 3 (warning: unknown[{attacker}]: SASL LOGIN authentication "
                f"failed: (reason unavailable))"
            )
            waiting[begin].append(
                (None, {"time": begin // TICKS, "priority": "warn", "message": text}, "netfilter")
            )


LINES_PER_MAIL = (
    sum(
        share * len(story(Bulk("A", "B", "c@d", "e@f", "g@h", "i[j]", "k[l]", "m@n", 1)))
        for story, share, *_ in MIX
    )
    / 100
)


class RowState(State):
    """A state whose lists hold prepared rows, let in by the benchmark. `lines` and `days` as for
    `bulk_rows`."""

    def __init__(self, lines: int, days: float = 1.0, seed: int = 1, ring: int = 10_000) -> None:
        super().__init__(seed=seed, history=0.0, ring=ring)
        self.left = lines
        self.rows = bulk_rows(lines, days, time.time(), seed)

    def advance(self) -> float:
        """Nothing happens by itself."""
        return self.clock()

    def let_in(self, rows: int) -> int:
        """Write the next `rows` Postfix rows and what lies between them; returns how many Postfix rows there
        were."""
        wanted = min(rows, self.left)
        written = 0
        with self.lock:
            while written < wanted:
                name, row = next(self.rows)
                self.lists[name].appendleft(json.dumps(row, ensure_ascii=False))
                written += name == "postfix"
            self.left -= written
        return written
