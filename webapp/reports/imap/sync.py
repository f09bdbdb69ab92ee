"""The work of the job: look at every mail above the mark, store its reports, and only then touch it. Yields
wherever the caller must commit."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.reports.imap import state, syncs
from webapp.reports.imap.look import Mail, Outcome, Seen, judge
from webapp.reports.imap.mailbox import STEP, Mailbox
from webapp.reports.imap.refusals import ImapAway, ImapError, ImapRefused
from webapp.reports.imap.state import Place
from webapp.reports.imap.syncs import Taken
from webapp.reports.refusal import MIB, limits
from webapp.wire.leash import Leash

BUDGET = 90.0  # seconds of one run; a longer sync goes on in the next, so that other jobs get their turn
QUIET = 40.0  # seconds that a server may say nothing
MOST_LOST = 5  # connections in a row that are lost without having got further
PAUSE = 1.0  # seconds before the next connection, times those that were lost
STOPPED = "Reading this mail stopped the program again and again"
BROKE = "The connection broke again and again while this mail was fetched"
HEAD = 256 * 1024  # bytes that are fetched of a mail that is too large, to tell what it is
MOST_HELD = 16 * MIB  # bytes of mails in memory after which no further one is fetched
MOST_STOPS = 3


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the sync is; `goes_on`: there is more to do in another run."""

    sync: int
    goes_on: bool = False
    figures: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The figures for the history of runs."""
        return {"sync_id": self.sync, **self.figures}


def run(session: Session, settings: Settings) -> Iterator[Progress]:
    """One run. Raises ImapError, after the sync is noted as failed."""
    taken = syncs.take(session.connection(), settings)
    yield Progress(sync=taken.id)
    work = _Sync(session, settings, taken)
    try:
        yield from work.passes()
    except ImapError as error:
        session.rollback()
        syncs.end(session.connection(), taken.id, str(error))
        yield Progress(sync=taken.id)
        raise
    if work.is_late:
        syncs.pause(session.connection(), taken.id)
        yield Progress(sync=taken.id, goes_on=True)
        return
    yield Progress(sync=taken.id, figures=syncs.end(session.connection(), taken.id, work.trouble))


class _Sync:
    """One run of a sync over as many connections as it takes."""

    def __init__(self, session: Session, settings: Settings, taken: Taken) -> None:
        self._session, self._settings, self._taken = session, settings, taken
        self._end = time.monotonic() + BUDGET
        self._limits = limits(settings)
        self._broken: Counter[int] = Counter()  # UID -> connections lost while it was fetched
        self._batch = 1 if taken.stops else settings.dmarc_imap_batch_size
        self._was_open = False
        self._batches = 0  # that are stored
        self.is_late = False
        self.trouble = ""

    def passes(self) -> Iterator[Progress]:
        """Connect and read, and connect again where the connection is lost on the way."""
        lost = 0
        while not self.is_late:
            before = self._batches
            try:
                yield from self._pass()
                return
            except ImapAway:
                self._session.rollback()
                lost = lost + 1 if self._batches == before else 1
                if not self._was_open or lost > MOST_LOST:
                    raise
                time.sleep(PAUSE * (lost - 1))
            self.is_late = time.monotonic() > self._end

    def _pass(self) -> Iterator[Progress]:
        """One connection."""
        with Leash(STEP, QUIET) as leash:
            mailbox = Mailbox(self._settings, leash)
            for _ in mailbox.open():
                pass
            changes = self._settings.imap_changes_mails
            selected = mailbox.select(self._settings.dmarc_imap_folder, readonly=not changes)
            self._was_open = True
            yield from self._read(
                mailbox, Place(self._settings.imap_account, selected.folder, selected.validity)
            )
            mailbox.close()

    def _read(self, mailbox: Mailbox, place: Place) -> Iterator[Progress]:
        """What failed before, and then all that is new."""
        known = state.mark(self._session.connection(), place)
        again = state.to_retry(self._session.connection(), place, self._taken.id)
        self._session.rollback()  # no transaction stays open while the server is waited for
        new = mailbox.above(known)
        state.enter(self._session.connection(), place, known)
        syncs.expect(self._session.connection(), self._taken.id, len(again) + len(new))
        yield from self._acted(mailbox, place)
        yield from self._looked_at(mailbox, place, again, moves_mark=False)
        yield from self._looked_at(mailbox, place, new, moves_mark=True)

    def _looked_at(
        self, mailbox: Mailbox, place: Place, uids: Sequence[int], *, moves_mark: bool
    ) -> Iterator[Progress]:
        position = 0
        while position < len(uids) and not self.is_late:
            mails = self._fetched(mailbox, uids[position : position + self._batch])
            position += len(mails)
            kept = self._settings.dmarc_ruf_enabled
            seen = [judge(self._session, mail, self._limits, failures=kept) for mail in mails]
            self._store(place, seen, moves_mark=moves_mark)
            yield from self._acted(mailbox, place)
            self.is_late = time.monotonic() > self._end

    def _fetched(self, mailbox: Mailbox, batch: Sequence[int]) -> list[Mail]:
        """The mails of a batch, or its first ones where they are large. They are all here before the first
        is stored: nothing is locked while the server is waited for."""
        if self._taken.stops >= MOST_STOPS and not self._batches:
            return [Mail(batch[0], reason=STOPPED)]
        sizes = mailbox.sizes(batch)
        mails: list[Mail] = []
        for uid in batch:
            mails.append(self._mail(mailbox, uid, sizes.get(uid, 0)))
            if sum(len(mail.content) for mail in mails) > MOST_HELD:
                break
        return mails

    def _mail(self, mailbox: Mailbox, uid: int, size: int) -> Mail:
        if self._broken[uid] >= state.ATTEMPTS:
            return Mail(uid, reason=BROKE)
        most = HEAD if size > self._limits.upload else self._limits.upload + 1
        try:
            fetched = mailbox.fetch(uid, most)
        except ImapAway:
            self._broken[uid] += 1
            self._batch = 1
            raise
        except ImapRefused as error:
            return Mail(uid, reason=f"The server does not give this mail: {error}")
        return Mail(uid, fetched.content, fetched.is_cut) if fetched else Mail(uid, is_gone=True)

    def _store(self, place: Place, mails: Sequence[Seen], *, moves_mark: bool) -> None:
        """Note what became of a batch, in the transaction of its reports."""
        connection = self._session.connection()
        for mail in mails:
            if mail.outcome is Outcome.FAILED:
                attempts = state.ATTEMPTS if mail.reason in (STOPPED, BROKE) else 1
                state.fail(connection, place, mail, self._taken.id, attempts)
        state.forgive(connection, place, [mail.uid for mail in mails if mail.outcome is not Outcome.FAILED])
        if self._settings.imap_changes_mails:
            state.owe(connection, place, [mail.uid for mail in mails if mail.outcome is Outcome.STORED])
        if moves_mark:
            state.advance(connection, place, mails[-1].uid)
        syncs.add(connection, self._taken.id, mails)
        self._batches += 1

    def _acted(self, mailbox: Mailbox, place: Place) -> Iterator[Progress]:
        """Commit, then do to the mails what the settings say, then note that it is done."""
        yield Progress(sync=self._taken.id)
        while not self.trouble and (uids := state.due(self._session.connection(), place)):
            self._session.rollback()
            if self._settings.imap_changes_mails:
                self._change(mailbox, uids)
            if not self.trouble:
                state.settle(self._session.connection(), place, uids)
                yield Progress(sync=self._taken.id)
        self._session.rollback()

    def _change(self, mailbox: Mailbox, uids: Sequence[int]) -> None:
        """Where the server refuses, the reports are stored all the same, and the next sync tries again."""
        settings = self._settings
        try:
            if settings.dmarc_imap_mark_seen:
                mailbox.mark_seen(uids)
            if settings.dmarc_imap_processed_folder:
                mailbox.move(uids, settings.dmarc_imap_processed_folder)
            elif settings.dmarc_imap_delete_after:
                mailbox.delete(uids)
        except ImapRefused as error:
            self.trouble = f"Reports are stored, but their mails cannot be moved, marked or deleted: {error}"
