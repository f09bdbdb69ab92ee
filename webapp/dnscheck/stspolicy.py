"""Reads an MTA-STS policy file (RFC 8461 3.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

LONGEST_AGE = 31_557_600  # seconds, one year
MODES = ("enforce", "testing", "none")
MOST_LINES = 500


@dataclass(frozen=True, kw_only=True)
class StsPolicy:
    """The fields of a policy; `mode` is '' and `max_age` None where they are missing or wrong."""

    version: str
    mode: str
    max_age: int | None
    patterns: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """True where senders can use it: version, mode and age, and hosts unless the mode is none."""
        complete = self.version == "STSv1" and self.mode != "" and self.max_age is not None
        return complete and (bool(self.patterns) or self.mode == "none")

    def covers(self, host: str) -> bool:
        """True where one of the patterns matches the MX host."""
        return any(_matches(pattern, host.lower()) for pattern in self.patterns)


def parse_policy(text: str) -> StsPolicy:
    """The policy; of a repeated field the first counts, `mx` excepted."""
    fields: dict[str, str] = {}
    patterns: list[str] = []
    broken: list[str] = []
    for line in text.splitlines()[:MOST_LINES]:
        name, separator, value = (part.strip() for part in line.partition(":"))
        if not separator:
            broken += [line] if line.strip() else []
        elif name == "mx":
            patterns.append(value.lower().rstrip("."))
        else:
            fields.setdefault(name, value)
    mode, age = fields.get("mode", ""), fields.get("max_age", "")
    return StsPolicy(
        version=fields.get("version", ""),
        mode=mode if mode in MODES else "",
        max_age=_age(age),
        patterns=tuple(dict.fromkeys(patterns)),
        broken=tuple(broken),
    )


def policy_text(hosts: Iterable[str]) -> str:
    """A policy to begin with: testing, one week, these hosts."""
    return "\r\n".join(
        ["version: STSv1", "mode: testing", "max_age: 604800", *(f"mx: {host}" for host in hosts), ""]
    )


def amended(policy: StsPolicy, hosts: Iterable[str]) -> str:
    """The same policy with these hosts added."""
    patterns = dict.fromkeys((*policy.patterns, *hosts))
    fields = [f"version: {policy.version}", f"mode: {policy.mode}", f"max_age: {policy.max_age}"]
    return "\r\n".join([*fields, *(f"mx: {pattern}" for pattern in patterns), ""])


def policy_id(text: str) -> str:
    """An id that changes with the policy: letters and digits, at most 32 of them (RFC 8461 3.1)."""
    return sha256(text.encode()).hexdigest()[:20]


def _age(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return int(text) if int(text) <= LONGEST_AGE else None


def _matches(pattern: str, host: str) -> bool:
    """A leading `*.` stands for exactly one label (RFC 8461 4.1)."""
    if pattern.startswith("*."):
        return "." in host and host.partition(".")[2] == pattern[2:]
    return pattern == host
