"""The application beside a simulated mailcow and its name server; jobs of this process use it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

import jobs.run
from webapp.demo import cast, zones
from webapp.demo.nameserver import NameServer
from webapp.demo.server import DemoServer, serve


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
def site(make_app: Any, mailcow: DemoServer, names: NameServer, monkeypatch: pytest.MonkeyPatch) -> Flask:
    app = make_app(mailcow_url=mailcow.url, mailcow_api_key="demo-key", dns_resolvers=names.address)
    monkeypatch.setattr(jobs.run, "application", lambda: app)
    return app


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that are asked for run at once, in a thread of their own as a worker would."""
    from threading import Thread

    from jobs import tasks
    from webapp.domains import ask

    def enqueue(name: str, _: Any) -> bool:
        Thread(target=getattr(tasks, name), daemon=True).start()
        return True

    monkeypatch.setattr(ask, "enqueue", enqueue)
