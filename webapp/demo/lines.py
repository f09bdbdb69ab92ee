"""The wording of Postfix, Dovecot and netfilter log lines (Postfix 3.10, Dovecot 2.3), one function per
line."""

import time

from . import cast
from .cast import Host
from .scene import Mail, Row, Target

TLS = (
    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange x25519 server-signature RSA-PSS "
    "(2048 bits)"
    " server-digest SHA256"
)


def postfix(program: str, message: str, priority: str = "info") -> Row:
    return {
        "program": program if "/" in program else f"postfix/{program}",
        "priority": priority,
        "message": message[:2000],
    }


def dovecot(message: str, priority: str = "info") -> Row:
    return {"program": "dovecot", "priority": priority, "message": message}


def refused_password(user: str, ip: str, session: str = "") -> Row:
    named = f",<{session}>" if session else ""
    return dovecot(f"auth: lua({user},{ip}{named}): Password mismatch (SHA1 of given password: 5baa61)")


def netfilter(message: str, priority: str = "warn") -> Row:
    return {"priority": priority, "message": message}


def smtpd(mail: Mail) -> str:
    return f"postfix/{mail.service}/smtpd" if mail.service else "postfix/smtpd"


def seconds(value: float) -> str:
    """Postfix's delay format: two significant digits, at most hundredths."""
    return f"{value:.0f}" if value >= 9.95 else f"{round(value, 2):.2g}"


def clock(moment: float) -> str:
    return time.strftime("%a, %e %b %Y %H:%M:%S +0000 (UTC)", time.gmtime(moment))


def client(mail: Mail) -> Row:
    sasl = (
        f", sasl_method={'LOGIN' if mail.size % 7 == 0 else 'PLAIN'}, sasl_username={mail.user}"
        if mail.user
        else ""
    )
    return postfix(smtpd(mail), f"{mail.queue_id}: client={mail.client}{sasl}")


def message_id(mail: Mail) -> Row:
    return postfix("cleanup", f"{mail.queue_id}: message-id={mail.logged_id}")


def received_replaced(mail: Mail) -> Row:
    """cleanup's line where mailcow's submission header checks hide the client; the header is cut at 200
    characters."""
    shown_ip = f"IPv6:{mail.client.ip}" if ":" in mail.client.ip else mail.client.ip
    last = mail.envelope[-1]
    here = f"by {cast.MAIL_HOST} (Postcow) with ESMTP id {mail.queue_id}"
    if not mail.user:
        header = f"Received: from {mail.helo} ({mail.client.name} [{shown_ip}])??{here}"
        return postfix(
            "cleanup",
            f"{mail.queue_id}: replace: header {header[:200]} from {mail.client}; "
            f"{envelope_tail(mail, last)}: Received: from sieve (sieve "
            f"[{cast.DOVECOT_IP}]) {here}??for <{last}>; {clock(mail.clock + mail.begin)}",
        )
    if mail.service == "sogo":
        secured = (
            f"(Authenticated sender: {mail.user})??by {cast.MAIL_HOST} (Postcow) with ESMTPA id "
            f"{mail.queue_id}??for <{last}>"
        )
        protocol = "ESMTPA"
    else:
        secured = (
            "(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)?? key-exchange x25519 "
            "server-signature RSA-PSS (2048 bits)"
            " server-digest SHA256)"
        )
        protocol = "ESMTPSA"
    header = f"Received: from {mail.helo} ({mail.client.name} [{shown_ip}])??{secured}"[:200]
    whom = f"??for <{last}>; " if len(mail.envelope) == 1 else ";??"
    return postfix(
        "cleanup",
        f"{mail.queue_id}: replace: header {header} from {mail.client}; {envelope_tail(mail, last)}: "
        f"Received: from [127.0.0.1] (localhost [127.0.0.1]) by localhost (Mailerdaemon) with {protocol} id "
        f"{mail.queue_id}{whom}"
        f"{clock(mail.clock + mail.begin)}",
    )


def active(mail: Mail, remaining: int | None = None) -> Row:
    count = len(mail.targets) if remaining is None else remaining
    return postfix(
        "qmgr", f"{mail.queue_id}: from=<{mail.sender}>, size={mail.size}, nrcpt={count} (queue active)"
    )


def removed(mail: Mail) -> Row:
    return postfix("qmgr", f"{mail.queue_id}: removed")


def canceled(mail: Mail) -> Row:
    return postfix("cleanup", f"{mail.queue_id}: removed (canceled)")


def delivery(
    program: str, mail: Mail, target: Target, at: float, relay: str, dsn: str, outcome: str, talk: float = 0.1
) -> Row:
    """A delivery agent's row for one recipient; `talk` is how long the conversation took, in seconds."""
    delay = at - mail.entered()
    orig = f", orig_to=<{target.orig}>" if target.orig else ""
    parts = "/".join(seconds(part) for part in (max(delay - talk - 0.02, 0), 0.02, talk * 0.4, talk * 0.6))
    return postfix(
        program,
        f"{mail.queue_id}: to=<{target.to}>{orig}, relay={relay}, delay={seconds(delay)}, delays={parts}, "
        f"dsn={dsn}, status={outcome}",
    )


def stored(mail: Mail, target: Target, at: float, session: str) -> Row:
    relay = f"dovecot[{cast.DOVECOT_IP}]:24"
    return delivery(
        "lmtp", mail, target, at, relay, "2.0.0", f"sent (250 2.0.0 <{target.to}> {session} Saved)", 0.03
    )


def connect(mail: Mail) -> Row:
    return postfix(smtpd(mail), f"connect from {mail.client}")


def disconnect(mail: Mail, refused: int = 0, data_refused: bool = False, encrypted: bool = True) -> Row:
    """smtpd's summary of a session; `refused` recipients come on top of the mail's own."""
    accepted = len(mail.envelope)
    counts = {"helo" if mail.service == "bcc" else "ehlo": 2 if encrypted and mail.service != "smtps" else 1}
    if encrypted and mail.service in ("", "submission"):
        counts["starttls"] = 1
    if mail.user:
        counts["auth"] = 1
    counts |= {"mail": 1, "rcpt": accepted + refused, "data": 1, "quit": 1}
    good = {"rcpt": accepted, "data": 0 if data_refused else 1}
    shown = [
        f"{name}={good[name]}/{n}" if good.get(name, n) != n else f"{name}={n}" for name, n in counts.items()
    ]
    done, total = sum(good.get(name, n) for name, n in counts.items()), sum(counts.values())
    return postfix(
        smtpd(mail),
        f"disconnect from {mail.client} {' '.join(shown)} "
        f"commands={done if done == total else f'{done}/{total}'}",
    )


def turned_away(mail: Mail, recipients: int) -> Row:
    """smtpd's summary where no recipient was accepted."""
    counts = (
        "ehlo=1 auth=1" if mail.service == "smtps" else f"ehlo=2 starttls=1{' auth=1' if mail.user else ''}"
    )
    good = 3 + len(counts.split()) + (0 if mail.service == "smtps" else 1)
    summary = f"{counts} mail=1 rcpt=0/{recipients} rset=1 quit=1 commands={good}/{good + recipients}"
    return postfix(smtpd(mail), f"disconnect from {mail.client} {summary}")


def encrypted_from(mail: Mail) -> Row:
    return postfix(smtpd(mail), f"Anonymous TLS connection established from {mail.client}: {TLS}")


def encrypted_to(host: Host, program: str = "smtp") -> Row:
    return postfix(program, f"Trusted TLS connection established to {host}:25: {TLS}")


def envelope_tail(mail: Mail, recipient: str) -> str:
    return f"from=<{mail.sender}> to=<{recipient}> proto=ESMTP helo=<{mail.helo}>"


def milter_reject(mail: Mail, reply: str) -> Row:
    return postfix(
        "cleanup",
        f"{mail.queue_id}: milter-reject: END-OF-MESSAGE from {mail.client}: {reply}; "
        f"{envelope_tail(mail, mail.envelope[-1])}",
    )


def refused(mail: Mail, recipient: str, reply: str, queue_id: str = "NOQUEUE") -> Row:
    sasl = f" sasl_method=PLAIN sasl_username={mail.user}" if mail.user else ""
    return postfix(
        smtpd(mail),
        f"{queue_id}: reject: RCPT from {mail.client}: {reply}; {envelope_tail(mail, recipient)}{sasl}",
    )


def sieve(target: Target, session: str, mail: Mail, deed: str) -> Row:
    shown = f"<{mail.rspamd_id}>" if mail.rspamd_id != "undef" else "unspecified"
    return dovecot(f"lmtp({target.to})<{1000 + mail.size % 4000}><{session}>: sieve: msgid={shown}: {deed}")
