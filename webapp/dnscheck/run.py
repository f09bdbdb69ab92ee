"""The work of the DNS jobs: ask mailcow, ask the DNS, store. Yields wherever the caller should commit."""

import asyncio
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.dnscheck import inventory, progress, save
from webapp.dnscheck.check import DomainCheck, check_domains, graders
from webapp.dnscheck.inventory import Inventory, MailDomain
from webapp.dnscheck.mtasts import SeenPolicy
from webapp.dnscheck.port25 import Port25, Remembered
from webapp.dnscheck.reported import passing_senders
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.subjects import subjects
from webapp.mailcow import snapshots
from webapp.mailcow.client import MailcowError
from webapp.mailcow.connection import mailcow
from webapp.tables.db import now

RECORDS = ("spf", "dkim", "dmarc")  # the documented checks; only these make a domain's check fail
MOST_ERRORS = 100  # sentences that a result lists


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a run has done: domains with an answer for every record, a sentence for each other, changed
    records."""

    domains_checked: int = 0
    errors: tuple[str, ...] = ()
    changes: int = 0

    def as_dict(self) -> dict[str, object]:
        """The figures for the history of runs."""
        return {"domains_checked": self.domains_checked, "errors": list(self.errors), "changes": self.changes}


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What is stored of the domains from before: MTA-STS policies served, addresses that reports name."""

    seen: Mapping[str, SeenPolicy]
    reported: Mapping[str, Sequence[str]]


def check_all(session: Session, settings: Settings) -> Iterator[Figures]:
    """Checks every active domain. Where mailcow is away, those that it had last; raises MailcowError then, at
    the end."""
    progress.begin()
    try:
        yield from _all_checked(session, settings)
    finally:
        progress.finish()


def _all_checked(session: Session, settings: Settings) -> Iterator[Figures]:
    known, failure = _refreshed(session, settings)
    yield Figures()
    if known is None:
        raise failure or MailcowError("mailcow told nothing of its domains")
    active = [domain for domain in known.domains if domain.active]
    figures = _saved(session, _checked(session, active, known, settings, noted=True), full=True)
    yield figures
    if failure is not None:
        raise failure
    save.forget_others(session.connection(), [domain.name for domain in known.domains])
    yield figures


def check_wanted(session: Session, settings: Settings) -> Iterator[Figures]:
    """Checks the domains that somebody asked for, with their DKIM keys asked anew where mailcow answers."""
    wanted = progress.wanted()
    try:
        known = _last(session)
        session.rollback()  # no transaction stays open while mailcow is waited for
        listed = known.domains if known is not None else ()
        chosen = _with_fresh_keys([domain for domain in listed if domain.name in wanted], settings)
        checks = _checked(session, chosen, known or Inventory(domains=()), settings, noted=False)
        yield _saved(session, checks, full=False)
    finally:
        progress.settle(wanted)


def _with_fresh_keys(domains: list[MailDomain], settings: Settings) -> list[MailDomain]:
    """The domains with the DKIM keys that mailcow has now; with those that it had where it is away."""
    try:
        client = mailcow(settings)
        return [replace(domain, key=inventory.read_key(client, domain.name)) for domain in domains]
    except MailcowError:  # the client has noted it, and every page tells it
        return domains


def _refreshed(session: Session, settings: Settings) -> tuple[Inventory | None, MailcowError | None]:
    """What mailcow knows now; where it does not answer, what it knew last (None: nothing) and the error."""
    last = _last(session)
    session.rollback()  # no transaction stays open while mailcow is waited for
    try:
        found = inventory.read(functools.partial(mailcow, settings), settings.tz)
    except MailcowError as error:
        snapshots.note_failure(session.connection(), inventory.SNAPSHOT, str(error))
        return last, error
    if not found.addresses and last is not None:
        found = replace(found, addresses=last.addresses)
    snapshots.keep(session.connection(), inventory.SNAPSHOT, found.stored())
    return found, None


def _last(session: Session) -> Inventory | None:
    kept = snapshots.load(session, inventory.SNAPSHOT)[inventory.SNAPSHOT]
    return inventory.restored(kept.data) if kept.data is not None else None


def _checked(
    session: Session, wanted: Iterable[MailDomain], known: Inventory, settings: Settings, *, noted: bool
) -> list[DomainCheck]:
    """The checks of the wanted domains; `noted` shows on the pages how far they are."""
    listed, checks, since = list(wanted), [], now().timestamp()
    seen = save.seen_policies(session.connection(), [domain.name for domain in listed])
    history = settings.domain_spf_source_dmarc_history
    reported = passing_senders(session.connection()) if history else {}
    session.rollback()  # no transaction stays open while DNS is waited for

    def done(check: DomainCheck) -> None:
        checks.append(check)
        if noted:
            progress.note(len(checks), len(listed), since)

    if noted:
        progress.note(0, len(listed), since)
    asyncio.run(_ask(listed, known, settings, Earlier(seen=seen, reported=reported), done))
    return sorted(checks, key=lambda check: check.domain)


async def _ask(
    wanted: list[MailDomain],
    known: Inventory,
    settings: Settings,
    earlier: Earlier,
    done: Callable[[DomainCheck], None],
) -> None:
    async with Resolver(settings.dns_resolvers) as resolver:
        found = await subjects(known, wanted, earlier.reported, settings, resolver)
        remembering = [replace(subject, seen=earlier.seen.get(subject.domain)) for subject in found]
        await check_domains(remembering, resolver, done, graders(Remembered(Port25())))


def _saved(session: Session, checks: list[DomainCheck], *, full: bool) -> Figures:
    return _figures(checks, save.save(session.connection(), checks, full=full))


def _figures(checks: list[DomainCheck], changes: int) -> Figures:
    errors = [
        f"{check.domain}: {check.grades[name].message}"
        for check in checks
        for name in check.unanswered
        if name in RECORDS
    ]
    failed = {error.partition(":")[0] for error in errors}
    return Figures(
        domains_checked=len(checks) - len(failed), errors=tuple(errors[:MOST_ERRORS]), changes=changes
    )
