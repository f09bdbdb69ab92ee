from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fixtures import make_viewer, recorded_viewer, replay, viewer  # noqa: F401
from tests.jobs.conftest import make_worker  # noqa: F401
from tests.relay import Relay


@pytest.fixture
def relay_to() -> Iterator[Callable[[str], Relay]]:
    """A function that opens a door before the server behind a unix socket."""
    with ExitStack() as doors:
        yield lambda target: doors.enter_context(Relay(target))


@pytest.fixture
def cache_door(relay_to: Callable[[str], Relay], redis_url: str, redis_client: Any) -> Relay:
    """The door before Valkey."""
    return relay_to(urlsplit(redis_url).path)


@pytest.fixture
def database_door(relay_to: Callable[[str], Relay], clean_database: str) -> Relay:
    """The door before PostgreSQL."""
    folder = parse_qs(urlsplit(clean_database).query)["host"][0]
    return relay_to(f"{folder}/.s.PGSQL.5432")


@pytest.fixture
def database_url_of(clean_database: str) -> Callable[[Relay], str]:
    """A function that gives the database behind a door, as DATABASE_URL."""
    parts = urlsplit(clean_database)
    return lambda door: f"postgresql+psycopg://{parts.username}@127.0.0.1:{door.port}{parts.path}"
