"""Reads a DKIM key record (RFC 6376 3.6.1, RFC 8301, RFC 8463): what it says, and how strong its key is."""

import base64
import binascii
from dataclasses import dataclass

from webapp.dnscheck.taglist import TagList, choices, parse_tags, without_blanks

RSA, ED25519 = "rsa", "ed25519"
ED25519_BYTES = 32  # RFC 8463 4.2: the bare key, without the ASN.1 around it
LONGEST_KEY = 6_000  # characters of base64: an RSA key of 36,000 bits, far beyond what any verifier takes


@dataclass(frozen=True)
class DkimKey:
    """One key record. `key` is its base64 without blanks ('' is revoked, None where `p=` is missing).

    `hashes`, `services` and `flags` are empty where the tag is missing, which means: all, all, none.
    """

    listed: TagList
    key_type: str
    key: str | None
    hashes: tuple[str, ...]
    services: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def parameters(self) -> dict[str, str]:
        """The tags as the documented answer shows them; the key without its folding."""
        return {
            name: without_blanks(value) if name == "p" else value for name, value in self.listed.tags.items()
        }


def is_key_record(text: str) -> bool:
    """True for what a verifier would take for a key: `v=DKIM1`, or no version and a `p=` (RFC 6376 3.6.1)."""
    tags = parse_tags(text).tags
    return tags["v"] == "DKIM1" if "v" in tags else "p" in tags


def parse_key(text: str) -> DkimKey:
    """The record's tags with their defaults."""
    listed = parse_tags(text)
    tags = listed.tags
    return DkimKey(
        listed=listed,
        key_type=tags.get("k", RSA).lower(),
        key=without_blanks(tags["p"]) if "p" in tags else None,
        hashes=choices(tags.get("h", "")),
        services=choices(tags.get("s", "")),
        flags=choices(tags.get("t", "")),
    )


def mended(key: DkimKey) -> str:
    """The same key as a record without what harms it: test mode, SHA-1, another service than mail."""
    kept = {"v": "DKIM1", "k": key.key_type}
    flags = [flag for flag in key.flags if flag != "y"]
    kept |= {"t": ":".join(flags)} if flags else {}
    kept |= {"s": "email"} if "email" in key.services else {}
    return ";".join(f"{name}={value}" for name, value in (kept | {"p": key.key or ""}).items())


def key_bits(key: DkimKey) -> int | None:
    """The length of the key in bits (256 for ed25519), None where it is no key of its type."""
    raw = _decoded(key.key or "")
    if raw is None:
        return None
    if key.key_type == ED25519:
        return 8 * ED25519_BYTES if len(raw) == ED25519_BYTES else None
    return _rsa_bits(raw) if key.key_type == RSA else None


def _decoded(text: str) -> bytes | None:
    if not text or len(text) > LONGEST_KEY:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _rsa_bits(raw: bytes) -> int | None:
    """Takes the key with its algorithm around it, as all publish it, and bare, as RFC 6376 has it too."""
    # 8 MB that no page needs
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        loaded = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return loaded.key_size if isinstance(loaded, RSAPublicKey) else None
