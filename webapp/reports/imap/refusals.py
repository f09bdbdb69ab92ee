"""Why a mailbox cannot be read. The sentence is what the server or the network says, without secrets."""

import imaplib
import re
import ssl
from collections.abc import Callable

from imap_tools.errors import (
    ImapToolsError,
    MailboxFolderSelectError,
    MailboxLoginError,
    UnexpectedCommandStatusError,
)

from webapp.errors import ExpectedError

FAILURES = (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError)  # what the libraries raise
BYTES = re.compile(r"""\Ab(['"])(.*)\1\Z""", re.DOTALL)


class ImapError(ExpectedError):
    """The mailbox cannot be read."""

    status = 502


class ImapNotConfigured(ImapError):
    """A setting that is needed is missing; the sentence names it."""


class ImapAway(ImapError):
    """The server cannot be reached, broke off, or took too long: another try may get further."""


class ImapCertificateRefused(ImapError):
    """The server's certificate is not one of the host, or nobody vouches for it."""


class ImapLoginRefused(ImapError):
    """The server does not take the login."""


class ImapFolderMissing(ImapError):
    """The folder is not there, or cannot be opened."""


class ImapRefused(ImapError):
    """The server does not do what it was asked."""


def as_imap_error(error: Exception, clean: Callable[[str], str]) -> ImapError:
    """What the libraries raise, as one of ours."""
    if isinstance(error, UnexpectedCommandStatusError):
        text = clean(_answer(error))
        if isinstance(error, MailboxLoginError):
            return ImapLoginRefused(text)
        return ImapFolderMissing(text) if isinstance(error, MailboxFolderSelectError) else ImapRefused(text)
    if isinstance(error, ssl.SSLCertVerificationError):
        return ImapCertificateRefused(f"The certificate cannot be verified: {clean(error.verify_message)}")
    text = clean(_bare(str(error))) or type(error).__name__
    if isinstance(error, (OSError, imaplib.IMAP4.abort)):
        return ImapAway(text)
    return ImapRefused(text)


def _answer(error: UnexpectedCommandStatusError) -> str:
    """What the server answered to a command."""
    parts = [part for part in error.command_result[1] if isinstance(part, bytes)]
    return b" ".join(parts).decode("utf-8", "replace") or f"The server answered {error.command_result[0]}"


def _bare(text: str) -> str:
    """imaplib's errors are the bytes of the answer, as Python writes them."""
    found = BYTES.match(text)
    return found[2] if found else text
