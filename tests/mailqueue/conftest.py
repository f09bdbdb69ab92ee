"""A simulated mailcow with an hour of mail, and the viewer with a key that may write."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.demo.server import DemoServer, serve

KEYS = {"mailcow_api_key": "read-key", "mailcow_api_key_rw": "write-key"}
MakeDemo = Callable[..., DemoServer]


@pytest.fixture
def make_demo() -> Iterator[MakeDemo]:
    """A function that starts a simulated mailcow; keyword arguments as for State."""
    running: list[DemoServer] = []

    def make(**options: Any) -> DemoServer:
        running.append(serve(key="read-key", key_rw="write-key", **{"seed": 1, "history": 4, **options}))
        return running[-1]

    yield make
    for demo in running:
        demo.close()


@pytest.fixture
def demo(make_demo: MakeDemo) -> DemoServer:
    return make_demo()


@pytest.fixture
def app(make_app: Callable[..., Flask], demo: DemoServer) -> Flask:
    return make_app(mailcow_url=demo.url, **KEYS)


def token(client: FlaskClient, path: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)
    assert found
    return found[1]
