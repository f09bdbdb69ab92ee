"""The programs that write Postfix's log, stored by one character each: every line names one. Pure."""

from functools import cache, lru_cache

# What is stored refers to the places: more names go to the end.
KNOWN = (
    "postfix/smtpd", "postfix/cleanup", "postfix/qmgr", "postfix/lmtp", "postfix/smtp", "postfix/postscreen",
    "postfix/submission/smtpd", "postfix/smtps/smtpd", "postfix/dnsblog", "postfix/tlsproxy",
    "postfix/sogo/smtpd", "postfix/quarantine/smtpd", "postfix/bcc/smtpd", "haproxy/postscreen",
    "postfix/smtps-haproxy/smtpd", "postfix/submission-haproxy/smtpd", "enforced-tls-smtp/smtp",
    "whitelist_forwardinghosts", "postfix/local", "postfix/pickup", "postfix/error", "postfix/anvil",
    "postfix/pipe", "postfix/virtual", "postfix/discard", "postfix/scache", "postfix/tlsmgr",
    "postfix/trivial-rewrite", "postfix/proxymap", "postfix/master", "postfix/postsuper", "postfix/postqueue",
    "postfix/postfix-script", "postfix/verify", "postfix/flush", "postfix/showq", "postfix/postlogd",
    "postfix/bounce", "postfix/sendmail", "postfix/postdrop", "postfix/retry", "postfix/relay/smtp",
)  # fmt: skip
FIRST = 0x30  # the character of the first one
PLAIN = "!"  # before a name that could be taken for a character, or for this
USUAL = "info"  # the priority of nearly every line, stored as NULL


@cache
def _characters() -> dict[str, str]:
    return {name: chr(FIRST + number) for number, name in enumerate(KNOWN)}


@cache
def _names() -> dict[str, str]:
    return {character: name for name, character in _characters().items()}


@lru_cache(maxsize=256)
def stored_program(name: str) -> str:
    """The program as its column holds it."""
    known = _characters().get(name)
    return known or (PLAIN + name if len(name) < 2 or name.startswith(PLAIN) else name)


def program_of(stored: str) -> str:
    """The program that a column tells of, also in full as it was stored before."""
    return stored[1:] if stored.startswith(PLAIN) else _names().get(stored, stored)


def stored_priority(name: str) -> str | None:
    """The priority as its column holds it."""
    return None if name == USUAL else name


def priority_of(stored: str | None) -> str:
    """The priority that a column tells of."""
    return USUAL if stored is None else stored
