"""Telling one channel of notices: a mail through the SMTP server, or a message through apprise."""

import hashlib
import logging
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import parseaddr

from webapp.alerts import chat, compose, mailer
from webapp.alerts.channels import Channel
from webapp.alerts.chatchild import Order
from webapp.alerts.compose import Told
from webapp.alerts.outbox import Letter
from webapp.config import Settings
from webapp.errors import ExpectedError
from webapp.web.letters import letter as render

log = logging.getLogger(__name__)


class NotTold(ExpectedError):
    """What could not be told; the sentence says why, without secrets. `is_final`: the message itself was
    refused."""

    status = 502

    def __init__(self, sentence: str, *, is_final: bool) -> None:
        super().__init__(sentence)
        self.is_final = is_final


def tell(settings: Settings, channel: Channel, told: Sequence[Told], own: Letter | None = None) -> str:
    """Tell the channel of these notices in one message, by mail with the letter of their own where there is
    one. Returns '', or a sentence where only some recipients got it; raises NotTold."""
    try:
        if channel.is_mail:
            return _mail(settings, told, own)
        chat.send(_order(settings, channel, told))
    except mailer.MailError as error:
        final = isinstance(error, mailer.MailRefused) and error.is_final
        raise NotTold(str(error), is_final=final) from error
    except chat.NotSent as error:
        raise NotTold(str(error), is_final=error.is_final) from error
    return ""


def _order(settings: Settings, channel: Channel, told: Sequence[Told]) -> Order:
    return Order(
        url=channel.url,
        app_title=settings.app_title,
        title=compose.subject(told, settings.app_title, compose.for_chat),
        body=compose.chat_text(told, settings.app_url),
        severity=compose.severity(told),
        seconds=chat.SECONDS,
    )


def _mail(settings: Settings, told: Sequence[Told], own: Letter | None) -> str:
    refused = mailer.send(settings, mail_of(settings, told, own), log.debug)
    if not refused:
        return ""
    return "Refused for " + "; ".join(f"{address}: {answer}" for address, answer in refused.items())


def mail_of(settings: Settings, told: Sequence[Told], own: Letter | None = None) -> EmailMessage:
    """The mail, text and HTML. Its Message-ID follows from the notices: a mail that had to be sent twice is
    known as the same."""
    shown = own or Letter(compose.mail_text(told, settings.app_url), _html(settings, told))
    message = mailer.compose(
        mailer.administrators(settings), compose.subject(told, settings.app_title), shown.text, shown.html
    )
    name = hashlib.sha256("\n".join(sorted(one.key for one in told)).encode()).hexdigest()[:32]
    host = parseaddr(settings.smtp_sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<notice.{name}@{host}>"
    return message


def _html(settings: Settings, told: Sequence[Told]) -> str:
    return render(
        "mail/notices.html",
        title=compose.subject(told, settings.app_title),
        app_title=settings.app_title,
        app_url=settings.app_url,
        parts=compose.parts(told, settings.app_url),
    )
