"""What a TLS report's result types mean (RFC 8460, section 4.3), in plain words, and what our own checks say
of them now.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.reports.tlsrpt import TlsFailure, TlsPolicy

MEANINGS = {
    "starttls-not-supported": "The mail server did not offer STARTTLS.",
    "certificate-host-mismatch": "The certificate does not name the mail server's host.",
    "certificate-expired": "The certificate had expired.",
    "certificate-not-trusted": "The certificate is not from an authority that the sender trusts.",
    "validation-failure": "The connection could not be validated, for a reason without a word of its own.",
    "tlsa-invalid": "No TLSA record matches the server's certificate, or the record is malformed.",
    "dnssec-invalid": "The DNSSEC signatures of the domain could not be validated.",
    "dane-required": "The sender asks for DANE and found no TLSA records that it could use.",
    "sts-policy-fetch-error": "The MTA-STS policy could not be fetched by HTTPS.",
    "sts-policy-invalid": "The MTA-STS policy was fetched, but it is malformed.",
    "sts-webpki-invalid": "The certificate of the MTA-STS policy's web server could not be validated.",
}
KINDS = {
    "sts": "MTA-STS",
    "tlsa": "DANE (TLSA)",
    "no-policy-found": "no policy",
}


@dataclass(frozen=True)
class TlsNow:
    """What our own checks say now; None for what was not checked."""

    mx_hosts: tuple[str, ...] = ()
    certificate: str | None = None
    tlsa: str | None = None
    mta_sts: str | None = None


def meaning(result: str) -> str:
    """A result type in words; a word that the RFC does not have is told as the reporter's own."""
    return MEANINGS.get(result, f"The reporter's own word: {result or 'none given'}.")


def kind_of(policy: TlsPolicy) -> str:
    """The kind of policy in words."""
    return KINDS.get(policy.kind, policy.kind or "not said")


def remarks(policy: TlsPolicy, now: TlsNow) -> list[str]:
    """What the policy and its failures say beside our own checks; TLSA policies have no mode and nothing is
    wrong in that.
    """
    found = [*_hosts(policy, now.mx_hosts)]
    words = {failure.result for failure in policy.failures if failure.sessions}
    if any(word.startswith("certificate-") for word in words) and now.certificate:
        found.append(f"Our own check of the certificate now: {now.certificate}")
    if words & {"tlsa-invalid", "dnssec-invalid", "dane-required"} and now.tlsa:
        found.append(f"Our own check of TLSA now: {now.tlsa}")
    if any(word.startswith("sts-") for word in words) and now.mta_sts:
        found.append(f"Our own check of MTA-STS now: {now.mta_sts}")
    return found


def _hosts(policy: TlsPolicy, mx_hosts: Sequence[str]) -> list[str]:
    """Names in an MTA-STS policy that are none of the domain's MX hosts, and MX hosts that it leaves out."""
    if policy.kind != "sts" or not mx_hosts:
        return []
    parts = [line.strip().lower().partition(":") for line in policy.lines]
    listed = [name.strip() for key, _, name in parts if key.strip() == "mx"]
    if not listed:
        return []
    if policy.domain in listed and policy.domain not in mx_hosts:
        return [f"The policy lists the domain {policy.domain}, not its MX host {', '.join(mx_hosts)}."]
    missing = [host for host in mx_hosts if not any(matches(pattern, host) for pattern in listed)]
    return [f"The policy does not list the MX host {', '.join(missing)}."] if missing else []


def matches(pattern: str, host: str) -> bool:
    """True where an MTA-STS pattern names the host; `*.` stands for exactly one label (RFC 8461, section
    4.1).
    """
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:] and "." in host
    return pattern == host


def worst(failures: Sequence[TlsFailure]) -> TlsFailure | None:
    """The failure with the most sessions; None without failures."""
    return max(failures, key=lambda failure: failure.sessions, default=None)
