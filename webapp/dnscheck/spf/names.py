"""Domain names as SPF meets them: what counts as one, and which is below which. Pure."""

import dns.exception
import dns.name

_LONGEST = 253
_LONGEST_LABEL = 63


def ascii_of(domain: str) -> str:
    """The domain in lower case, international labels as A-labels, without final dot."""
    return (
        domain.removesuffix(".").lower().encode("idna" if not domain.isascii() else "ascii").decode("ascii")
    )


def is_public(domain: str) -> bool:
    """True for a name of two labels or more that DNS can hold (RFC 7208 section 4.3)."""
    try:
        plain = ascii_of(domain)
    except UnicodeError:
        return False
    labels = plain.split(".")
    return (
        len(labels) > 1
        and len(plain) <= _LONGEST
        and all(0 < len(label) <= _LONGEST_LABEL for label in labels)
        and not plain.startswith("[")
    )


def wire_name(domain: str) -> dns.name.Name | None:
    """The name as DNS asks it, label by label without escapes; None for what DNS cannot hold."""
    labels = domain.removesuffix(".").split(".")
    try:
        encoded = [label.encode("utf-8") for label in labels]
        return dns.name.Name([*encoded, b""]) if all(encoded) else None
    except (dns.exception.DNSException, UnicodeError):
        return None


def is_below(name: str, domain: str) -> bool:
    """True for the domain itself and everything under it."""
    name, domain = name.lower().removesuffix("."), domain.lower().removesuffix(".")
    return name == domain or name.endswith(f".{domain}")


def preferred(validated: list[str], domain: str) -> str:
    """Which validated name macro `p` stands for: the domain, else one under it, else any (7.3)."""
    for wanted in (lambda name: name == domain.lower(), lambda name: is_below(name, domain), bool):
        for name in validated:
            if wanted(name):
                return name
    return "unknown"
