"""No text that a stranger could publish makes a parser raise, or an answer that JSON could not hold."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests import fixtures  # noqa: F401 - loads the profile without a deadline
from tests.dnscheck.keys import RSA_2048
from webapp.dnscheck.bimi import judge_bimi
from webapp.dnscheck.dkim import ExpectedKey, judge_dkim
from webapp.dnscheck.dmarc import judge_dmarc
from webapp.dnscheck.dmarcrecord import is_dmarc, parse_dmarc
from webapp.dnscheck.dmarcwalk import Discovery, FoundBy, list_domain, walk_names
from webapp.dnscheck.hosts import is_internal, is_public
from webapp.dnscheck.stspolicy import amended, parse_policy
from webapp.dnscheck.taglist import parse_tags, shortened, stored
from webapp.dnscheck.tlsrpt import judge_tlsrpt

BYTES = st.text(st.characters(max_codepoint=255), max_size=300)
TAGS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "v",
                "p",
                "sp",
                "np",
                "rua",
                "ruf",
                "fo",
                "k",
                "h",
                "s",
                "t",
                "g",
                "n",
                "l",
                "a",
                "id",
                "psd",
                "pct",
                "x",
            ]
        ),
        BYTES,
    ),
    max_size=12,
).map(lambda pairs: ";".join(f"{name}={value}" for name, value in pairs))
TEXTS = st.one_of(BYTES, TAGS)


@given(TEXTS)
def test_tags_are_read_from_anything(text: str) -> None:
    listed = parse_tags(text)
    assert all(name.isascii() for name in listed.tags)
    assert shortened(text, 40).isprintable()
    assert "\x00" not in stored(text)


@given(TEXTS)
def test_keys_are_graded_from_anything(text: str) -> None:
    expected = ExpectedKey(selector="s", record=f"v=DKIM1;p={RSA_2048}")
    for texts in ([text], [f"v=DKIM1; {text}"], [f"v=DKIM1; p={text}"]):
        json.dumps(judge_dkim("example.com", expected, texts).answer())


@given(TEXTS)
def test_policies_are_graded_from_anything(text: str) -> None:
    record = f"v=DMARC1; {text}"
    assert is_dmarc(record)
    found = Discovery(
        domain="example.com", record=parse_dmarc(record), found_at="example.com", found_by=FoundBy.DOMAIN
    )
    json.dumps(judge_dmarc(found).answer())


@given(TEXTS)
def test_the_others_are_graded_from_anything(text: str) -> None:
    json.dumps(judge_bimi([f"v=BIMI1; {text}"]).answer())
    json.dumps(judge_tlsrpt("example.com", [f"v=TLSRPTv1; {text}"]).answer())
    policy = parse_policy(text)
    assert parse_policy(amended(policy, ["mx.example.com"])).covers("mx.example.com")


@given(BYTES)
def test_names_and_addresses_are_told_from_anything(text: str) -> None:
    assert len(walk_names(text)) <= 8
    assert isinstance(list_domain(text), str)
    assert not (is_public(text) and is_internal(text))
