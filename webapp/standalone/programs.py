"""The programs of an installation beside its two servers, as the supervisor wants them: on Linux forked from
the launcher, which has loaded all of them; elsewhere started by their commands."""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from webapp.config import ROOT
from webapp.standalone.supervisor import Program


def load(environment: Mapping[str, str]) -> Iterator[None]:
    """Load all of them with this environment, in steps; after the first one the tables can be made. Raises
    ConfigurationError."""
    steps: Iterator[None] = _household("load", environment)
    return steps


def warm_up() -> None:
    """Make what all of them share complete, once the tables are there."""
    _household("warm_up")


def _household(what: str, *arguments: object) -> Any:
    """It takes a second to import, which a launcher that refuses to start should not take."""
    return getattr(importlib.import_module("webapp.standalone.household"), what)(*arguments)


def migrations(environment: Mapping[str, str]) -> Program:
    """Brings the tables up to date, then ends."""
    command = ["flask", "--app", "wsgi", "db", "upgrade"]
    return _python("migrations", command, environment, shown=False, run=partial(_household, "migrate"))


def first_reading(environment: Mapping[str, str]) -> Program:
    """Reads the logs for the first time, then ends; only where programs are forked."""
    run = partial(_household, "read_first")
    return _python("reading", ["jobs.first"], environment, run=run)


def web(environment: Mapping[str, str], listener: int) -> Program:
    """gunicorn on a listening socket that it inherits."""
    options = [
        "gunicorn",
        "--config",
        "webapp/standalone/gunicorn_config.py",
        "--bind",
        f"fd://{listener}",
        "wsgi:app",
    ]
    run = partial(_household, "serve", listener)
    return _python("web", options, environment, inherits=(listener,), run=run)


def reader(environment: Mapping[str, str]) -> Program:
    """The RQ worker that reads the logs and does nothing else, so that no other job keeps it from it."""
    return _worker("reader", "ingest", environment)


def worker(environment: Mapping[str, str]) -> Program:
    """The RQ worker for all other jobs."""
    return _worker("worker", "default", environment)


def _worker(name: str, queue: str, environment: Mapping[str, str]) -> Program:
    """It may be killed for the memory a job took, so it comes back sooner than the others."""
    run = partial(_household, "work", queue)
    return _python(name, ["jobs.worker", queue], environment, first_delay=0.5, healthy_after=5.0, run=run)


def scheduler(environment: Mapping[str, str]) -> Program:
    """rq-scheduler, which puts jobs into the queue at their times."""
    return _python("scheduler", ["jobs.scheduler"], environment, run=partial(_household, "schedule"))


def demo(environment: Mapping[str, str], ports: tuple[int, int, int], key: str, key_rw: str) -> Program:
    """The simulated mailcow on the loopback interface; `ports` of its API, its name server, its mailbox."""
    api, names, mailbox = map(str, ports)
    options = ["--port", api, "--dns-port", names, "--key", key, "--key-rw", key_rw]
    options += ["--imap-port", mailbox, "--imap-password", key]
    return _python("demo", ["webapp.demo", *options], environment)


def _python(
    name: str,
    arguments: list[str],
    environment: Mapping[str, str],
    *,
    shown: bool = True,
    inherits: tuple[int, ...] = (),
    first_delay: float = 1.0,
    healthy_after: float = 60.0,
    run: Callable[[], object] | None = None,
) -> Program:
    return Program(
        name,
        [sys.executable, "-m", *arguments],
        environment,
        ROOT,
        shown=shown,
        inherits=inherits,
        first_delay=first_delay,
        healthy_after=healthy_after,
        run=run,
    )
