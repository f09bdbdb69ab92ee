"""What there is to say of a DKIM key record: each remark with its finding and the documented words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from webapp.dnscheck.dkimkey import ED25519, RSA, DkimKey, key_bits
from webapp.dnscheck.findings import Finding, Level, Publication, Severity
from webapp.dnscheck.taglist import shortened

FORBIDDEN_BELOW, WEAK_BELOW, COMMON_UP_TO = 1024, 2048, 4096  # bits of RSA: RFC 8301 3.2
KNOWN_TAGS = frozenset({"v", "h", "k", "n", "p", "s", "t", "g"})

NO_KEY_IN_MAILCOW = Finding(
    severity=Severity.ERROR,
    level=Level.SHOULD,
    code="dkim-no-key",
    why="Without a key mailcow does not sign, and DMARC passes by SPF alone, which forwarding breaks.",
)


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A finding, and the words of the documented answer for it: headline, warning, information."""

    finding: Finding
    headline: str = ""
    warning: str = ""
    info: str = ""


def _failure(code: str, why: str, headline: str, publish: Publication | None = None) -> Remark:
    """Something that breaks every signature: the headline stands among the warnings too."""
    finding = _finding(Severity.ERROR, Level.MUST, code, why, publish)
    return Remark(finding=finding, headline=headline, warning=f"❌ {headline}")


def _caution(level: Level, code: str, why: str, text: str) -> Remark:
    """Something that costs trust; `text` is the documented warning without its sign."""
    return Remark(finding=_finding(Severity.WARNING, level, code, why), warning=f"⚠️ {text}")


def _finding(
    severity: Severity, level: Level, code: str, why: str, publish: Publication | None = None
) -> Finding:
    return Finding(severity=severity, level=level, code=f"dkim-{code}", why=why, publish=publish)


def of_key(key: DkimKey, *, believed: bool) -> list[Remark]:
    """What the record itself gives cause to say; `believed` where mailcow signs with this very key."""
    if key.key is None:
        return [_NO_P]
    if key.key == "":
        return [_REVOKED]
    found = [_repeated(key), _key_type(key), _strength(key, believed), _hashes(key), _services(key)]
    found += [rule(key) for rule in _RULES]
    return [remark for remark in found if remark is not None]


_NO_P = _failure(
    "no-p",
    "A key record without p= holds no key (RFC 6376 3.6.1).",
    "DKIM record has no public key (p= is missing)",
)
_REVOKED = _failure(
    "revoked",
    "An empty p= says the key is revoked: every signature with it fails.",
    "DKIM key is revoked (p= is empty)",
)


def _repeated(key: DkimKey) -> Remark | None:
    if not key.listed.repeated:
        return None
    name = key.listed.repeated[0]
    why = f"The tag {name}= stands there twice, which makes the whole record invalid (RFC 6376 3.2)."
    headline = f"DKIM record is invalid: {name}= stands there twice"
    return _failure("repeated-tag", why, headline)


def _key_type(key: DkimKey) -> Remark | None:
    if key.key_type == RSA:
        return None
    if key.key_type == ED25519:
        why = "Many receivers cannot check ed25519 yet: sign with an RSA key beside it (RFC 8463 3)."
        return Remark(finding=_finding(Severity.RECOMMENDATION, Level.SHOULD, "ed25519-alone", why))
    text = f"DKIM uses an unknown key type (k={shortened(key.key_type, 20)})"
    why = "Receivers ignore a key whose type they do not know: only rsa and ed25519 are defined."
    return _caution(Level.MUST, "key-type", why, text)


def _strength(key: DkimKey, believed: bool) -> Remark | None:
    if key.key_type not in (RSA, ED25519):
        return None
    bits = key_bits(key)
    if bits is None:
        return _unreadable(key, believed)
    if key.key_type == ED25519 or WEAK_BELOW <= bits <= COMMON_UP_TO:
        return None
    if bits > COMMON_UP_TO:
        why = f"The key has {bits} bits, and verifiers need not take more than 4096 (RFC 8301 3.2)."
        return _caution(Level.SHOULD, "key-long", why, f"DKIM key has {bits} bits")
    return _short(bits)


def _short(bits: int) -> Remark:
    if bits < FORBIDDEN_BELOW:
        why = f"The key has {bits} bits, and receivers must not accept less than 1024 (RFC 8301 3.2)."
        headline = f"DKIM key is too short ({bits} bits): receivers must not accept it"
        return _failure("key-short", why, headline)
    why = f"The key has {bits} bits; at least 2048 are asked for (RFC 8301 3.2)."
    text = f"DKIM key is weak ({bits} bits): use 2048"
    return _caution(Level.SHOULD, "key-weak", why, text)


def _unreadable(key: DkimKey, believed: bool) -> Remark:
    """Where mailcow signs with this very key only its length is unknown; else no receiver can read it."""
    if believed:
        why = "The key's length could not be read from the record."
        return Remark(finding=_finding(Severity.INFORMATION, Level.MAY, "key-length-unknown", why))
    why = f"p= holds no {key.key_type} key that could be read, so every signature fails."
    headline = "DKIM record holds no readable key"
    return _failure("key-unreadable", why, headline)


def _hashes(key: DkimKey) -> Remark | None:
    if "sha1" in key.hashes and "sha256" not in key.hashes:
        why = "h=sha1 allows only SHA-1, which receivers must not accept any more (RFC 8301 3.1): use sha256."
        text = "DKIM uses SHA1 hash algorithm (h=sha1)"
        return _caution(Level.MUST, "sha1", why, text)
    if "sha1" in key.hashes:
        why = "h= still allows SHA-1 beside SHA-256; receivers refuse it (RFC 8301 3.1)."
        return Remark(finding=_finding(Severity.RECOMMENDATION, Level.SHOULD, "sha1-too", why))
    if key.hashes and "sha256" not in key.hashes:
        text = f"DKIM allows no hash that receivers know (h={shortened(':'.join(key.hashes), 30)})"
        why = "h= leaves out sha256, the hash that signers use, so signatures fail (RFC 6376 3.6.1)."
        return _caution(Level.MUST, "hash-unknown", why, text)
    return None


def _services(key: DkimKey) -> Remark | None:
    """`s=` names service types (RFC 6376 3.6.1), never a selector."""
    if not key.services or "*" in key.services or "email" in key.services:
        return None
    named = shortened(":".join(key.services), 30)
    why = f"s={named} excludes mail, so receivers ignore the key: s=email or s=* is meant (RFC 6376 3.6.1)."
    headline = f"DKIM key is not for mail (s={named})"
    return _failure("service", why, headline)


def _testing(key: DkimKey) -> Remark | None:
    if "y" not in key.flags:
        return None
    why = "t=y tells receivers to treat this mail as if it were not signed (RFC 6376 3.6.1)."
    headline = (
        "DKIM is in TESTING mode (t=y) - Emails will pass validation even with invalid signatures. "
        "Remove t=y for production!"
    )
    return Remark(finding=_finding(Severity.ERROR, Level.SHOULD, "testing", why), headline=headline)


def _strict(key: DkimKey) -> Remark | None:
    if "s" not in key.flags:
        return None
    why = "t=s: only mail of the domain itself may be signed with this key, not that of its subdomains."
    return Remark(
        finding=_finding(Severity.INFORMATION, Level.MAY, "strict", why),
        info="DKIM uses strict subdomain mode (t=s)",
    )


def _version_place(key: DkimKey) -> Remark | None:
    if "v" not in key.listed.tags or key.listed.first == "v":
        return None
    why = "v=DKIM1 should stand first; some receivers ignore the record otherwise (RFC 6376 3.6.1)."
    return Remark(finding=_finding(Severity.RECOMMENDATION, Level.MUST, "version-place", why))


def _odd_pieces(key: DkimKey) -> Remark | None:
    strange = [name for name in key.listed.tags if name not in KNOWN_TAGS]
    if not key.listed.broken and not strange:
        return None
    named = shortened(key.listed.broken[0] if key.listed.broken else f"{strange[0]}=", 40)
    why = f"Receivers ignore what they do not know, here: {named}"
    return Remark(finding=_finding(Severity.RECOMMENDATION, Level.SHOULD, "unknown-tag", why))


def _granularity(key: DkimKey) -> Remark | None:
    if key.listed.tags.get("g", "*") == "*":
        return None
    why = "g= was taken out of DKIM (RFC 6376 C); old receivers still heed it."
    return _caution(Level.SHOULD, "granularity", why, "DKIM uses the obsolete g= tag")


_RULES: tuple[Callable[[DkimKey], Remark | None], ...] = (
    _testing,
    _strict,
    _version_place,
    _odd_pieces,
    _granularity,
)


_MENDED_BY_TEXT = frozenset(
    {
        "dkim-repeated-tag",
        "dkim-sha1",
        "dkim-sha1-too",
        "dkim-hash-unknown",
        "dkim-service",
        "dkim-testing",
        "dkim-version-place",
        "dkim-unknown-tag",
        "dkim-granularity",
        "dkim-several",
    }
)


def with_publication(finding: Finding, mend: Publication) -> Finding:
    """The finding with the record to publish, where another text mends it: a weak key needs a new one."""
    return replace(finding, publish=mend) if finding.code in _MENDED_BY_TEXT else finding


def mismatch(wanted: DkimKey, found: DkimKey, publish: Publication) -> Remark:
    """The key in DNS is not the one mailcow signs with."""
    what = "key type" if wanted.key_type != found.key_type else "hash list"
    what = "key" if wanted.key != found.key else what
    why = f"The {what} in DNS is not the one that mailcow signs with, so every signature fails."
    headline = f"DKIM record does not match: another {what} than mailcow's"
    return _failure("mismatch", why, headline, publish)


def of_difference(wanted: DkimKey, found: DkimKey, publish: Publication) -> list[Remark]:
    """Differences that break nothing by themselves; an added h=sha256, a missing t=s and notes are none."""
    differences = []
    if set(found.flags) - set(wanted.flags) - {"y"}:
        differences.append("t=")
    if set(found.services or ("*",)) != set(wanted.services or ("*",)) and wanted.services != ("email",):
        differences.append("s=")
    if wanted.hashes and set(found.hashes) - {"sha256"} != set(wanted.hashes) - {"sha256"}:
        differences.append("h=")
    if not differences:
        return []
    named = ", ".join(differences)
    why = f"DNS says something else than mailcow in {named}; signatures still verify."
    finding = _finding(Severity.WARNING, Level.SHOULD, "difference", why, publish)
    return [Remark(finding=finding, warning=f"⚠️ DKIM record differs from mailcow's in {named}")]


def several(count: int, name: str) -> Remark:
    """More than one key record at one selector (RFC 6376 3.6.2.2)."""
    why = f"{count} key records stand at {name}; receivers may take any of them (RFC 6376 3.6.2.2)."
    text = f"Multiple DKIM records found ({count}). Only one is allowed"
    return _caution(Level.MUST, "several", why, text)


def missing(publish: Publication, texts: Sequence[str], *, by_wildcard: bool) -> Finding:
    """No key record at the selector: nothing, something else, or only what a wildcard gives to every name."""
    if by_wildcard:
        why = "A wildcard answers for every selector; that is no key, so signatures cannot be checked."
    elif texts:
        why = (
            f"What stands there is no DKIM key ({shortened(texts[0], 40)}), so signatures cannot be checked."
        )
    else:
        why = "mailcow signs, and receivers find no key to check the signature with."
    return _finding(Severity.ERROR, Level.MUST, "missing", why, publish)
