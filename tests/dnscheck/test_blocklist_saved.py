"""What blocklists say is kept: answers replace what was known, the first is silent, changes are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dnscheck.conftest import Serve
from tests.fixtures import Viewer, make_viewer, replay, viewer  # noqa: F401
from webapp.dnscheck.blocklist import run
from webapp.dnscheck.blocklist.changes import Change
from webapp.dnscheck.blocklist.look import mailcows_resolvers
from webapp.dnscheck.blocklist.lookup import Listing
from webapp.dnscheck.blocklist.save import Bounces, save
from webapp.dnscheck.blocklist.verdict import Blocklist, State, Verdict, query_name
from webapp.dnscheck.inventory import SNAPSHOT, Inventory
from webapp.dnscheck.sources import Origin, Source
from webapp.mailcow import snapshots
from webapp.tables.db import db

PLAIN = Blocklist(
    name="Plain", operator="x", policy="x.", zone="bl.example", page="https://x/", words=("plain",)
)
AT = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
HOST = Source(address="192.0.2.1", origin=Origin.SERVER)


def listing(state: State, address: str = HOST.address, one: Blocklist = PLAIN) -> Listing:
    return Listing(
        address=address, blocklist=one, verdict=Verdict(state=state, codes=("127.0.0.2",), why="x")
    )


def kept(
    viewer: Viewer,  # noqa: F811
    *states: State,
    hours: int = 0,
    bounces: dict[str, Bounces] | None = None,
    sources: tuple[Source, ...] = (HOST,),
) -> list[Change]:
    with viewer.app.app_context():
        listings = [listing(state, source.address) for state, source in zip(states, sources, strict=True)]
        told = save(db.session.connection(), sources, listings, bounces or {}, AT + timedelta(hours=hours))
        db.session.commit()
    return told


def entry(viewer: Viewer) -> dict[str, Any]:  # noqa: F811
    return viewer.ask("SELECT * FROM blocklist_entries")[0]


def test_the_first_answer_is_silent_and_a_change_is_told(viewer: Viewer) -> None:  # noqa: F811
    assert kept(viewer, State.LISTED) == []
    assert [change.listed for change in kept(viewer, State.CLEAN, hours=1)] == [False]
    assert [change.listed for change in kept(viewer, State.LISTED, hours=2)] == [True]
    told = viewer.ask("SELECT at, listed FROM blocklist_changes ORDER BY id")
    assert told == [
        {"at": AT + timedelta(hours=1), "listed": False},
        {"at": AT + timedelta(hours=2), "listed": True},
    ]


@pytest.mark.parametrize("state", [State.TIMEOUT, State.ERROR, State.REFUSED, State.UNKNOWN])
def test_no_answer_leaves_what_was_known(viewer: Viewer, state: State) -> None:  # noqa: F811
    kept(viewer, State.LISTED)
    assert kept(viewer, state, hours=1) == []
    row = entry(viewer)
    assert (row["state"], row["known"], row["known_since"]) == (str(state), "listed", AT)
    assert [change.listed for change in kept(viewer, State.CLEAN, hours=2)] == [False]


def test_a_first_look_without_an_answer_is_no_first_answer(viewer: Viewer) -> None:  # noqa: F811
    kept(viewer, State.TIMEOUT)
    assert (entry(viewer)["known"], entry(viewer)["known_since"]) == (None, None)
    assert kept(viewer, State.LISTED, hours=1) == []


def test_the_same_look_twice_stores_the_same(viewer: Viewer) -> None:  # noqa: F811
    kept(viewer, State.LISTED, bounces={"bl.example": Bounces(count=3, last=AT)})
    before = entry(viewer)
    kept(viewer, State.LISTED, bounces={"bl.example": Bounces(count=3, last=AT)})
    assert entry(viewer) == before
    assert (before["bounced"], before["bounced_at"]) == (3, AT)


def test_addresses_that_send_no_more_are_forgotten(viewer: Viewer) -> None:  # noqa: F811
    other = Source(address="192.0.2.2", origin=Origin.RELAYHOST, name="[relay.example]:587")
    kept(viewer, State.LISTED, State.CLEAN, sources=(HOST, other))
    kept(viewer, State.CLEAN, sources=(other,), hours=1)
    assert [row["address"] for row in viewer.table("blocklist_addresses")] == ["192.0.2.2"]
    assert [row["address"] for row in viewer.table("blocklist_entries")] == ["192.0.2.2"]


def bounced(viewer: Viewer, number: int, response: str, status: str = "bounced") -> None:  # noqa: F811
    viewer.do(
        "INSERT INTO deliveries (message_id, message_time, position, recipient, status, attempts, response, "
        "time) VALUES (:number, :at, 0, 'a@example.net', :status, 1, :response, :at)",
        number=number,
        at=AT + timedelta(minutes=number),
        status=status,
        response=response,
    )


def test_bounces_that_name_a_list_we_are_on_are_counted(viewer: Viewer) -> None:  # noqa: F811
    bounced(viewer, 1, "550 5.7.1 Service unavailable; client blocked using bl.example, plain listing")
    bounced(viewer, 2, "550 listed by PLAIN")
    bounced(viewer, 3, "451 listed by Plain", "deferred")
    bounced(viewer, 4, "550 no such user")
    other = Blocklist(name="Other", operator="x", policy="x.", zone="other.example", page="https://x/")
    with viewer.app.app_context():
        found = run.count_bounces(db.session(), [listing(State.LISTED), listing(State.CLEAN, one=other)])
        none = run.count_bounces(db.session(), [listing(State.CLEAN)])
    assert found == {"bl.example": Bounces(count=2, last=AT + timedelta(minutes=2))}
    assert none == {}


def test_a_run_looks_at_every_address_that_sends(serve: Serve, make_viewer: Any) -> None:  # noqa: F811
    server = serve(
        {
            "relay.example": {"A": ["192.0.2.5", "10.0.0.1"]},
            query_name("192.0.2.5", "zen.spamhaus.org"): {"A": ["127.0.0.4"], "TXT": ["https://x/"]},
            query_name("192.0.2.9", "bl.spamcop.net"): {"A": ["127.0.0.2"]},
        }
    )
    made = make_viewer(
        dns_resolvers=(server.address,),
        blacklist_dns_servers=(server.address,),
        blacklist_source_server_ip=False,
        blacklist_source_transports=False,
        blacklist_source_relayhosts=False,
        blacklist_source_manual_hosts=("relay.example", "192.0.2.9"),
        blacklist_ignored_lists=("spamcop",),
    )
    with made.app.app_context():
        snapshots.keep(db.session.connection(), SNAPSHOT, Inventory(domains=()).stored())
        db.session.commit()
        figures = run.check(db.session(), made.settings)
        db.session.commit()
    assert (figures.addresses, figures.listed, figures.changes) == (2, 1, 0)
    listed = made.ask("SELECT address, zone, why, reason FROM blocklist_entries WHERE state = 'listed'")
    assert listed == [
        {
            "address": "192.0.2.5",
            "zone": "zen.spamhaus.org",
            "why": "XBL: hacked, infected or an open proxy",
            "reason": "https://x/",
        }
    ]
    assert made.ask("SELECT 1 FROM blocklist_entries WHERE zone = 'bl.spamcop.net'") == []


def test_without_an_address_a_run_says_so(serve: Serve, make_viewer: Any) -> None:  # noqa: F811
    server = serve({})
    made = make_viewer(dns_resolvers=(server.address,), blacklist_dns_servers=(server.address,))
    with made.app.app_context():
        snapshots.keep(db.session.connection(), SNAPSHOT, Inventory(domains=()).stored())
        db.session.commit()
        with pytest.raises(run.NoAddressError, match="No public address"):
            run.check(db.session(), made.settings)


def test_mailcows_resolver_is_at_the_end_of_its_network() -> None:
    networks = ("172.22.1.0/24", "fd4d:6169:6c63:6f77::/64", "10.9.0.0/16", "192.0.2.0/28", "nonsense")
    assert mailcows_resolvers(networks) == ["172.22.1.254", "10.9.0.254"]
