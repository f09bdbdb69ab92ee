"""What mailcow knows of its domains, whatever types its versions send."""

from collections.abc import Iterator

import pytest

from tests.replay import KEY, Replay
from webapp.dnscheck import inventory
from webapp.dnscheck.dkim import ExpectedKey
from webapp.mailcow.client import Mailcow

OBJECTS = {
    "get/domain/all": [
        {
            "domain_name": "Bücher.example",
            "domain_h_name": "bücher.example",
            "active": 1,
            "mboxes_in_domain": 5,
            "mboxes_left": "995",
            "max_num_mboxes_for_domain": 1000,
            "quota_used_in_domain": "1572864",
            "max_quota_for_domain": 10240000,
            "bytes_total": 0,
            "msgs_total": "1234",
            "backupmx": "1",
            "relayhost": "3",
            "created": "2026-07-01 12:00:00",
        },
        {"domain_name": "", "active": 1},
    ],
    "get/alias-domain/all": [
        {"alias_domain": "alias.example", "target_domain": "bücher.example", "active": "0", "created": None}
    ],
    "get/dkim/xn--bcher-kva.example": {"dkim_selector": "dkim", "dkim_txt": "v=DKIM1;p=AAAA"},
    "get/dkim/alias.example": {},
    "get/transport/all": [
        {"id": 1, "nexthop": "[relay.example]:587", "active": 1, "password": "secret"},
        {"id": 2, "nexthop": "[off.example]", "active": 0},
    ],
    "get/relayhost/all": [{"id": "3", "hostname": "smtp.example:587", "active": "1", "password": "secret"}],
    "get/status/host/ip": {"ipv4": "192.0.2.1", "ipv6": None},
}


@pytest.fixture
def server() -> Iterator[Replay]:
    running = Replay(objects=OBJECTS)
    yield running
    running.close()


def read(server: Replay) -> inventory.Inventory:
    return inventory.read(lambda: Mailcow(server.url, KEY, 5), "Europe/Berlin")


def test_numbers_flags_and_times_are_read_in_any_of_their_forms(server: Replay) -> None:
    first, second = read(server).domains
    assert (first.name, first.shown_name) == ("xn--bcher-kva.example", "bücher.example")
    assert (first.mailboxes, first.mailboxes_left, first.quota_used, first.messages_total) == (
        5,
        995,
        1572864,
        1234,
    )
    assert (first.active, first.backup_mx, first.relayhost) == (True, True, "3")
    assert first.created == "2026-07-01T10:00:00Z"
    assert first.key == ExpectedKey(selector="dkim", record="v=DKIM1;p=AAAA")
    assert (second.name, second.target, second.active) == ("alias.example", "xn--bcher-kva.example", False)
    assert (second.key, second.created) == (None, None)


def test_passwords_are_not_kept(server: Replay) -> None:
    found = read(server)
    assert [relay.hop for relay in (*found.transports, *found.relayhosts)] == [
        "[relay.example]:587",
        "smtp.example:587",
    ]
    assert "secret" not in str(found.stored())


def test_a_stored_inventory_is_the_same_one(server: Replay) -> None:
    found = read(server)
    assert inventory.restored(found.stored()) == found
    assert found.addresses == ("192.0.2.1",)


def test_a_mailcow_that_cannot_tell_its_address_costs_nothing_else(server: Replay) -> None:
    server.fault, server.broken_route = "500", "get/status/host/ip"
    found = read(server)
    assert (len(found.domains), found.addresses) == (2, ())
