"""imap-tools on a leash, with literals of bounded size."""

import imaplib
import socket
import ssl
from typing import Any

from imap_tools import BaseMailBox

from webapp.config import Settings
from webapp.reports.refusal import MIB
from webapp.wire.leash import Leash
from webapp.wire.tls import context

LITERAL = 32 * MIB  # bytes that are kept of one; the rest is read and forgotten
MOST_SAID = 64 * MIB  # bytes that are kept of all answers to one command
PIECE = 256 * 1024


class LeashedIMAP4(imaplib.IMAP4):
    """imaplib's client; where the server offers STARTTLS on a plain port, it is used."""

    def __init__(self, settings: Settings, leash: Leash) -> None:
        self._leash = leash
        self._is_verified = settings.dmarc_imap_verify_ssl
        self._is_implicit = settings.dmarc_imap_use_ssl
        self._said = 0
        super().__init__(settings.dmarc_imap_host, settings.dmarc_imap_port)

    @property
    def is_encrypted(self) -> bool:
        """True once TLS stands."""
        return isinstance(self.sock, ssl.SSLSocket)

    def learn_capabilities(self) -> None:
        """Ask anew what the server can do: many tell all of it only after the login."""
        self._get_capabilities()  # type: ignore[attr-defined]

    def offers_tls(self) -> bool:
        """True where STARTTLS is offered and TLS does not stand yet."""
        return not self.is_encrypted and "STARTTLS" in self.capabilities

    def start_tls(self) -> None:
        """Go on in TLS; raises IMAP4.error or OSError."""
        self.starttls(context(verified=self._is_verified))

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002 - imaplib's signature
        made = self._leash.connect(self.host, self.port)
        if not self._is_implicit:
            return made
        return context(verified=self._is_verified).wrap_socket(made, server_hostname=self.host)

    def send(self, data: Any) -> None:
        """A command, or a part of one; what is said after it is counted anew."""
        self._said = 0
        super().send(data)

    def readline(self) -> bytes:
        """A line of an answer; raises abort for a server that never comes to an end."""
        found = super().readline()
        self._count(len(found))
        return found

    def _count(self, size: int) -> None:
        self._said += size
        if self._said > MOST_SAID:
            raise self.abort(f"the server says more than {MOST_SAID // MIB} MB to one command")

    def read(self, size: int) -> bytes:
        """A literal; of one that is larger than LITERAL only its beginning is kept."""
        kept = bytearray()
        left = size
        while left:
            piece: Any = self.file.read(min(left, PIECE))
            if not piece:
                raise self.abort("socket error: EOF")
            left -= len(piece)
            kept += piece[: LITERAL - len(kept)]
        self._count(len(kept))
        return bytes(kept)


class LeashedMailBox(BaseMailBox):
    """imap-tools' mailbox over that client."""

    client: LeashedIMAP4

    def __init__(self, settings: Settings, leash: Leash) -> None:
        self._settings, self._leash = settings, leash
        super().__init__()

    def _get_mailbox_client(self) -> LeashedIMAP4:
        return LeashedIMAP4(self._settings, self._leash)
