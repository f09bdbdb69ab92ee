"""DANE for mail (RFC 7672): TLSA records that were validated and match what port 25 shows."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from webapp.dnscheck.findings import Finding, Grade, Level, Publication, Status
from webapp.dnscheck.hosts import MailHost, MailHosts, mail_hosts
from webapp.dnscheck.port25 import Port25, Probe, Served
from webapp.dnscheck.resolver import Answer, Lookup
from webapp.dnscheck.tlsa import TlsaRecord, matches, usual_record
from webapp.dnscheck.wording import Voice, summed, untold

MOST_PROBED = 3  # MX hosts whose certificate is asked for
_DANE = Voice("dane")


@dataclass(frozen=True)
class HostDane:
    """One MX host, the answer to TLSA at it, and what its port 25 showed (None where it was not asked)."""

    host: MailHost
    answer: Answer
    served: Served | None

    @property
    def name(self) -> str:
        """Where its TLSA records belong."""
        return f"_25._tcp.{self.host.name}"

    @property
    def records(self) -> tuple[TlsaRecord, ...]:
        """Its TLSA records, in an order of ours: servers shuffle."""
        read = (
            TlsaRecord(found.usage, found.selector, found.mtype, bytes(found.cert))  # type: ignore[attr-defined]
            for found in self.answer.records
        )
        return tuple(sorted(read, key=TlsaRecord.text))

    def publication(self) -> Publication | None:
        """The `3 1 1` record of the certificate that was shown."""
        usual = usual_record(self.served.chain[0]) if self.served and self.served.chain else None
        return Publication(name=self.name, type="TLSA", value=usual.text()) if usual else None


async def grade_dane(domain: str, resolver: Lookup, *, probe: Probe | None = None) -> Grade:
    """Looks for TLSA at each MX host, and asks the signed ones for their certificate."""
    found = await mail_hosts(domain, resolver)
    hosts = [host for host in found.hosts if host.name and host.addresses][:MOST_PROBED]
    looked = await asyncio.gather(*(_host(host, resolver, probe or Port25()) for host in hosts))
    return judge_dane(found, looked, datetime.now(UTC))


async def _host(host: MailHost, resolver: Lookup, probe: Probe) -> HostDane:
    answer = await resolver.lookup(f"_25._tcp.{host.name}", "TLSA")
    signed = answer.authenticated if answer.records else any(found.authenticated for found in host.answers)
    served = await probe(host.name, host.addresses) if answer.known and signed else None
    return HostDane(host, answer, served)


def judge_dane(found: MailHosts, hosts: Sequence[HostDane], now: datetime) -> Grade:
    """The grade of what was looked up at `now`."""
    if not found.answer.known:
        return untold("DANE", found.answer)
    failed = [host.answer for host in hosts if not host.answer.known]
    if failed:
        return untold("DANE", failed[0])
    told = [finding for host in hosts for finding in _of_host(host, now)]
    if any(host.records and host.answer.authenticated for host in hosts) and not found.answer.authenticated:
        why = "The domain's MX is not signed, so the TLSA records need not be heeded (RFC 7672 2.2.1)."
        told.append(_DANE.warning(Level.MUST, "mx-unsigned", why))
    record = ", ".join(f"{host.name} {one.text()}" for host in hosts for one in host.records)
    message = "TLSA is validated and matches the certificate" if record else "There are no TLSA records"
    grade = summed(told, message, record or None)
    return _untold_where_unsure(grade)


def _untold_where_unsure(grade: Grade) -> Grade:
    unsure = [finding for finding in grade.findings if finding.code in ("dane-unchecked", "dane-cannot-tell")]
    if not unsure or grade.status is not Status.SUCCESS:
        return grade
    return replace(grade, status=Status.UNKNOWN, message=unsure[0].why)


def _of_host(host: HostDane, now: datetime) -> Iterator[Finding]:
    if not host.records:
        yield from _without(host)
    elif host.answer.authenticated is None:
        why = f"{host.name} has TLSA records; whether they are signed cannot be told over this way to DNS."
        yield _DANE.note("cannot-tell", why)
    elif not host.answer.authenticated:
        why = f"The TLSA records of {host.host.name} are not signed with DNSSEC, so they have no effect."
        yield _DANE.warning(Level.MUST, "unsigned", why)
    else:
        yield from _signed(host, now)


def _without(host: HostDane) -> Iterator[Finding]:
    if host.served is None:
        yield _DANE.note("unsigned-zone", f"{host.host.name} has no TLSA records; DNSSEC comes first.")
    else:
        why = f"{host.host.name} is signed with DNSSEC, so TLSA records would make TLS mandatory for senders."
        yield _DANE.advice(Level.MAY, "missing", why, host.publication())


def _signed(host: HostDane, now: datetime) -> Iterator[Finding]:
    usable = [record for record in host.records if record.usable]
    if not usable:
        why = f"None of the TLSA records of {host.host.name} has a form that is heeded (3 1 1, 2 1 1)."
        yield _DANE.warning(Level.MUST, "unusable", why, host.publication())
        return
    if host.served is None or not host.served.chain:
        why = f"The certificate could not be compared: {host.served.detail if host.served else 'not asked'}"
        yield _DANE.note("unchecked", why)
        return
    matching = [record for record in usable if matches(record, host.served.chain, host.host.name, now)]
    if not matching:
        why = f"No TLSA record of {host.host.name} matches its certificate: DANE senders do not deliver."
        yield _DANE.error(Level.MUST, "mismatch", why, host.publication())
    elif len(usable) == 1:
        why = f"{host.host.name} has one TLSA record: add the next key's before you change the key."
        yield _DANE.advice(Level.SHOULD, "one-record", why)
    if len(host.records) > len(usable):
        yield _DANE.note("unusable-too", f"Some TLSA records of {host.host.name} are of no use for mail.")
