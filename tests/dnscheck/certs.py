"""Certificates made for one test run: an authority and what it signs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Signed:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def _signed(
    name: str,
    signer: Signed | None,
    *,
    authority: bool,
    begin: datetime = NOW - YEAR,
    end: datetime = NOW + YEAR,
) -> Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.certificate.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    issuer_key = (signer.key if signer else key).public_key()
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
    )
    return Signed(builder.sign(signer.key if signer else key, hashes.SHA256()), key)


@lru_cache(maxsize=1)
def authority() -> Signed:
    """The authority of this run."""
    return _signed("Test authority", None, authority=True)


@lru_cache(maxsize=20)
def certificate(name: str, *, expired: bool = False) -> Signed:
    """A server's certificate, signed by the authority."""
    end = NOW - timedelta(days=1) if expired else NOW + YEAR
    return _signed(name, authority(), authority=False, end=end)


def chain_file(folder: Path, signed: Signed) -> Path:
    """Key and chain in one PEM file, as a TLS server loads it."""
    path = folder / "chain.pem"
    key = signed.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(key + signed.pem + authority().pem)
    return path
