"""What our own checks say of a domain's TLS now, out of what they stored last: no network, one statement."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.reports.tlswords import TlsNow
from webapp.tables.db import now

STORED = text(
    "SELECT grades->'mx'->>'record' AS mx, grades->'dane'->>'message' AS dane, "
    "grades->'mta_sts'->>'message' AS mta_sts, (SELECT json_agg(json_build_object('host', host, "
    "'error', error, 'not_after', extract(epoch FROM not_after))) FROM certificates WHERE port = 25 "
    "AND grades->'mx'->>'record' LIKE '% ' || host || '%') AS certificates "
    "FROM domain_dns_checks WHERE domain_name = :domain"
)


def tls_now(session: Session, domain: str) -> TlsNow:
    """What was found last of the domain's MX, certificate, TLSA and MTA-STS."""
    row = session.execute(STORED, {"domain": domain}).first()
    if row is None:
        return TlsNow()
    hosts = tuple(part.split()[-1] for part in (row.mx or "").split(", ") if part.split())
    named = [_certificate(one) for one in row.certificates or [] if one["host"] in hosts]
    return TlsNow(hosts, "; ".join(named) or None, row.dane, row.mta_sts)


def _certificate(seen: dict[str, Any]) -> str:
    if seen["not_after"] is None:
        return f"{seen['host']} showed none ({seen['error']})"
    ends = datetime.fromtimestamp(float(seen["not_after"]), now().tzinfo)
    word = "ended" if ends < now() else "is valid until"
    return f"that of {seen['host']} {word} {ends:%Y-%m-%d}"
