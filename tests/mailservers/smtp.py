"""An SMTP server on loopback (aiosmtpd): with or without TLS, with or without a login."""

import asyncio
import ssl
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.dnscheck.certs import Signed, chain_file
from webapp.demo.ownloop import OwnLoop

HOST = "localhost"


class Inbox(MessageHandler):
    """What was delivered; recipients in `refused` are not taken. The methods' names are the library's."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.refused: dict[str, str] = {}
        self.helo: list[str] = []

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, name: str, answers: list[str]
    ) -> list[str]:
        self.helo.append(name)
        session.host_name = name
        return answers

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"


@dataclass
class MailServer(OwnLoop):
    """Use as a context manager. `login` is the only one that is taken; with `tls`, `implicit` says how it
    begins."""

    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    implicit: bool = False
    port: int = field(default=0, init=False)
    inbox: Inbox = field(default_factory=Inbox, init=False)

    @property
    def at(self) -> dict[str, Any]:
        """Where it is, as settings."""
        return {"smtp_host": HOST, "smtp_port": self.port}

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._connection, "127.0.0.1", 0, ssl=self.tls if self.implicit else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def _connection(self) -> SMTP:
        return SMTP(
            self.inbox,
            hostname="mail.example",
            tls_context=None if self.implicit else self.tls,
            authenticator=self._judge if self.login else None,
            auth_required=bool(self.login),
            auth_require_tls=bool(self.tls),
            loop=asyncio.get_running_loop(),
        )

    def _judge(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = data.login.decode(), data.password.decode()
        return AuthResult(success=given == self.login, handled=False)

    def _close(self) -> None:
        self._server.close()


def server_tls(folder: Path, signed: Signed) -> ssl.SSLContext:
    """A server's side of TLS with this certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(chain_file(folder, signed))
    return made
