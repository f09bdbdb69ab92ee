"""One connection to the mailbox of the settings: every step raises ImapError, and is bounded in time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from imap_tools.errors import MailboxFolderSelectError, UnexpectedCommandStatusError
from imap_tools.utils import encode_folder

from webapp.config import Settings
from webapp.reports.imap import answers, folders
from webapp.reports.imap.answers import Fetched
from webapp.reports.imap.connection import LeashedMailBox
from webapp.reports.imap.refusals import FAILURES, ImapAway, ImapNotConfigured, ImapRefused, as_imap_error
from webapp.wire.leash import Leash
from webapp.wire.tls import line

STEP = 45.0  # seconds for one command with its answer


@dataclass(frozen=True)
class Selected:
    """The folder that is open: its name, UIDVALIDITY (0: the server gives none), how many mails it has."""

    folder: str
    validity: int
    messages: int


class Mailbox:
    """The mailbox. With a leash that is not renewed, all steps together have its time."""

    def __init__(self, settings: Settings, leash: Leash, *, renewed: bool = True) -> None:
        if not settings.dmarc_imap_host:
            raise ImapNotConfigured("DMARC_IMAP_HOST is not set")
        if not settings.dmarc_imap_user:
            raise ImapNotConfigured("DMARC_IMAP_USER is not set")
        self._settings, self._leash, self._renewed = settings, leash, renewed
        self._made: LeashedMailBox | None = None

    @property
    def _box(self) -> LeashedMailBox:
        if self._made is None:
            raise ImapAway("The connection is not open")
        return self._made

    def open(self) -> Iterator[str]:
        """Connect, encrypt and log in; a line before and after each step."""
        yield "Connecting to IMAP server..."
        with self._step():
            self._made = LeashedMailBox(self._settings, self._leash)
        yield "Connected using SSL" if self._box.client.is_encrypted else "Connected"
        if self._box.client.offers_tls():
            yield "Starting TLS..."
            with self._step():
                self._box.client.start_tls()
            yield "TLS established"
        if not self._box.client.is_encrypted:
            yield "Warning: the password goes over the wire unencrypted (DMARC_IMAP_USE_SSL=false)"
        yield "Logging in..."
        with self._step():
            self._login()
        yield "Login successful"

    def _login(self) -> None:
        user, password = self._settings.dmarc_imap_user, self._settings.dmarc_imap_password
        if (user + password).isascii():
            self._box.login(user, password, initial_folder=None)
        else:
            self._box.login_utf8(user, password, initial_folder=None)
        self._box.client.learn_capabilities()

    def folders(self) -> list[str]:
        """The names of all folders, as the server has them."""
        with self._step():
            return [found.name for found in self._box.folder.list()]

    def select(self, folder: str, *, readonly: bool) -> Selected:
        """Open a folder, with the prefix and the separator that the server wants; raises
        ImapFolderMissing."""
        with self._step():
            name = self._opened(folder, readonly)
        client = self._box.client
        return Selected(
            name, answers.number(client.response("UIDVALIDITY")), answers.number(client.response("EXISTS"))
        )

    def _opened(self, folder: str, readonly: bool) -> str:
        try:
            self._box.folder.set(folder, readonly)
        except MailboxFolderSelectError:
            name = folders.existing(self._box, folder)
            if name in (None, folder):
                raise
            self._box.folder.set(name, readonly)
            return name
        return folder

    def above(self, uid: int) -> list[int]:
        """The UIDs of the open folder that are larger, ascending. A server answers `n:*` with its last mail
        at least (RFC 9051, 9)."""
        with self._step():
            found = self._box.uids(f"UID {uid + 1}:*", charset=None)
        return sorted({int(one) for one in found if one.isdecimal() and int(one) > uid})

    def count(self) -> int:
        """How many mails the open folder has, by a search."""
        with self._step():
            return len(self._box.uids("ALL", charset=None))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Sizes in bytes of these mails; those that the server does not tell are absent."""
        try:
            with self._step():
                answer = self._box.client.uid("FETCH", _set(uids), "(UID RFC822.SIZE)")
        except ImapRefused:
            return {}
        return answers.sizes(answer[1]) if answer[0] == "OK" else {}

    def fetch(self, uid: int, most: int) -> Fetched | None:
        """The first `most` bytes of a mail, without marking it as read; None where it is gone."""
        with self._step():
            answer = self._box.client.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{most}>)")
            if answer[0] != "OK":
                raise UnexpectedCommandStatusError(answer, "OK")
        return answers.fetched(answer[1], uid, most)

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark mails as read."""
        self._store(uids, r"(\Seen)")

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails; the folder is made where it is missing. Without MOVE (RFC 6851) they are copied and
        deleted."""
        client = self._box.client
        with self._step():
            name = folders.existing(self._box, folder) or folders.make(self._box, folder)
        moves = "MOVE" in client.capabilities
        self._command("MOVE" if moves else "COPY", _set(uids), encode_folder(name))
        if not moves:
            self.delete(uids)

    def delete(self, uids: Sequence[int]) -> None:
        """Delete these mails and no other: what another program has marked as deleted stays (RFC 4315)."""
        self._store(uids, r"(\Deleted)")
        if "UIDPLUS" in self._box.client.capabilities:
            self._command("EXPUNGE", _set(uids))
            return
        with self._step():
            marked = {int(uid) for uid in self._box.uids("DELETED", charset=None)}
        if marked <= set(uids):
            with self._step():
                self._box.expunge()

    def close(self) -> None:
        """Say goodbye; a server that is gone by then changes nothing."""
        if self._made is not None:
            with suppress(*FAILURES):
                self._made.logout()

    def _store(self, uids: Sequence[int], flags: str) -> None:
        self._command("STORE", _set(uids), "+FLAGS.SILENT", flags)

    def _command(self, *words: str | bytes) -> None:
        with self._step():
            answer = self._box.client.uid(*words)  # type: ignore[arg-type]
            if answer[0] != "OK":
                raise UnexpectedCommandStatusError(answer, "OK")

    @contextmanager
    def _step(self) -> Iterator[None]:
        """One command within its time; every failure as an ImapError."""
        if self._renewed:
            self._leash.renew(STEP)
        try:
            yield
        except FAILURES as error:
            if self._leash.is_over:
                seconds = f"{self._leash.seconds:g}"
                raise ImapAway(f"The IMAP server took longer than {seconds} seconds") from error
            raise as_imap_error(error, self._clean) from error

    def _clean(self, text: str) -> str:
        user, password = self._settings.dmarc_imap_user, self._settings.dmarc_imap_password
        return line(text, *([f"\0{user}\0{password}", password] if password else []))


def _set(uids: Sequence[int]) -> str:
    """A set of UIDs, runs as `first:last` (RFC 9051, sequence-set)."""
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in runs)
