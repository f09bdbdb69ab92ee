"""Failed logins are limited by address, site, account and all together, and strangers shut out strangers
only."""

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.auth.test_guard import CREDENTIALS, PASSWORD, basic
from webapp.auth import limits

AWAY = Redis(unix_socket_path="/nonexistent", retry=Retry(NoBackoff(), 0))
PROXY = "172.18.0.1"


@pytest.fixture
def app(make_app):
    return make_app(**CREDENTIALS, trusted_proxies="172.18.0.0/16")


def ask(app, password, address="198.51.100.1", peer=None, username="admin", forwarded=None):
    """The answer to one request by HTTP Basic; `peer` hands on an address where given."""
    headers = basic(username, password)
    if peer:
        headers["X-Forwarded-For"] = forwarded or address
    return app.test_client().get("/api/info", headers=headers, environ_base={"REMOTE_ADDR": peer or address})


def fail(app, count, address="198.51.100.{}", **more):
    return [ask(app, "wrong", address.format(n), **more).status_code for n in range(count)]


def test_who_has_to_wait_is_told_for_how_long(app):
    fail(app, 10, "198.51.100.1")
    answer = ask(app, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901


def test_many_addresses_of_one_ipv6_customer_are_one(app):
    assert fail(app, 11, "2001:db8:1:2::{}")[-1] == 429
    assert ask(app, PASSWORD, "2001:db8:1:3::1").status_code == 200


def test_many_networks_of_one_ipv6_customer_are_one_site(app):
    assert [ask(app, "wrong", f"2001:db8:1:{n:x}::1", username=f"n{n}").status_code for n in range(31)][
        -2:
    ] == [401, 429]
    assert ask(app, PASSWORD, "2001:db8:1:100::1").status_code == 200


@pytest.mark.parametrize(
    "entry", ["203.0.113.5:{}", "[2001:db8::1]:{}", "nonsense-{}", "{}", "2001:db8::5%z{}"]
)
def test_ports_and_garbage_are_no_new_client(app, entry):
    assert [
        ask(app, "wrong", peer=PROXY, forwarded=entry.format(50000 + n)).status_code for n in range(11)
    ] == [401] * 10 + [429]


def test_an_account_is_not_tried_from_everywhere(app):
    assert fail(app, 31) == [401] * 30 + [429]
    assert ask(app, "wrong", username="other").status_code == 401


def test_all_strangers_together_have_a_limit(app):
    codes = [ask(app, "wrong", f"198.51.{n}.1", username=f"name{n}").status_code for n in range(101)]
    assert codes == [401] * 100 + [429]


def test_a_known_address_is_not_shut_out_by_strangers(app):
    assert ask(app, PASSWORD, "203.0.113.77").status_code == 200
    fail(app, 31)
    assert ask(app, PASSWORD, "203.0.113.78").status_code == 429
    assert ask(app, PASSWORD, "203.0.113.77").status_code == 200


def test_an_invented_address_neither_gives_tries_nor_takes_those_of_others(app):
    codes = [ask(app, "wrong", peer="172.19.0.9", forwarded=f"203.0.113.{n}").status_code for n in range(11)]
    assert codes[-1] == 429
    assert ask(app, PASSWORD, "203.0.113.5", peer=PROXY).status_code == 200


def test_who_passes_by_the_proxy_cannot_use_up_the_tries_of_those_behind_it(make_app):
    app = make_app(**CREDENTIALS)  # a number: any private peer may be a proxy
    for _ in range(10):
        ask(app, "wrong", "203.0.113.5", peer="192.168.1.50")
    assert ask(app, PASSWORD, "203.0.113.5", peer="192.168.1.50").status_code == 429
    assert ask(app, PASSWORD, "203.0.113.5", peer=PROXY).status_code == 200


def test_without_redis_each_process_counts_for_itself(app, monkeypatch):
    monkeypatch.setitem(app.extensions, "redis", AWAY)
    assert fail(app, 11, "198.51.100.1") == [401] * 10 + [429]
    assert ask(app, PASSWORD, "203.0.113.1").status_code == 200


def test_the_limits_are_as_documented():
    assert [one.amount for one in (limits.OF_ADDRESS, limits.OF_SITE, limits.OF_ACCOUNT, limits.OF_ALL)] == [
        10,
        30,
        30,
        100,
    ]
