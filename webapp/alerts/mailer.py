"""Sends mail through the SMTP server of the settings: STARTTLS, TLS from the first byte, or a relay.

Steps are generators of log lines, so that a test can show each one before the next begins.
"""

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, getaddresses, make_msgid, parseaddr
from typing import Any

from webapp.config import Settings
from webapp.errors import ExpectedError
from webapp.wire.leash import Leash
from webapp.wire.tls import context, line

MOST_SAID = 1024 * 1024  # bytes of a server's replies in one connection
SECONDS = 45.0  # for one connection with all that is sent over it
POLICY = SMTP_POLICY.clone(cte_type="7bit")  # a server need not know 8BITMIME
Log = Callable[[str], None]


class MailError(ExpectedError):
    """A mail that was not sent; the sentence says why, without secrets. `is_final` where trying again would
    not help."""

    status = 502
    is_final = False


class MailNotConfigured(MailError):
    """A setting that is needed is missing; the sentence names it."""


class MailServerAway(MailError):
    """The server cannot be reached, broke off, or took too long."""


class CertificateRefused(MailError):
    """The server's certificate is not one of the host, or nobody vouches for it."""


class LoginRefused(MailError):
    """The server does not take the login."""


class MailRefused(MailError):
    """The server does not take the mail; final with a code of 5xx."""

    def __init__(self, sentence: str, *, is_final: bool) -> None:
        super().__init__(sentence)
        self.is_final = is_final


class _Replies:
    """What the server says, up to a limit: smtplib keeps all lines of a reply in memory."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, MOST_SAID

    def readline(self, size: int) -> bytes:
        """The next line; raises OSError beyond the limit."""
        found: bytes = self._file.readline(size)
        self._left -= len(found)
        if self._left < 0:
            raise OSError(f"the server says more than {MOST_SAID // 1024} kB")
        return found

    def close(self) -> None:
        """Close it."""
        self._file.close()


class _Client(smtplib.SMTP):
    """smtplib's client on a leash; it names itself by its address, without asking the DNS (RFC 5321,
    4.1.3)."""

    _replies: _Replies | None = None

    @property
    def file(self) -> _Replies | None:
        """What smtplib reads replies from; it makes one with each connection, and with TLS."""
        return self._replies

    @file.setter
    def file(self, made: Any) -> None:
        self._replies = _Replies(made) if made is not None else None

    def __init__(self, settings: Settings, leash: Leash) -> None:
        self._leash = leash
        self._tls = context(verified=settings.smtp_verify_ssl) if settings.smtp_is_implicit else None
        super().__init__(local_hostname="localhost")
        self._host = settings.smtp_host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - its signature
        made = self._leash.connect(host, port)
        own = made.getsockname()[0].partition("%")[0]
        self.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"
        return self._tls.wrap_socket(made, server_hostname=host) if self._tls else made


class Mail:
    """One connection to the SMTP server, open for as long as the leash holds. Everything raises MailError."""

    def __init__(self, settings: Settings, leash: Leash) -> None:
        if not settings.smtp_host:
            raise MailNotConfigured("SMTP_HOST is not set")
        if not settings.smtp_sender:
            raise MailNotConfigured("Neither SMTP_FROM nor SMTP_USER is set: the mail would be from nobody")
        self._settings, self._leash = settings, leash
        self._client = _Client(settings, leash)

    def open(self) -> Iterator[str]:
        """Connect, encrypt and log in as the settings say; a line before and after each step."""
        settings = self._settings
        yield "Connecting to SMTP server..."
        with self._told():
            code, reply = self._client.connect(settings.smtp_host, settings.smtp_port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, reply)
        yield "Connected using SSL" if settings.smtp_is_implicit else "Connected"
        if settings.smtp_use_tls and not settings.smtp_is_implicit:
            yield "Starting TLS..."
            with self._told():
                self._client.starttls(context=context(verified=settings.smtp_verify_ssl))
            yield "TLS established"
        if settings.smtp_relay_mode or not settings.smtp_user:
            yield "Relay mode: no login" if settings.smtp_relay_mode else "SMTP_USER is not set: no login"
            return
        if not isinstance(self._client.sock, ssl.SSLSocket):
            yield "Warning: the password goes over the wire unencrypted (SMTP_USE_TLS=false)"
        yield "Logging in..."
        with self._told():
            self._login()
        yield "Login successful"

    def deliver(self, message: EmailMessage) -> dict[str, str]:
        """Send one message; returns the recipients that the server refused, each with its answer.

        Date, Message-ID and From are added where they are missing; who gets it is in To, Cc and Bcc.
        """
        complete(message, self._settings)
        with self._told():
            refused = self._client.send_message(message, from_addr=parseaddr(self._settings.smtp_sender)[1])
        return {address: self._clean(str(answer)) for address, answer in refused.items()}

    def close(self) -> None:
        """Say goodbye. What was taken is taken: a server that fails now has the mail all the same."""
        with suppress(OSError, ValueError):
            self._client.quit()

    def _login(self) -> None:
        user, password = self._settings.smtp_user, self._settings.smtp_password
        if (user + password).isascii():
            self._client.login(user, password)
            return
        self._client.ehlo_or_helo_if_needed()
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()  # RFC 4616: UTF-8
        code, reply = self._client.docmd("AUTH", f"PLAIN {token}")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, reply)

    def _clean(self, text: str) -> str:
        user, password = self._settings.smtp_user, self._settings.smtp_password
        return line(text, *([f"\0{user}\0{password}", password] if password else []))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Every failure as a MailError."""
        try:
            yield
        except (OSError, ValueError) as error:
            self._client.close()
            if self._leash.is_over:
                seconds = f"{self._leash.seconds:g}"
                raise MailServerAway(f"The SMTP server took longer than {seconds} seconds") from error
            raise _as_mail_error(error, self._clean) from error


def _as_mail_error(error: Exception, clean: Callable[[str], str]) -> MailError:
    """What smtplib or the socket says, as a sentence of ours. smtplib's errors are OSErrors too."""
    text = clean(str(error))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return LoginRefused(f"Authentication failed: {text}")
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRefused(f"The certificate cannot be verified: {clean(error.verify_message)}")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return MailRefused(f"SMTP error: {text}", is_final=bool(codes) and min(codes) >= 500)
    if isinstance(error, (smtplib.SMTPSenderRefused, smtplib.SMTPDataError)):
        return MailRefused(f"SMTP error: {text}", is_final=error.smtp_code >= 500)
    if isinstance(error, (smtplib.SMTPNotSupportedError, ValueError)):
        return MailRefused(f"SMTP error: {text}", is_final=True)
    if isinstance(error, smtplib.SMTPException):
        return MailServerAway(f"SMTP error: {text}")
    return MailServerAway(f"Connection failed: {text}")


def send(settings: Settings, message: EmailMessage, log: Log, seconds: float = SECONDS) -> dict[str, str]:
    """Send one message within `seconds`, with a line to `log` for each step.

    Returns the recipients that the server refused while it took the mail for others, each with its answer.
    Raises MailError.
    """
    with Leash(seconds) as leash:
        mail = Mail(settings, leash)
        for step in mail.open():
            log(step)
        refused = mail.deliver(message)
        log(f"Sent {message['Message-ID']}")
        mail.close()
    return refused


def compose(recipients: Sequence[str], subject: str, text: str, html: str = "") -> EmailMessage:
    """A mail made by a program (RFC 3834): a text part, and an HTML part where there is one. Whoever makes
    the HTML escapes what is in it."""
    message = EmailMessage(policy=POLICY)
    message["To"] = ", ".join(recipients)
    message["Subject"] = " ".join(subject.split())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def complete(message: EmailMessage, settings: Settings) -> None:
    """Add From, Date and Message-ID where they are missing."""
    sender = parseaddr(settings.smtp_sender)[1]
    if "From" not in message:
        message["From"] = settings.smtp_sender
    if "Date" not in message:
        message["Date"] = formatdate()
    if "Message-ID" not in message:
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")


def administrators(settings: Settings) -> list[str]:
    """The addresses of ADMIN_EMAIL."""
    return [address for _, address in getaddresses([settings.admin_email]) if address]
