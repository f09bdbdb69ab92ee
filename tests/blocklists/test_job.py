"""The daily job: mailcow tells the addresses, its name server answers for the lists."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

import jobs.run
from jobs.tasks import blacklist_check
from webapp.config import Settings
from webapp.demo import cast, zones
from webapp.demo.nameserver import Fault, NameServer
from webapp.demo.server import serve
from webapp.dnscheck.blocklist import progress
from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.look import list_servers
from webapp.jobqueue import JobState
from webapp.tables.db import db


@pytest.fixture
def names() -> Iterator[NameServer]:
    """The simulated Internet's name server."""
    with NameServer(zones.zone()) as server:
        yield server


@pytest.fixture
def site(
    make_app: Callable[..., Flask], names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """An application beside the simulated mailcow, whose jobs run in this process."""
    mailcow = serve(key="demo-key", history=0.1, rate=1, seed=3)
    app = make_app(
        mailcow_url=mailcow.url,
        mailcow_api_key="demo-key",
        dns_resolvers=(names.address,),
        blacklist_dns_servers=(names.address,),
    )
    monkeypatch.setattr(jobs.run, "application", lambda: app)
    yield app
    mailcow.close()


def ask(app: Flask, statement: str) -> list[dict[str, Any]]:
    with app.app_context():
        rows = db.session.execute(text(statement)).all()
    return [dict(row._mapping) for row in rows]


def test_the_job_looks_up_the_servers_addresses(site: Flask) -> None:
    assert blacklist_check() == JobState.SUCCESS
    addresses = [row["address"] for row in ask(site, "SELECT address FROM blocklist_addresses")]
    assert {cast.SERVER_IP, cast.SERVER_IPV6} <= set(addresses)
    listed = ask(site, "SELECT zone FROM blocklist_entries WHERE state = 'listed' ORDER BY zone")
    assert [row["zone"] for row in listed] == ["dnsbl-3.uceprotect.net", "hostkarma.junkemailfilter.com"]
    assert ask(site, "SELECT * FROM blocklist_changes") == []
    with site.app_context():
        assert progress.current() is None


def test_a_second_run_tells_what_changed(site: Flask, names: NameServer) -> None:
    blacklist_check()
    entry = f"{'.'.join(reversed(cast.SERVER_IP.split('.')))}.hostkarma.junkemailfilter.com"
    names.zone = {name: node for name, node in names.zone.items() if name != entry}
    blacklist_check()
    told = ask(site, "SELECT address, zone, listed FROM blocklist_changes")
    assert told == [{"address": cast.SERVER_IP, "zone": "hostkarma.junkemailfilter.com", "listed": False}]


def test_lists_that_are_down_change_nothing(site: Flask, names: NameServer) -> None:
    blacklist_check()
    names.faults = {one.zone: Fault.SERVFAIL for one in LISTS}
    assert blacklist_check() == JobState.SUCCESS
    assert ask(site, "SELECT * FROM blocklist_changes") == []
    known = ask(
        site, "SELECT count(*) AS n FROM blocklist_entries WHERE known = 'listed' AND state = 'error'"
    )
    assert known == [{"n": 2}]


def test_without_mailcow_the_job_says_why(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = site.config["SETTINGS"].model_copy(update={"mailcow_url": "http://127.0.0.1:1"})
    monkeypatch.setitem(site.config, "SETTINGS", broken)
    assert blacklist_check().startswith("failed: mailcow cannot be reached")


@pytest.mark.parametrize(
    ("fields", "servers"),
    [
        ({"blacklist_dns_servers": ("192.0.2.1",)}, ("192.0.2.1",)),
        ({"demo_mode": True, "dns_resolvers": ("192.0.2.2",)}, ("192.0.2.2",)),
        ({"mailcow_networks": ("127.0.0.0/24",), "dns_resolvers": ("192.0.2.2",)}, ("192.0.2.2",)),
        ({"mailcow_networks": (), "dns_resolvers": ()}, ()),
    ],
)
def test_lists_are_asked_through_the_resolver_that_suits_them(
    make_settings: Callable[..., Settings], fields: dict[str, Any], servers: tuple[str, ...]
) -> None:
    assert asyncio.run(list_servers(make_settings(**fields))) == servers
