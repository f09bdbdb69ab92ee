"""What a mail server's own notice is called: no log tells its subject, and its mail says what it is about."""

from datetime import timedelta
from typing import Any

from webapp.lists.answer import cut
from webapp.parse.words import Outcome

AT_ONCE = timedelta(minutes=15)  # Postfix tells no delay so early
AT_THE_END = timedelta(seconds=5)


def notice_words(notice: Any, mail: Any) -> str:
    """What kind of notice it is: bounces are told when a mail ends or at once, delays in between."""
    has_failed = bool({Outcome.BOUNCED, Outcome.EXPIRED} & set(mail.outcomes))
    at_end = mail.ended_at is not None and notice.first_seen >= mail.ended_at - AT_THE_END
    if has_failed and (at_end or notice.first_seen - mail.first_seen < AT_ONCE):
        return "bounce notice"
    if has_failed:
        return "notice"
    return "delivery report" if at_end else "delay notice"


def notice_title(notice: Any, mail: Any) -> str:
    """A notice's name in place of its subject, which no log tells."""
    words = notice_words(notice, mail).capitalize()
    if mail.subject:
        return f"{words} about “{cut(mail.subject)}”"
    return f"{words} about mail to {mail.recipients[0] if mail.recipients else 'somebody not known'}"
