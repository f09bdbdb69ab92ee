"""An answer of a blocklist means what its code says, and some answers mean nothing at all."""

import pytest

from webapp.dnscheck.blocklist.changes import changes, known_states
from webapp.dnscheck.blocklist.lists import LISTS, lists_for
from webapp.dnscheck.blocklist.lookup import Listing
from webapp.dnscheck.blocklist.verdict import Blocklist, State, Verdict, Weight, judge_codes, query_name

BY_NAME = {one.name: one for one in LISTS}
ZEN, HOSTKARMA = BY_NAME["Spamhaus ZEN"], BY_NAME["Hostkarma"]
PLAIN = Blocklist(name="Plain", operator="x", policy="x.", zone="bl.example", page="https://bl.example/")


@pytest.mark.parametrize(
    ("one", "codes", "state", "why"),
    [
        (PLAIN, [], State.CLEAN, ""),
        (PLAIN, ["127.0.0.2"], State.LISTED, "listed (127.0.0.2)"),
        (PLAIN, ["127.0.0.1"], State.UNKNOWN, "no listing"),
        (PLAIN, ["127.0.0.1", "127.0.0.4"], State.LISTED, "listed (127.0.0.4)"),
        (
            PLAIN,
            ["127.255.255.252"],
            State.REFUSED,
            "ask through your own resolver (the list's name is misspelt)",
        ),
        (PLAIN, ["127.255.255.254"], State.REFUSED, "ask through your own resolver (asked through a public"),
        (PLAIN, ["127.255.255.255"], State.REFUSED, "ask through your own resolver (too many questions)"),
        (PLAIN, ["127.255.255.1"], State.REFUSED, "ask through your own resolver"),
        (PLAIN, ["127.0.0.2", "127.255.255.254"], State.REFUSED, "ask through your own resolver"),
        (PLAIN, ["192.0.2.80"], State.UNKNOWN, "no blocklist answers with"),
        (PLAIN, ["127.0.0.2", "192.0.2.80"], State.UNKNOWN, "no blocklist answers with"),
        (PLAIN, ["0.0.0.0"], State.UNKNOWN, "no blocklist answers with"),
        (ZEN, ["127.0.0.2"], State.LISTED, "SBL: "),
        (ZEN, ["127.0.0.3"], State.LISTED, "CSS"),
        (ZEN, ["127.0.0.4"], State.LISTED, "XBL"),
        (ZEN, ["127.0.0.2", "127.0.0.9"], State.LISTED, "DROP"),
        (ZEN, ["127.0.0.10"], State.LISTED, "PBL: its provider"),
        (ZEN, ["127.0.0.11"], State.LISTED, "PBL: an address"),
        (ZEN, ["127.0.0.30"], State.LISTED, "BCL"),
        (ZEN, ["127.0.0.99"], State.LISTED, "listed (127.0.0.99)"),
        (HOSTKARMA, ["127.0.0.1"], State.CLEAN, ""),
        (HOSTKARMA, ["127.0.0.3", "127.0.0.5"], State.CLEAN, ""),
        (HOSTKARMA, ["127.0.0.2"], State.LISTED, "black"),
    ],
)
def test_a_code_means_what_it_says(one: Blocklist, codes: list[str], state: State, why: str) -> None:
    verdict = judge_codes(one, codes)
    assert verdict.state is state
    assert why in verdict.why


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.99", "99.2.0.192.bl.example"),
        ("::ffff:192.0.2.99", "99.2.0.192.bl.example"),
        (
            "2001:db8:1:2:3:4:567:89ab",
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example",
        ),
    ],
)
def test_the_name_to_ask_for_is_the_address_reversed(address: str, name: str) -> None:
    assert query_name(address, "bl.example") == name


def test_every_list_says_who_runs_it_and_how_one_leaves() -> None:
    assert len(LISTS) >= 20
    for one in LISTS:
        assert one.operator
        assert one.policy.endswith(".")
        assert one.page.startswith("https://")
        assert one.words
        assert one.zone == one.zone.lower().strip(".")
    assert len({one.zone for one in LISTS}) == len({one.name for one in LISTS}) == len(LISTS)


@pytest.mark.parametrize("gone", ["sorbs.net", "abuseat.org", "manitu.net", "unsubscore.com", "megarbl.net"])
def test_lists_that_ended_are_absent(gone: str) -> None:
    assert [one.zone for one in LISTS if one.zone.endswith(gone)] == []


def test_the_lists_of_a_providers_whole_network_are_information() -> None:
    assert BY_NAME["UCEPROTECT Level 1"].weight is Weight.MINOR
    assert BY_NAME["UCEPROTECT Level 2"].weight is Weight.INFORMATION
    assert BY_NAME["UCEPROTECT Level 3"].weight is Weight.INFORMATION


def test_ipv6_is_asked_only_where_a_list_serves_it() -> None:
    served = {one.name for one in lists_for(6)}
    assert {"Spamhaus ZEN", "SEM-IPV6BL"} <= served
    assert not {"SpamCop", "Barracuda", "UCEPROTECT Level 1"} & served
    assert "SEM-IPV6BL" not in {one.name for one in lists_for(4)}


def test_a_list_is_ignored_by_its_name_or_zone() -> None:
    kept = {one.name for one in lists_for(4, frozenset({"spamcop", "zen.spamhaus.org"}))}
    assert not {"SpamCop", "Spamhaus ZEN"} & kept
    assert len(kept) == len(lists_for(4)) - 2


def found(state: State, address: str = "192.0.2.1") -> Listing:
    return Listing(address=address, blocklist=PLAIN, verdict=Verdict(state=state))


KEY = ("192.0.2.1", "bl.example")


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (None, State.CLEAN, None),
        (None, State.LISTED, None),
        (State.CLEAN, State.LISTED, True),
        (State.LISTED, State.CLEAN, False),
        (State.LISTED, State.LISTED, None),
        (State.CLEAN, State.CLEAN, None),
        *(
            (state, now, None)
            for state in (State.CLEAN, State.LISTED)
            for now in State
            if now not in ("clean", "listed")
        ),
    ],
)
def test_only_an_answer_that_differs_from_the_last_is_a_change(
    before: State | None, now: State, told: bool | None
) -> None:
    known = {KEY: before} if before else {}
    assert [change.listed for change in changes(known, [found(now)])] == ([] if told is None else [told])


def test_a_look_that_failed_forgets_nothing() -> None:
    known = known_states({KEY: State.LISTED}, [found(State.TIMEOUT), found(State.CLEAN, "192.0.2.2")])
    assert known == {KEY: State.LISTED, ("192.0.2.2", "bl.example"): State.CLEAN}
    assert [change.listed for change in changes(known, [found(State.CLEAN)])] == [False]
