"""What a mail server logs beside mail: bots, attacks, statistics, and the other containers' logs."""

import json

from . import cast, words
from .scene import Scene, Story
from .steps import DOVECOT, NETFILTER, POSTFIX, lines

BAN, UNBAN = "ban", "unban"
SOGO, ACME, WATCHDOG, AUTODISCOVER, CRON, UI, SASL = (
    "sogo",
    "acme",
    "watchdog",
    "autodiscover",
    "cron",
    "ui",
    "sasl",
)
BAN_MINUTES, ATTEMPTS, WINDOW = 30, 10, 600
SERVICES = (
    "Nginx",
    "Unbound",
    "Redis",
    "MySQL/MariaDB",
    "SOGo",
    "Postfix",
    "Dovecot",
    "PHP-FPM",
    "Rspamd",
    "Mail queue",
    "ACME",
)


def _attacker(scene: Scene) -> str:
    if scene.dice.random() < 0.3:
        return f"2001:db8:dead:{scene.dice.randrange(4096):x}::66"
    return f"203.0.113.{scene.dice.randrange(210, 250)}"


def password_guesses(scene: Scene, attempts: int = 0, attacker: str = "", user: str = "") -> Story:
    """Failed logins; netfilter counts them and bans the address at the tenth."""
    ip = attacker or _attacker(scene)
    network = f"{ip}/128" if ":" in ip else f"{ip}/32"
    service = scene.dice.choice(("postfix/smtps/smtpd", "postfix/submission/smtpd"))
    commands = (
        "ehlo=1 auth=0/1 commands=1/2" if "smtps" in service else "ehlo=2 starttls=1 auth=0/1 commands=3/4"
    )
    count, at = attempts or scene.dice.choice((1, 2, 3, 10)), 0.0
    for number in range(1, count + 1):
        method, login = (
            scene.dice.choice(("LOGIN", "LOGIN", "PLAIN")),
            user or scene.dice.choice(words.LOGINS),
        )
        failure = (
            f"warning: unknown[{ip}]: SASL {method} authentication failed: (reason unavailable), "
            f"sasl_username={login}"
        )
        yield at, POSTFIX, lines.postfix(service, f"connect from unknown[{ip}]")
        yield (
            at + 0.3,
            POSTFIX,
            lines.postfix(service, f"Anonymous TLS connection established from unknown[{ip}]: {lines.TLS}"),
        )
        yield at + 2.4, DOVECOT, lines.refused_password(login, ip)
        yield at + 2.4, POSTFIX, lines.postfix(service, failure, "warning")
        yield at + 2.5, NETFILTER, lines.netfilter(f"{ip} matched rule id 3 ({failure})")
        if number < ATTEMPTS:
            left = f"{ATTEMPTS - number} more attempts in the next {WINDOW} seconds until {network} is banned"
            yield at + 2.5, NETFILTER, lines.netfilter(left)
        else:
            yield at + 2.5, NETFILTER, lines.netfilter(f"Banning {network} for {BAN_MINUTES} minutes", "crit")
            yield at + 2.5, BAN, {"network": network, "ip": ip, "seconds": BAN_MINUTES * 60}
            yield at + 2.5 + BAN_MINUTES * 60, NETFILTER, lines.netfilter(f"Unbanning {network}", "info")
            yield at + 2.5 + BAN_MINUTES * 60, UNBAN, {"network": network}
        yield (
            at + 2.8,
            POSTFIX,
            lines.postfix(service, f"NOQUEUE: lost connection after AUTH from unknown[{ip}]"),
        )
        yield at + 2.8, POSTFIX, lines.postfix(service, f"disconnect from unknown[{ip}] {commands}")
        at += scene.dice.uniform(4, 16)


def brute_force(scene: Scene) -> Story:
    """An attack that ends in a ban."""
    yield from password_guesses(scene, ATTEMPTS)


def brute_force_ipv6(scene: Scene) -> Story:
    yield from password_guesses(scene, ATTEMPTS, f"2001:db8:dead:{scene.dice.randrange(4096):x}::66")


def aimed_guesses(scene: Scene) -> Story:
    """Three addresses guess the password of one user, each too seldom to be banned."""
    user, first = scene.mailbox(), scene.dice.randrange(210, 240)
    for number in range(3):
        yield from password_guesses(scene, ATTEMPTS - 2, f"203.0.113.{first + number}", user)


def hang_up(scene: Scene) -> Story:
    """A bot that postscreen gets rid of."""
    who = f"[{_attacker(scene)}]:{scene.dice.randrange(32_768, 60_999)}"
    yield 0.0, POSTFIX, lines.postfix("postscreen", f"CONNECT from {who} to [{cast.POSTFIX_IP}]:25")
    if scene.dice.random() < 0.5:
        yield (
            0.2,
            POSTFIX,
            lines.postfix("postscreen", f"PREGREET 14 after 0.2 from {who}: EHLO ylmf-pc\\r\\n"),
        )
    else:
        yield (
            1.7,
            POSTFIX,
            lines.postfix("postscreen", f"HANGUP after 1.7 from {who} in tests before SMTP handshake"),
        )
    yield 1.8, POSTFIX, lines.postfix("postscreen", f"DISCONNECT {who}")


def strange_client(scene: Scene) -> Story:
    ip = _attacker(scene)
    unresolved = (
        f"warning: hostname host-{scene.dice.randrange(999)}.cheaphost.example does not resolve to address "
        f"{ip}"
    )
    yield 0.0, POSTFIX, lines.postfix("smtpd", unresolved, "warning")
    yield 0.01, POSTFIX, lines.postfix("smtpd", f"connect from unknown[{ip}]")
    request = f"warning: non-SMTP command from unknown[{ip}]: GET / HTTP/1.1"
    yield 0.4, POSTFIX, lines.postfix("smtpd", request, "warning")
    yield 0.5, NETFILTER, lines.netfilter(f"{ip} matched rule id 4 ({request.replace('/', '_')})")
    left = (
        f"{ATTEMPTS - 1} more attempts in the next {WINDOW} seconds until {ip}/{128 if ':' in ip else 32} "
        f"is banned"
    )
    yield 0.5, NETFILTER, lines.netfilter(left)
    yield 0.5, POSTFIX, lines.postfix("smtpd", f"disconnect from unknown[{ip}] unknown=0/1 commands=0/1")


def statistics(scene: Scene) -> Story:
    moment, rate = (
        lines.time.strftime("%b %e %H:%M:%S", lines.time.gmtime(scene.start - 60)),
        scene.dice.randint(2, 9),
    )
    client = scene.partner().sends.ip
    yield (
        0.0,
        POSTFIX,
        lines.postfix(
            "anvil", f"statistics: max connection rate {rate}/60s for (smtpd:{client}) at {moment}"
        ),
    )
    yield (
        0.0,
        POSTFIX,
        lines.postfix("anvil", f"statistics: max connection count 1 for (smtpd:{client}) at {moment}"),
    )
    yield 0.0, POSTFIX, lines.postfix("anvil", f"statistics: max cache size {rate} at {moment}")


def mail_program(scene: Scene) -> Story:
    """A user's mail program looks in: IMAP, webmail, the log of logins."""
    user, client = scene.mailbox(), scene.dice.choice(cast.HOME_CLIENTS)
    session = "".join(scene.dice.choices("abcdefghjkmnpqrstuvwxyz0123456789", k=16))
    process = scene.dice.randrange(900, 9999)
    login = (
        f"imap-login: Login: user=<{user}>, method=PLAIN, rip={client.ip}, lip={cast.DOVECOT_IP}, "
        f"mpid={process}, TLS"
    )
    request = (
        f'[{scene.dice.randrange(60, 200)}]: {client.ip} "GET /SOGo/so/{user}/Mail/view HTTP/1.1" 200 '
        f"8341/0 0.112 - - 0"
    )
    if process % 12 == 0:  # an old password on another device of the same user
        failed = "Disconnected: Connection closed (auth failed, 1 attempts in 2 secs)"
        yield 0.0, DOVECOT, lines.refused_password(user, client.ip, session[::-1])
        yield (
            2.0,
            DOVECOT,
            lines.dovecot(
                f"imap-login: {failed}: user=<{user}>, method=PLAIN, rip={client.ip}, lip={cast.DOVECOT_IP}, "
                f"TLS, session=<{session[::-1]}>"
            ),
        )
    yield 0.0, DOVECOT, lines.dovecot(f"{login}, session=<{session}>")
    yield 0.3, SOGO, {"program": "sogod", "priority": "notice", "message": request}
    yield 0.0, SASL, {"service": "IMAP", "app_password": None, "username": user, "real_rip": client.ip}
    if scene.dice.random() < 0.2:
        agent = {
            "ua": "Microsoft Office/16.0 (Windows NT 10.0; Outlook 16.0.17)",
            "user": user,
            "ip": client.ip,
            "service": "activesync",
        }
        yield 0.6, AUTODISCOVER, agent
    yield (
        95.0,
        DOVECOT,
        lines.dovecot(f"imap({user})<{process}><{session}>: Disconnected: Logged out in=412 out=8034"),
    )


def housekeeping(scene: Scene) -> Story:
    """The other containers report."""
    for number, service in enumerate(scene.dice.sample(SERVICES, 4)):
        yield (
            number * 0.7,
            WATCHDOG,
            {"service": service, "lvl": "100", "hpnow": "5", "hptotal": "5", "hpdiff": "0"},
        )
    yield (
        1.0,
        CRON,
        {"priority": "info", "task": "dovecot_trim_logs", "message": "finished, 0 rows over the limit"},
    )
    if scene.dice.random() < 0.1:
        done = "Certificate validation done, neither changed nor due for renewal, sleeping for another day."
        yield 2.0, ACME, {"message": f"{cast.MAIL_HOST} - {done}"}
    if scene.dice.random() < 0.2:
        call = {
            "type": "success",
            "user": "admin",
            "role": "admin",
            "remote": "192.0.2.77",
            "task": "mailbox",
        }
        mailbox = scene.mailbox()
        texts = {
            "msg": json.dumps(["mailbox_modified", mailbox]),
            "call": json.dumps(["mailbox", "edit", "mailbox", mailbox]),
        }
        yield 3.0, UI, {**call, **texts}
