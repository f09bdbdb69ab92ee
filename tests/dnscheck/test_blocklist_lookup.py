"""Blocklists are asked all at once, tested by their own entries, and a dead one keeps nobody waiting."""

from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, Silenced, asked
from webapp.demo.nameserver import Fault
from webapp.dnscheck.blocklist.lookup import Listing, look_up
from webapp.dnscheck.blocklist.verdict import Blocklist, State, query_name

ONE = "192.0.2.1"
V6 = "2001:db8::1"


def blocklist(zone: str, *families: int) -> Blocklist:
    return Blocklist(
        name=zone,
        operator="x",
        policy="x.",
        zone=zone,
        page="https://x/",
        families=frozenset(families or (4,)),
    )


def living(zone: str, *listed: str, code: str = "127.0.0.2") -> dict[str, Any]:
    """A zone with its test entry and these addresses."""
    entries = {
        query_name(address, zone): {"A": [code], "TXT": [f"see https://x/{address}"]} for address in listed
    }
    return {f"2.0.0.127.{zone}": {"A": ["127.0.0.2"]}, **entries}


def looked(
    serve: Serve,
    zone: dict[str, Any],
    lists: list[Blocklist],
    *addresses: str,
    patience: float = 5.0,
    **more: Any,
) -> list[Listing]:
    return asked(serve(zone, **more), lambda resolver: look_up(addresses, lists, resolver))


def states(found: list[Listing]) -> list[State]:
    return [one.verdict.state for one in found]


def test_an_entry_comes_with_the_lists_own_words(serve: Serve) -> None:
    found = looked(serve, living("a.example", ONE), [blocklist("a.example")], ONE, "192.0.2.2")
    assert states(found) == [State.LISTED, State.CLEAN]
    assert [one.reason for one in found] == [f"see https://x/{ONE}", ""]


def test_an_entry_counts_though_the_list_has_no_test_entry(serve: Serve) -> None:
    zone = {query_name(ONE, "a.example"): {"A": ["127.0.0.2"]}}
    found = looked(serve, zone, [blocklist("a.example")], ONE, "192.0.2.2")
    assert states(found) == [State.LISTED, State.CLEAN]
    assert "test entry" in found[1].verdict.why


@pytest.mark.parametrize("answer", ["127.0.0.2", "192.0.2.80"])
def test_a_list_that_lists_everybody_is_believed_in_nothing(serve: Serve, answer: str) -> None:
    found = looked(serve, {"*.sold.example": {"A": [answer]}}, [blocklist("sold.example")], ONE)
    assert states(found) == [State.UNKNOWN]


def test_each_family_goes_to_the_lists_that_serve_it(serve: Serve) -> None:
    lists = [blocklist("four.example"), blocklist("six.example", 6), blocklist("both.example", 4, 6)]
    zone = living("both.example", V6)
    found = looked(serve, zone, lists, ONE, V6, "no address")
    assert [(one.address, one.blocklist.zone) for one in found] == [
        (ONE, "four.example"),
        (ONE, "both.example"),
        (V6, "six.example"),
        (V6, "both.example"),
    ]
    assert states(found)[3] is State.LISTED


def test_a_list_whose_servers_fail_is_neither_clean_nor_in_the_way(serve: Serve) -> None:
    lists = [blocklist("dead.example"), blocklist("a.example")]
    found = looked(serve, living("a.example", ONE), lists, ONE, faults={"dead.example": Fault.SERVFAIL})
    assert states(found) == [State.ERROR, State.LISTED]


def test_a_silent_list_is_neither_clean_nor_in_the_way(serve: Serve) -> None:
    lists = [blocklist("dead.example"), blocklist("a.example")]
    found = asked(
        serve(living("a.example", ONE)),
        lambda resolver: look_up([ONE], lists, Silenced(resolver, "dead.example")),
    )
    assert states(found) == [State.TIMEOUT, State.LISTED]


def test_progress_is_told_for_each_answer(serve: Serve) -> None:
    told: list[tuple[int, int]] = []
    lists = [blocklist(f"{number}.example") for number in range(5)]
    asked(
        serve({}),
        lambda resolver: look_up(
            [ONE, "192.0.2.2"], lists, resolver, lambda done, of, _: told.append((done, of))
        ),
    )
    assert told == [(number, 10) for number in range(1, 11)]


def test_fifty_lists_and_four_addresses_are_asked_with_few_questions(serve: Serve) -> None:
    addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]
    lists = [blocklist(f"list{number}.example") for number in range(50)]
    zone = {name: node for one in lists[::7] for name, node in living(one.zone, ONE).items()}
    server = serve(zone, delay=0.02)
    found = asked(server, lambda resolver: look_up(addresses, lists, resolver))
    assert states(found).count(State.LISTED) == 8
    assert states(found).count(State.CLEAN) == 192
    assert len(server.questions) == 4 * 50 + 2 * 50 + 8  # entries, two tests a list, the reasons


@pytest.mark.parametrize(
    "node",
    [
        {"A": ["127.0.0.2"], "TXT": ["x" * 60000]},
        {"A": ["127.0.0.2"], "TXT": [f"{number}" * 20 for number in range(1000)]},
        {"A": ["127.0.0.2"], "TXT": [b"\xff\x00\r\n<script>"]},
        {"A": [f"127.{number // 250}.0.{number % 250 + 2}" for number in range(1000)]},
        {"CNAME": ["loop.a.example."]},
    ],
)
def test_a_hostile_list_gives_a_verdict(serve: Serve, node: dict[str, Any]) -> None:
    zone = {
        query_name(ONE, "a.example"): node,
        "loop.a.example": {"CNAME": [f"{query_name(ONE, 'a.example')}."]},
    }
    found = looked(serve, zone, [blocklist("a.example")], ONE)[0]
    assert found.verdict.state is (State.ERROR if "CNAME" in node else State.LISTED)
    assert len(found.reason) <= 300
    assert found.reason.isprintable()
