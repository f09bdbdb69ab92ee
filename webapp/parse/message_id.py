"""One spelling for a Message-ID, so that Postfix's and Rspamd's forms of it meet (RFC 5322 section 3.6.4).

Postfix shows blanks and non-ASCII bytes as `?` and keeps angle brackets and comments; Rspamd strips brackets
and comments, escapes quotes and joins folded lines. What differs between them is taken out of the comparison,
never out of what is shown.
"""

import re

from webapp.parse.address import original_sender
from webapp.parse.identity import digest64

COMMENT = re.compile(r"\([^()]*\)")
UNLIKE = re.compile(rb"[^!-~]+|\?+")
DROPPED = str.maketrans("", "", '<>"\\')
USUAL = re.compile(r"<?([!#-'*-;=@-\[\]-~]+)>?")  # nothing to be taken out but the brackets
COMPARED = 400  # characters; Postfix cuts its lines, Rspamd does not
MISSING = ("", "undef")


def comparable(message_id: str | None) -> str:
    """The part of a Message-ID that both programs agree on; '' where the mail has none."""
    usual = USUAL.fullmatch(message_id or "")
    plain = usual[1] if usual else _without_differences((message_id or "").strip())
    return "" if plain in MISSING else plain[:COMPARED]


def _without_differences(message_id: str) -> str:
    text = COMMENT.sub(" ", message_id).translate(DROPPED)
    plain = UNLIKE.sub(b"?", text.encode("utf-8", "replace")).decode("ascii")
    return re.sub(r"\?+", "?", plain).strip("?")


def join_key(message_id: str | None, sender: str | None, ip: str | None) -> int | None:
    """A signed 64-bit key under which a Postfix message and its Rspamd row meet.

    A mail without Message-ID meets by client address and the sender's local part (its domain may be added
    later); None where these are not known yet.
    """
    same = comparable(message_id)
    if not same:
        if sender is None or not ip:
            return None
        same = f"\0{original_sender(sender).partition('@')[0]}\0{ip}"
    return digest64(same.encode("utf-8", "replace"))
