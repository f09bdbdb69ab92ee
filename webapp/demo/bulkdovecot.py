"""Dovecot's part of the prepared log rows: deliveries, and mail programs that sign in meanwhile."""

import zlib
from collections.abc import Iterable, Iterator

from . import cast

PROGRAMS = 200  # that sign in again and again
SIGN_INS = 4  # of mail programs for each mail, so that Dovecot has about as many lines as Postfix


def session(queue_id: str, to: str) -> str:
    """The name of this delivery in Dovecot's log."""
    return f"{queue_id}{zlib.crc32(to.encode()):08x}bD9R0g"


def dovecot_lines(
    story: Iterable[tuple[int, str, str]], message_id: str, folder: str, number: int
) -> Iterator[tuple[int, str]]:
    """(tick, text) of what Dovecot logs of a mail's deliveries, and of mail programs meanwhile."""
    process = number % 5000
    deed = "stored" if folder == "INBOX" else "fileinto action: stored"
    for tick, program, message in story:
        if program == "postfix/lmtp":
            queue_id, to = message.partition(":")[0], message.partition("<")[2].partition(">")[0]
            named = f"lmtp({to})<{process}><{session(queue_id, to)}>: sieve: msgid=<{message_id}>"
            yield tick, f"lmtp({process}): Connect from {cast.POSTFIX_IP}"
            yield tick, f"{named}: {deed} mail into mailbox '{folder}'"
            yield tick, f"lmtp({process}): Disconnect from {cast.POSTFIX_IP}: Logged out (state=READY)"
    for part in range(SIGN_INS):
        program_of = (number * SIGN_INS + part) % PROGRAMS
        user, ip = f"user{program_of}@{cast.BOOKS}", f"198.51.100.{program_of % 250}"
        yield part, f"imap-login: Login: user=<{user}>, method=PLAIN, rip={ip}, lip=::1, mpid={process}, TLS"
        yield part, f"imap({user})<{process}><{number:x}>: Disconnected: Logged out in=412 out=8034"
