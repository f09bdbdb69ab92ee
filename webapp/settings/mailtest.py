"""Tests of outgoing mail and of the mailbox: every step as a line; the last one begins with a tick or a
cross."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from webapp import cache
from webapp.alerts.mailer import Mail, MailError, MailNotConfigured, administrators, compose
from webapp.config import Settings
from webapp.errors import ExpectedError
from webapp.reports.imap.mailbox import Mailbox
from webapp.reports.imap.refusals import ImapError
from webapp.wire.leash import Leash
from webapp.wire.tls import line

SECONDS = 25.0  # for a whole test
GOOD, BAD = "✓", "✗"
MOST_FOLDERS = 50  # that are listed
KEY = "mail-test:"
TEXT = (
    "This is a test of {title}.\n\nWhoever reads it can be reached: notices about the mail server will come "
    "to this address.\n"
)
Lines = Iterator[str]


class Subject(StrEnum):
    """What can be tested."""

    SMTP = "smtp"
    IMAP = "imap"


class TestRuns(ExpectedError):
    """The same test runs already: one at a time is enough, and each holds a thread of the web server."""

    __test__ = False  # pytest would collect it by its name
    status = 409


def lines(subject: Subject, settings: Settings, seconds: float = SECONDS) -> Lines:
    """The lines of a test as they come; raises TestRuns before the first one. Nothing is read or written in
    the database."""
    if not _begin(subject, round(seconds) + 5):
        raise TestRuns(f"A test of {subject.upper()} runs already: wait for its end")
    return _until_the_end(subject, settings, seconds)


def is_good(told: list[str]) -> bool:
    """Whether the lines are those of a test that went well."""
    return bool(told) and told[-1].startswith(GOOD)


def _until_the_end(subject: Subject, settings: Settings, seconds: float) -> Lines:
    try:
        yield f"Starting {subject.upper()} connection test..."
        yield from STEPS[subject](settings, seconds)
        yield f"{GOOD} {subject.upper()} test completed successfully"
    except MailError as error:
        yield f"{BAD} {error}"
    except ImapError as error:
        yield f"{BAD} IMAP error: {error}"
    finally:
        cache.forget(KEY + subject)


def _begin(subject: Subject, seconds: int) -> bool:
    """False while the same test runs; without Redis, which alone knows, it may begin."""
    key = cache.PREFIX + KEY + subject
    return cache.ask(lambda client: bool(client.set(key, 1, nx=True, ex=seconds)), True)


def _smtp(settings: Settings, seconds: float) -> Lines:
    """Sends a mail to ADMIN_EMAIL."""
    recipients = administrators(settings)
    with Leash(seconds) as leash:
        mail = Mail(settings, leash)
        yield from _about_smtp(settings)
        if not recipients:
            raise MailNotConfigured("ADMIN_EMAIL is not set: there is nobody to send the test email to")
        yield from mail.open()
        yield "Sending test email..."
        text = TEXT.format(title=settings.app_title)
        refused = mail.deliver(compose(recipients, f"{settings.app_title}: SMTP test", text))
        for address, answer in refused.items():
            yield line(f"Refused for {address}: {answer}")
        yield "Test email sent successfully"
        mail.close()
    yield "Connection closed"


def _about_smtp(settings: Settings) -> Lines:
    """What the test uses, without the password."""
    encrypted = settings.smtp_use_tls or settings.smtp_is_implicit
    yield line(f"Host: {settings.smtp_host}")
    yield f"Port: {settings.smtp_port}"
    yield f"Use TLS: {_word(encrypted)}"
    if encrypted and not settings.smtp_verify_ssl:
        yield "Certificates are not verified (SMTP_VERIFY_SSL=false)"
    if not settings.smtp_relay_mode:
        yield line(f"User: {settings.smtp_user or 'not set'}")
    if not settings.smtp_enabled:
        yield "SMTP_ENABLED is false: besides this test, no mail is sent"


def _imap(settings: Settings, seconds: float) -> Lines:
    """Looks at the folders and the mails, and changes nothing."""
    with Leash(seconds) as leash:
        mailbox = Mailbox(settings, leash, renewed=False)
        yield from _about_imap(settings)
        yield from mailbox.open()
        yield "Listing mailboxes..."
        folders = mailbox.folders()
        yield f"Found {len(folders)} mailboxes:"
        for name in folders[:MOST_FOLDERS]:
            yield f' - "{line(name)}"'
        if len(folders) > MOST_FOLDERS:
            yield f" - and {len(folders) - MOST_FOLDERS} more"
        yield line(f"Selecting folder: {settings.dmarc_imap_folder}")
        selected = mailbox.select(settings.dmarc_imap_folder, readonly=True)
        yield f"Folder selected: {selected.messages} messages"
        yield "Searching for emails..."
        yield f"Found {mailbox.count()} emails in folder"
        mailbox.close()
    yield "Connection closed"


def _about_imap(settings: Settings) -> Lines:
    """What the test uses, without the password."""
    yield line(f"Host: {settings.dmarc_imap_host}")
    yield f"Port: {settings.dmarc_imap_port}"
    yield f"Use SSL: {_word(settings.dmarc_imap_use_ssl)}"
    if not settings.dmarc_imap_verify_ssl:
        yield "Certificates are not verified (DMARC_IMAP_VERIFY_SSL=false)"
    yield line(f"User: {settings.dmarc_imap_user}")
    yield line(f"Folder: {settings.dmarc_imap_folder}")
    if not settings.dmarc_imap_enabled:
        yield "DMARC_IMAP_ENABLED is false: besides this test, the mailbox is read only when asked"


def _word(value: bool) -> str:
    return str(value).lower()


STEPS: dict[Subject, Callable[[Settings, float], Lines]] = {Subject.SMTP: _smtp, Subject.IMAP: _imap}
