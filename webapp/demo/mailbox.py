"""The mailbox of the simulated mailcow into which one reporter sends, among other mail: read by IMAP."""

from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

from . import cast, postbox
from .imap import Folder, ImapServer

USER = f"reports@{cast.BOOKS}"
REPORTER = "harbour-mail.example"
DAYS = 10  # whose reports are there; those of yesterday come a day later
ORDINARY = (
    ("Your order of paper has left our house", "It comes on Thursday.\n"),
    ("Who waters the plants?", "I can do July.\n"),
)


class Mailbox(ImapServer):
    """Use as a context manager; with each day that begins, another mail with a report comes."""

    def __init__(self, port: int, password: str) -> None:
        super().__init__(user=USER, password=password, port=port, folders={"INBOX": Folder(validity=9)})
        self._until = _today() - timedelta(days=DAYS)
        for subject, text in ORDINARY:
            self.folders["INBOX"].add(_letter(subject, text))
        self.folders["INBOX"].add(_cut(postbox.report(cast.BOOKS, REPORTER, self._until, DAYS)))
        self.hook = self._deliver

    async def _deliver(self, command: str, _: list[str]) -> None:
        """Before the folder is looked at, put in what has come since."""
        while command in ("SELECT", "EXAMINE") and self._until < _today() - timedelta(days=2):
            self._until += timedelta(days=1)
            for domain in postbox.POLICIES:
                back = (_today() - self._until).days
                self.folders["INBOX"].add(postbox.report(domain, REPORTER, self._until, back))


def _today() -> date:
    return datetime.now(UTC).date()


def _letter(subject: str, text: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Paula Papier <paula@stadtbibliothek.example>"
    mail["To"] = USER
    mail["Subject"] = subject
    mail.set_content(text)
    return mail.as_bytes()


def _cut(mail: bytes) -> bytes:
    """A mail of which a part was lost on the way."""
    return mail[: int(len(mail) * 0.8)] + b"\n"
