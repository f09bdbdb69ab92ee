"""Real servers for every test: one PostgreSQL and one Valkey per xdist worker, emptied after each test that
used them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import Migrate
from psycopg import sql
from redis import Redis
from werkzeug.routing import Rule

from tests.compiled import remember
from tests.emptied import Emptied, connected
from webapp.config import ROOT, Settings, load_settings
from webapp.standalone import throwaway

MakeSettings = Callable[..., Settings]
MakeApp = Callable[..., Flask]

_BUILDERS = ("_build", "_build_unknown")
_COMPILED = ("_parts", "_trace", "_converters", "arguments", *_BUILDERS)


def pytest_configure() -> None:
    """The tester's own configuration must not leak in, nor into the processes that tests start."""
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
        os.environ.pop(f"{name.upper()}_FILE", None)
    # Where nothing compiled may be kept, each process that a test starts compiles the whole viewer anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.fixture(scope="session", autouse=True)
def _traffic_is_the_same_at_every_hour() -> Iterator[None]:
    """What a test sees of the simulated mailcow must not depend on the time of day at which it runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webapp.demo.traffic.day_and_night", lambda _: 1.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _rules_are_compiled_once() -> Iterator[None]:
    """Nine tenths of the 40 ms that an application takes: werkzeug compiles the same rules for every test."""
    compile_rule = Rule.compile
    known: dict[Any, dict[str, Any]] = {}

    def compiled(self: Rule) -> None:
        converters = tuple(sorted((name, id(each)) for name, each in self.map.converters.items()))
        key = (self.rule, self.subdomain, self.host, repr(self.defaults), self.map.host_matching, converters)
        if key in known:
            kept = known[key]
            self.__dict__.update(
                kept, **{name: kept[name].__get__(self) for name in ("_build", "_build_unknown")}
            )
            return
        compile_rule(self)
        kept = {name: self.__dict__[name] for name in _COMPILED}
        known[key] = {**kept, **{name: kept[name].__func__ for name in _BUILDERS}}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_first_look_is_one_look() -> Iterator[None]:
    """A run over lists of unknown pace would go on looking for seconds; its own tests say what they want."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webapp.ingest.watch.BEGINNING", 0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_busy_machine_is_no_hanging_database() -> Iterator[None]:
    """A database without a processor for a second hangs for the program; tests/outage say what they want."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webapp.tables.watch.ANSWER", 60)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A server with a migrated database `template_viewer` and nothing else."""
    with throwaway.postgres_server() as cluster:
        cluster.create_database("template_viewer")
        _migrate(cluster.url("template_viewer"))
        yield cluster


@pytest.fixture(scope="session")
def database_url(postgres: Any) -> str:
    """The migrated database of this worker, as DATABASE_URL."""
    return _copy_of_template(postgres, "viewer")


@pytest.fixture
def empty_database_url(postgres: Any) -> Iterator[str]:
    """A database without any table, for tests of migrations; dropped afterwards."""
    postgres.create_database("empty")
    yield postgres.url("empty")
    with connected(postgres.url("postgres")) as connection:
        connection.execute("DROP DATABASE empty WITH (FORCE)")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The Valkey of this worker, as REDIS_URL."""
    with throwaway.valkey_server() as server:
        yield server.url(0)


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Redis]:
    """A client of the worker's Valkey, which is emptied afterwards."""
    client = Redis.from_url(redis_url)
    yield client
    client.flushdb()
    client.close()


@pytest.fixture(scope="session")
def _emptied(database_url: str) -> Iterator[list[Emptied]]:
    held = [Emptied(database_url)]
    yield held
    held[0].close()


@pytest.fixture
def clean_database(postgres: Any, database_url: str, _emptied: list[Emptied]) -> Iterator[str]:
    """The worker's database; emptied afterwards, without the tables that the test added (day partitions), and
    made anew where it dropped some."""
    yield database_url
    if not _emptied[0].empty():
        _emptied[0].close()
        _copy_of_template(postgres, "viewer")
        _emptied[0] = Emptied(database_url)


@pytest.fixture
def make_settings(clean_database: str, redis_client: Redis, redis_url: str, tmp_path: Path) -> MakeSettings:
    """A function that makes settings for this worker's servers; keyword arguments are fields of Settings."""

    def make(**fields: Any) -> Settings:
        places = {"database_url": clean_database, "redis_url": redis_url, "data_dir": tmp_path / "data"}
        return load_settings(_env_file=None, **{**places, **fields})

    return make


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    """Default settings; a test module that wants others overrides this fixture."""
    return make_settings()


@pytest.fixture
def make_app(make_settings: MakeSettings) -> Iterator[MakeApp]:
    """A function that makes an application; keyword arguments are fields of Settings."""
    made: list[Flask] = []

    def make(**fields: Any) -> Flask:
        made.append(_application(make_settings(**fields)))
        return made[-1]

    yield make
    for app in made:
        _dispose(app)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on empty tables."""
    app = _application(settings)
    yield app
    _dispose(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application, not logged in."""
    return app.test_client()


@pytest.fixture
def db_session(app: Flask) -> Iterator[Any]:
    """The session of the application inside an application context; what is not committed is rolled back."""
    from webapp.tables.db import db

    with app.app_context():
        yield db.session
        db.session.rollback()


def _application(settings: Settings) -> Flask:
    from webapp.app import create_app
    from webapp.tables.db import db

    app = create_app(settings)
    remember(app)
    Migrate(app, db, directory="migrations")
    app.testing = True
    return app


def _dispose(app: Flask) -> None:
    from webapp.tables.db import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _migrate(url: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "DATABASE_URL": url, "DATA_DIR": data}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _copy_of_template(postgres: Any, name: str, template: str = "template_viewer") -> str:
    with connected(postgres.url("postgres")) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template)))
        )
    return postgres.url(name)
