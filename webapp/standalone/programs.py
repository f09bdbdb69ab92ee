"""The programs of an installation beside its two servers, as the supervisor wants them."""

import sys
from collections.abc import Mapping

from webapp.config import ROOT
from webapp.standalone.supervisor import Program


def migrations(environment: Mapping[str, str]) -> Program:
    """Brings the tables up to date, then ends."""
    return _python("migrations", ["flask", "--app", "wsgi", "db", "upgrade"], environment, shown=False)


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
    return _python("web", options, environment, inherits=(listener,))


def reader(environment: Mapping[str, str]) -> Program:
    """The RQ worker that reads the logs and does nothing else, so that no other job keeps it from it."""
    return _worker("reader", "ingest", environment)


def worker(environment: Mapping[str, str]) -> Program:
    """The RQ worker for all other jobs."""
    return _worker("worker", "default", environment)


def _worker(name: str, queue: str, environment: Mapping[str, str]) -> Program:
    """It may be killed for the memory a job took, so it comes back sooner than the others."""
    return _python(name, ["jobs.worker", queue], environment, first_delay=0.5, healthy_after=5.0)


def scheduler(environment: Mapping[str, str]) -> Program:
    """rq-scheduler, which puts jobs into the queue at their times."""
    return _python("scheduler", ["jobs.scheduler"], environment)


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
    )
