"""Identifiers in the shapes that Postfix, Dovecot and mail programs give them."""

import random
import string
import time

BASE52 = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
_ALPHABET = string.ascii_lowercase + string.digits


def _digits(number: int, base: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, base)
        text = BASE52[rest] + text
    return text or "0"


def short_queue_id(dice: random.Random) -> str:
    """Microseconds in five hex digits, then the inode of the queue file."""
    return f"{dice.randrange(1_000_000):05X}{0x2E67D0 + dice.randrange(3000):X}"


def long_queue_id(dice: random.Random, seconds: float) -> str:
    """Seconds (6 digits) and microseconds (4) to base 52, the letter z, the inode to base 51."""
    clock = _digits(int(seconds), 52).rjust(6, "0") + _digits(dice.randrange(1_000_000), 52).rjust(4, "0")
    return f"{clock}z{_digits(0x2E67D0 + dice.randrange(3000), 51)}"


def lmtp_session(dice: random.Random) -> str:
    """Dovecot's session id: 22 characters of base 64."""
    return "".join(dice.choices(string.ascii_letters + string.digits + "+/", k=6)) + "".join(
        (
            dice.choice("AQgw"),
            "".join(dice.choices(string.ascii_letters, k=2)),
            "AAAA",
            "".join(dice.choices(_ALPHABET, k=9)),
        )
    )


def message_id(dice: random.Random, domain: str, seconds: float) -> str:
    """A Message-ID without brackets, as one of several usual mail programs makes it."""

    def letters(count: int) -> str:
        return "".join(dice.choices(_ALPHABET, k=count))

    kind = dice.randrange(4)
    if kind == 0:
        digits = f"{dice.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}@{domain}"
    if kind == 1:
        return f"CA{letters(6)}=_{letters(9).upper()}-{letters(20)}@mail.{domain}"
    if kind == 2:
        return f"{time.strftime('%Y%m%d%H%M%S', time.gmtime(seconds))}.{letters(12).upper()}@{domain}"
    return f"{letters(10)}.{int(seconds)}@{domain}"


def odd_message_id(dice: random.Random, domain: str, seconds: float) -> tuple[str, str]:
    """A legal but unusual Message-ID as Postfix logs it and as Rspamd shows it."""
    number = f"{int(seconds)}{dice.randrange(1000):03d}"
    return dice.choice(
        (
            (f"{number}.{domain}", f"{number}.{domain}"),
            (f"<{number}$$%&'*+/=?^_`{{|}}~#@{domain}>", f"{number}$$%&'*+/=?^_`{{|}}~#@{domain}"),
            (f"<{number}@{domain}> (added by postmaster@{domain})", f"{number}@{domain}"),
            (f"<{number}@[IPv6:2001:db8::1]>", f"{number}@[IPv6:2001:db8::1]"),
            (
                f"<{number}>, from=<x@{domain}>, size=1, nrcpt=1 (queue active)",
                f"{number}>,?from=<x@{domain}>,?size=1,?nrcpt=1",
            ),
        )
    )
