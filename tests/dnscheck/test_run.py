"""A run asks mailcow, asks the DNS, and stores; an outage of either costs as little as it can."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from webapp.demo import cast, zones
from webapp.demo.nameserver import Fault, NameServer
from webapp.demo.server import DemoServer, serve
from webapp.dnscheck import inventory, progress, run
from webapp.mailcow import snapshots
from webapp.mailcow.client import MailcowError
from webapp.tables.domains import DomainCheckRow


@pytest.fixture
def mailcow() -> Iterator[DemoServer]:
    server = serve(key="demo-key", history=0.1, rate=1)
    yield server
    server.close()


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer(dict(zones.zone()), signed=frozenset({cast.BOOKS})) as server:
        yield server


@pytest.fixture
def session(make_app: Any, mailcow: DemoServer, names: NameServer) -> Iterator[Any]:
    from webapp.tables.db import db

    app = make_app(mailcow_url=mailcow.url, mailcow_api_key="demo-key", dns_resolvers=names.address)
    with app.app_context():
        yield db.session
        db.session.rollback()


def settings(session: Any) -> Any:
    from webapp.web.page import settings

    return settings()


def check_all(session: Any) -> run.Figures:
    figures = []
    for step in run.check_all(session, settings(session)):
        session.commit()
        figures.append(step)
    return figures[-1]


def grades(session: Any) -> dict[str, dict[str, str]]:
    rows = session.scalars(select(DomainCheckRow).order_by(DomainCheckRow.domain_name)).all()
    return {row.domain_name: {name: row.grades[name]["status"] for name in run.RECORDS} for row in rows}


def test_every_domain_and_alias_domain_is_checked(session: Any) -> None:
    figures = check_all(session)
    assert (figures.domains_checked, figures.errors) == (3, ())
    assert grades(session) == {
        cast.BOOKS: {"spf": "success", "dkim": "success", "dmarc": "success"},
        cast.WERFT: {"spf": "success", "dkim": "error", "dmarc": "warning"},
        cast.ALIAS_DOMAIN: {"spf": "error", "dkim": "error", "dmarc": "error"},
    }
    assert progress.current() is None


def test_an_outage_of_mailcow_leaves_the_last_list_and_is_told(session: Any, mailcow: DemoServer) -> None:
    check_all(session)
    mailcow.break_down("500")
    with pytest.raises(MailcowError):
        check_all(session)
    kept = snapshots.load(session, inventory.SNAPSHOT)[inventory.SNAPSHOT]
    assert len(inventory.restored(kept.data).domains) == 3
    assert "500" in str(kept.error)
    assert len(grades(session)) == 3


def test_without_any_list_an_outage_is_a_failure(session: Any, mailcow: DemoServer) -> None:
    mailcow.break_down("500")
    with pytest.raises(MailcowError):
        check_all(session)
    assert grades(session) == {}


def test_a_domain_without_answer_is_an_error_of_the_run_and_keeps_its_grades(
    session: Any, names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_all(session)
    before = grades(session)
    names.faults = {cast.WERFT: Fault.SERVFAIL}
    figures = check_all(session)
    assert figures.domains_checked == 2
    assert all(error.startswith(f"{cast.WERFT}: ") for error in figures.errors)
    assert 0 < len(figures.errors) <= 3
    assert grades(session) == before


def test_one_domain_is_checked_alone(session: Any, names: NameServer) -> None:
    check_all(session)
    first = session.scalars(select(DomainCheckRow.full_checked_at)).all()
    names.questions.clear()
    progress.want(cast.BOOKS)
    progress.want("stranger.example")
    for _ in run.check_wanted(session, settings(session)):
        session.commit()
    assert progress.wanted() == {}
    rows = {row.domain_name: row for row in session.scalars(select(DomainCheckRow))}
    assert len(rows) == 3
    assert [name for name, row in rows.items() if not row.is_full_check] == [cast.BOOKS]
    assert sorted(row.full_checked_at for row in rows.values()) == sorted(first)
    assert not any(cast.WERFT in name and kind == "TXT" for name, kind in names.questions)


def test_the_addresses_that_send_are_those_of_the_server(session: Any) -> None:
    check_all(session)
    row = session.get(DomainCheckRow, cast.BOOKS)
    found = {(one["address"], one["origin"], one["result"]) for one in row.grades["spf"]["sources"]}
    assert found == {(cast.SERVER_IP, "server", "pass"), (cast.SERVER_IPV6, "server", "pass")}


def test_a_domain_asked_for_again_while_it_is_checked_goes_on_waiting(session: Any) -> None:
    for name in ("b.example", "a.example"):
        progress.want(name)
    first = progress.wanted()
    progress.want("a.example")
    progress.settle(first)
    assert list(progress.wanted()) == ["a.example"]
    assert (progress.is_wanted("a.example"), progress.is_wanted("b.example")) == (True, False)


def test_an_outage_of_mailcow_does_not_keep_a_domain_from_being_checked(
    session: Any, mailcow: DemoServer
) -> None:
    check_all(session)
    mailcow.break_down("500")
    progress.want(cast.WERFT)
    for _ in run.check_wanted(session, settings(session)):
        session.commit()
    assert not session.get(DomainCheckRow, cast.WERFT).is_full_check
    assert progress.wanted() == {}
