"""Whatever a record says: it is read or refused, expanded without a fault, and rewritten into a valid one."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tests.fixtures  # noqa: F401  (its profile makes every run the same)
from webapp.dnscheck.sources import Origin, Source
from webapp.dnscheck.spf import macro, names, rewrite
from webapp.dnscheck.spf.macro import Malformed
from webapp.dnscheck.spf.record import is_record, parse

PIECES = [
    "a",
    "mx",
    "ptr",
    "include:",
    "exists:",
    "redirect=",
    "exp=",
    "ip4:",
    "ip6:",
    "all",
    "-",
    "~",
    "?",
    "+",
]
PIECES += [
    "example.com",
    "%{",
    "}",
    "%%",
    "%_",
    "d2r.",
    "I",
    "1.2.3.4",
    "::1",
    "/",
    "//64",
    "/24",
    ".",
    "=",
    "x",
    "\x00",
]
TERMS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=6).map("".join)
RECORDS = st.lists(TERMS, max_size=6).map(lambda terms: " ".join(["v=spf1", *terms]))
SOURCES = (Source(address="192.0.2.1", origin=Origin.SERVER), Source(address="2001:db8::1", origin=Origin.MX))
VALUES = macro.Values(
    sender="strange@@sender@" + "x" * 300 + ".example",
    domain="example.com",
    address=ipaddress.ip_address("2001:db8::1"),
    helo="[192.0.2.1]",
)


def outcome(text: str) -> str:
    """Whether the text is read or refused; a refusal is a short sentence."""
    try:
        parse(text)
    except Malformed as error:
        return "refused" if 0 < len(str(error)) < 300 else f"refused by {error}"
    return "read"


@given(RECORDS)
@example("v=spf1 a:%{d}//64 mx:%{l1r+-}.example.com/24//64 -all")
def test_a_record_is_read_or_refused(text: str) -> None:
    assert is_record(text)
    if outcome(text) == "refused":
        return
    record = parse(text)
    specs = [one.domain for one in record.mechanisms if one.domain]
    specs += [spec for spec in (record.redirect, record.explanation) if spec is not None]
    for spec in specs:
        expanded = macro.expand_domain(spec, VALUES)
        assert len(expanded) <= macro.MAX_DOMAIN or "." not in expanded
        names.wire_name(expanded)
        macro.needs_validated_name(spec)


@given(RECORDS)
def test_what_is_proposed_can_be_published(text: str) -> None:
    proposed = [
        rewrite.repaired("example.com", text, SOURCES),
        rewrite.with_addresses("example.com", text, ["192.0.2.1"]),
        rewrite.with_all("example.com", text, "-all"),
        rewrite.up_to_all("example.com", text),
        rewrite.without("example.com", text, ["ptr"]),
        rewrite.merged("example.com", [text, "v=spf1 mx ~all"]),
    ]
    for one in proposed:
        if one is not None:
            parse(one.value)
            assert len(one.value) <= rewrite.LONGEST


@pytest.mark.parametrize(
    "piece", ["%{", "%{d1", "a-", "-", "..", "%%", "/", "//", "=", "+", " ", "\t", "%{l1r-"]
)
def test_a_long_piece_is_read_or_refused(piece: str) -> None:
    """A reader that went over the text again for each character would not come to its end here."""
    text = f"v=spf1 a:{piece * 60_000} exists:{piece * 60_000}.example -all"
    assert outcome(text) in ("read", "refused")
