"""JSON: depth, widths, numbers, and TLS reports that mean it badly."""

import json
from collections.abc import Iterator

from tests.reports.hostile.file import BIG, Hostile
from tests.reports.samples import as_json, tls, tls_policy

COUNTS = (
    "-1",
    "1e400",
    "1e15",
    "9223372036854775808",
    "1" * 5000,
    "1.5",
    "true",
    "[]",
    "{}",
    '"many"',
    "NaN",
)


def counted(number: str) -> bytes:
    """A TLS report with this number of sessions."""
    text = json.dumps(tls(**{"report-id": f"n {number[:40]}"}))
    return text.replace(
        '"total-successful-session-count": 8', f'"total-successful-session-count": {number}'
    ).encode()


def everywhere(text: str) -> bytes:
    """A TLS report that says this in each of its texts."""
    policy = tls_policy()
    policy["policy"] = {
        "policy-type": text,
        "policy-string": [text, f"mx: {text}"],
        "policy-domain": f"{text}.example.com",
        "mx-host": [text],
    }
    names = ("result-type", "receiving-mx-hostname", "sending-mta-ip", "receiving-ip", "failure-reason-code")
    policy["failure-details"] = [dict.fromkeys(names, text) | {"failed-session-count": 3}]
    said = {"organization-name": text, "contact-info": text, "report-id": text, "policies": [policy]}
    return as_json(tls(**said))


def files() -> Iterator[Hostile]:
    """Every file of this kind."""
    for number in COUNTS:
        yield Hostile(f"{number[:30]} sessions", lambda number=number: counted(number))  # type: ignore[misc]
    for number, text in enumerate(
        ("<script>alert(1)</script>", "=1+1", "@SUM(1)", "\u0000\ud800", "{{7*7}}", "+cmd|' /C calc'!A0")
    ):
        yield Hostile(
            f"text {number} in every field of a TLS report",
            lambda text=text: everywhere(text),  # type: ignore[misc]
            may_be_stored=True,
        )
    yield Hostile("2 MB of [", lambda: b"[" * 2_000_000, is_large=True)
    yield Hostile("100,000 objects one in the other", lambda: b'{"a":' * 100_000)
    yield Hostile("10 MB of JSON", lambda: b"[" + b"1," * (BIG // 2) + b"1]", is_large=True)
    yield Hostile("2 MB of policies", lambda: as_json(tls(policies=[{}] * 500_000)), is_large=True)
    yield Hostile("1,001 policies", lambda: as_json(tls(policies=[tls_policy()] * 1001)))
    yield Hostile(
        "100,000 failures", lambda: as_json(tls(policies=[tls_policy(**{"failure-details": [{}] * 100_000})]))
    )
    yield Hostile("100,000 lines of a policy", lambda: _lines(["a"] * 100_000))
    yield Hostile("a line of 1.9 MB", lambda: _lines(["m" * 1_900_000]), may_be_stored=True)
    yield Hostile("2 MB of keys", lambda: as_json(dict.fromkeys(map(str, range(180_000)), 1)), is_large=True)
    yield Hostile("the same key 100,000 times", lambda: b"{" + b'"policies": [],' * 100_000 + b'"x": 1}')
    yield Hostile("a number of a million digits", lambda: b"[" + b"9" * 1_000_000 + b"]")
    yield Hostile("a text that never ends", lambda: b'{"policies": "' + b"x" * 1_000_000)
    yield Hostile("policies that are a text", lambda: as_json(tls(policies="none")))
    yield Hostile("policies that are numbers", lambda: as_json(tls(policies=[1, 2, 3])))
    yield Hostile("a date range that is a list", lambda: as_json(tls(**{"date-range": [1, 2]})))
    yield Hostile("dates beyond", lambda: _dates("99999-01-01T00:00:00Z"))
    yield Hostile("dates before", lambda: _dates("0000-00-00T00:00:00Z"))
    yield Hostile("JSON cut in the middle", lambda: as_json(tls())[:200])
    yield Hostile("a package", lambda: b'{"name": "x", "version": "1.0.0"}')
    yield Hostile(
        "constructors", lambda: b'{"__proto__": {"policies": []}, "constructor": {"prototype": {}}}'
    )
    yield Hostile("UTF-16 JSON of a bomb", lambda: json.dumps([0] * 300_000).encode("utf-16"))


def _lines(lines: list[str]) -> bytes:
    policy = tls_policy()
    policy["policy"] = {**policy["policy"], "policy-string": lines}
    return as_json(tls(policies=[policy], **{"report-id": f"lines {len(lines)}"}))


def _dates(text: str) -> bytes:
    return as_json(tls(**{"date-range": {"start-datetime": text, "end-datetime": text}}))
