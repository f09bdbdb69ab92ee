"""The checks as people know them: name, and what each is for; in the order in which they are shown."""

from collections.abc import Iterable
from typing import NamedTuple

from webapp.dnscheck.findings import Severity, Status

RECORDS = ("spf", "dkim", "dmarc")  # the documented checks; the others stand beside them


class Check(NamedTuple):
    """One check: its name, and one sentence on what it is for."""

    label: str
    purpose: str


CHECKS = {
    "spf": Check("SPF", "Which servers may send for the domain (RFC 7208)."),
    "dkim": Check("DKIM", "The key that proves that a mail is unchanged and ours (RFC 6376)."),
    "dmarc": Check(
        "DMARC", "What others do with mail that proves neither, and where they report (RFC 9989)."
    ),
    "mx": Check("MX", "Where mail for the domain goes, and whether that host's name and addresses agree."),
    "address": Check("A/AAAA", "The addresses of the hosts that take its mail."),
    "mta_sts": Check("MTA-STS", "Lets others insist on TLS with a valid certificate (RFC 8461)."),
    "tls_rpt": Check("TLS-RPT", "Where others report failed TLS connections (RFC 8460)."),
    "dnssec": Check("DNSSEC", "Whether the answers are signed, so that nobody can forge them."),
    "dane": Check("DANE", "Binds the mail server's certificate to DNS (RFC 7672)."),
    "bimi": Check("BIMI", "The logo that some mail programs show."),
    "caa": Check("CAA", "Which authorities may issue certificates (RFC 8659)."),
}


def word_of(name: str, status: str, record: str | None, severities: Iterable[str]) -> str:
    """The word of a check's badge: its status, but `better` or `absent` for what the standards do not ask
    for.

    The documented checks keep their documented status.
    """
    found = set(severities)
    if name in RECORDS or status != Status.SUCCESS:
        return status
    if Severity.RECOMMENDATION in found:
        return "better"
    return "absent" if record is None and Severity.INFORMATION in found else status


def check_of(name: str) -> Check:
    """The check of that name; one that is not in the table is shown as it is."""
    return CHECKS.get(name) or Check(name.replace("_", "-").upper(), "")


def in_order(names: Iterable[str]) -> list[str]:
    """The names of checks as they are shown."""
    order = list(CHECKS)
    found = list(names)
    return sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))
