"""Compares TLSA records with the certificates that a server shows (RFC 7671)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # 8 MB that only a look at certificates needs, in the process of its job
    from cryptography import x509

TRUST_ANCHOR, END_ENTITY = 2, 3  # the usages that mail servers heed (RFC 7672 3.1)
KEY, SHA256 = 1, 1  # selector and matching type of the usual `3 1 1`
_DIGESTS = {1: hashlib.sha256, 2: hashlib.sha512}


@dataclass(frozen=True)
class TlsaRecord:
    """The fields of one TLSA record; `data` is a digest, or the whole thing where `matching` is 0."""

    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def usable(self) -> bool:
        """True where a mail server heeds it; usages 0 and 1 are of no use there (RFC 7672 3.1)."""
        fits = self.matching not in _DIGESTS or len(self.data) == _DIGESTS[self.matching]().digest_size
        known = (
            self.usage in (TRUST_ANCHOR, END_ENTITY)
            and self.selector in (0, 1)
            and self.matching in (0, 1, 2)
        )
        return known and fits and bool(self.data)

    def text(self) -> str:
        """As a zone has it."""
        return f"{self.usage} {self.selector} {self.matching} {self.data.hex()}"


def matches(record: TlsaRecord, chain: Sequence[bytes], host: str, now: datetime) -> bool:
    """True where the record covers the chain (DER, the server's own first) for that host at that time.

    Usage 3 looks at the server's own key alone: neither names nor dates count (RFC 7671 5.1). With usage 2 a
    certificate of the chain must match, and lead to the server's own, which must be valid and bear the name.
    """
    if not record.usable or not chain:
        return False
    if record.usage == END_ENTITY:
        return _covers(record, chain[0])
    anchors = [place for place, certificate in enumerate(chain) if place > 0 and _covers(record, certificate)]
    return any(_leads_down(chain[: place + 1], host, now) for place in anchors)


def usual_record(certificate: bytes) -> TlsaRecord | None:
    """The `3 1 1` record of a certificate, None where it cannot be read."""
    key = _selected(certificate, KEY)
    return TlsaRecord(END_ENTITY, KEY, SHA256, hashlib.sha256(key).digest()) if key else None


def _covers(record: TlsaRecord, certificate: bytes) -> bool:
    selected = _selected(certificate, record.selector)
    if selected is None:
        return False
    return (selected if record.matching == 0 else _DIGESTS[record.matching](selected).digest()) == record.data


def _selected(certificate: bytes, selector: int) -> bytes | None:
    if selector != KEY:
        return certificate
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _leads_down(chain: Sequence[bytes], host: str, now: datetime) -> bool:
    """True where each certificate is signed by the next, all are valid now, and the first bears the name."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        read = [x509.load_der_x509_certificate(certificate) for certificate in chain]
        for signed, signer in pairwise(read):
            signed.verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    valid = all(one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in read)
    return valid and _bears(read[0], host)


def _bears(certificate: "x509.Certificate", host: str) -> bool:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    own = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    return host.lower() in own or f"*.{host.partition('.')[2].lower()}" in own
