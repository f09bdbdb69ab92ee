"""Any bytes give reports or a refusal with a reason, never another error; sums are exact."""

import gzip

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reports.samples import as_json, gz, mail, one, one_tls, read, record, tls, tls_policy, xml, zipped
from tests.reports.test_failure import ARF
from webapp.reports.failure import FailureReport
from webapp.reports.refusal import Limits, Refusal
from webapp.reports.tlsrpt import TlsReport

SEEDS = (
    xml().encode(),
    gz(xml()),
    zipped(("a.xml", xml().encode())),
    mail(gz(xml())).as_bytes(),
    as_json(tls()),
    gz(as_json(tls())),
    ARF,
    xml().encode("utf-16"),
)
SMALL = Limits(upload=100_000, unpacked=200_000, members=50, nesting=4, records=200)
WORDS = st.sampled_from(
    ["pass", "fail", "PASS", "none", "", "<", "&", "&lt;", "é", "\x00", "neutral", "ünknown", "]]>"]
)


def survives(data: bytes, name: str = "") -> None:
    try:
        for found, records in read(data, name, SMALL):
            if not isinstance(found.report, FailureReport):  # which may be about nobody, and is refused later
                about = found.report if isinstance(found.report, TlsReport) else found.report.policy
                assert about.domain
            assert all(record.messages >= 0 for record in records)
            str(found.report).encode()
            str(records).encode()
    except Refusal as error:
        refusal = error
    else:
        return
    assert refusal.status in (400, 413, 415, 422)
    assert str(refusal)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes(data: bytes, name: str) -> None:
    for begin in (
        b"",
        b"<feedback>",
        b"{",
        b"\x1f\x8b\x08\x00",
        b"PK\x03\x04",
        b"Subject: x\n\n",
        b"\x78\x9c",
    ):
        survives(begin + data, name)
    survives(gzip.compress(data))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_any_change_of_a_report(seed: bytes, data: st.DataObject) -> None:
    changed = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed) - 1))
        length = data.draw(st.integers(0, 40))
        changed[at : at + length] = data.draw(st.binary(max_size=20))
        changed = changed or bytearray(b"x")
    survives(bytes(changed))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), WORDS, WORDS, WORDS), max_size=12))
def test_sums_are_exact_whatever_the_words(rows: list[tuple[int, str, str, str]]) -> None:
    def escaped(word: str) -> str:
        return word.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\x00", "")

    records = [
        record(
            count=str(count),
            spf=escaped(spf),
            dkim=escaped(dkim),
            more=f"<reason><comment>{escaped(more)}</comment></reason>",
        )
        for count, spf, dkim, more in rows
    ]
    report, found = one(xml(*(records or [" "])))
    assert (report.records, report.messages) == (len(rows), sum(row[0] for row in rows))
    assert [row.messages for row in found] == [row[0] for row in rows]
    assert report.slips == ()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=12),
    st.sampled_from([int, str, float]),
)
def test_sums_of_tls_reports_are_exact(sums: list[tuple[int, int]], kind: type) -> None:
    policies = [
        tls_policy(
            summary={"total-successful-session-count": kind(good), "total-failure-session-count": kind(bad)}
        )
        for good, bad in sums
    ]
    report = one_tls(tls(policies=policies))
    assert (report.successful, report.failed) == (sum(good for good, _ in sums), sum(bad for _, bad in sums))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*tls(), "none"]), st.sampled_from([*tls_policy(), "none"]), json_values)
def test_any_value_in_any_place_of_a_tls_report(outer: str, inner: str, value: object) -> None:
    survives(as_json(tls(**{outer: value})))
    survives(as_json(tls(policies=[tls_policy(**{inner: value})])))
    survives(as_json(tls(policies=[tls_policy(policy={inner: value, "policy-domain": value})])))
