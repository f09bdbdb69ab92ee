"""The order of things: servers, tables, web, worker, scheduler; and back."""

import os
import secrets
import signal
import socket
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing

from webapp.config import ROOT, VERSION, Settings
from webapp.demo.mailbox import USER
from webapp.garbage import settle
from webapp.standalone import datadir, external, frontdoor, programs
from webapp.standalone.datadir import DataDir
from webapp.standalone.fork import CAN_SHARE
from webapp.standalone.output import say
from webapp.standalone.postgres import ENVIRONMENT, Cluster
from webapp.standalone.supervisor import TICK, Child, Program, Stopped, Supervisor
from webapp.standalone.valkey import Server

SERVER_SECONDS = 60  # a database that was killed reads its log again first
MIGRATION_SECONDS = 3600
WEB_SECONDS = 60
GRACE_SECONDS = 10
FIRST_SECONDS = 10  # that other work waits for the first reading of the logs, which it would slow down
DATABASE, DEMO_DATABASE = "mailcow_logs", "mailcow_logs_demo"
DEMO_CACHE = 1


def launch(settings: Settings) -> None:
    """Run the whole viewer until it is told to stop; raises StartError with one sentence when it cannot
    start."""
    with datadir.opened(settings.data_dir) as place, closing(_listen(settings)) as listener:
        say(f"Mailcow Logs Viewer {VERSION} is starting.")
        supervisor = Supervisor(place.logs)
        installation = Installation(settings, place, supervisor)
        try:
            installation.start(listener)
            installation.announce()
            installation.start_jobs()
            supervisor.guard()
        except Stopped:
            say("Stopped while starting.")
        finally:
            listener.close()
            installation.stop()


def _listen(settings: Settings) -> socket.socket:
    return frontdoor.listen(settings.app_port, settings.app_host)


def demo_mailbox(port: int, password: str) -> dict[str, str]:
    """The simulated mailbox for reports as settings; a demo never reads, nor changes, one of the user's."""
    return {
        "DMARC_IMAP_ENABLED": "true",
        "DMARC_IMAP_HOST": "127.0.0.1",
        "DMARC_IMAP_PORT": str(port),
        "DMARC_IMAP_USE_SSL": "false",
        "DMARC_IMAP_USER": USER,
        "DMARC_IMAP_PASSWORD": password,
        "DMARC_IMAP_PASSWORD_FILE": "",
        "DMARC_IMAP_FOLDER": "INBOX",
    }


class Installation:
    """One running viewer: which servers are its own, and what its children need to know."""

    def __init__(self, settings: Settings, place: DataDir, supervisor: Supervisor) -> None:
        self.settings, self.place, self.supervisor = settings, place, supervisor
        self.demo = not settings.mailcow_url
        self.database = DEMO_DATABASE if self.demo else DATABASE
        self.environment: dict[str, str] = {
            **os.environ,
            "DATA_DIR": str(place.root),
            "TZ": settings.tz,
            "PYTHONUNBUFFERED": "1",
        }
        self.cluster: Cluster | None = None
        self.postgres: tuple[Cluster, Child] | None = None
        self.is_new = False  # our own database was not there before
        self.first: Child | None = None  # the first reading of the logs
        self.valkey: tuple[Server, Child] | None = None

    def start(self, listener: socket.socket) -> None:
        """Start everything in the order of need; returns when the web server answers.

        The servers and the tables are made while the pages are being loaded. The first reading of the logs is
        begun when all is loaded: before, it would hold alone what is shared so, 30 MB, and nobody could see
        what it reads sooner.
        """
        if self.settings.redis_url:
            external.check_redis(self.settings.redis_url)
        else:
            self._start_valkey()
        simulation = self._start_demo() if self.demo else None
        if self.settings.sqlalchemy_url:
            external.check_database(self.settings.sqlalchemy_url)
        else:
            self._begin_postgres()
        loading = programs.load(self.environment) if CAN_SHARE else iter(())
        next(loading, None)
        tables = self._make_tables(simulation)
        for _ in loading:
            self.supervisor.tick(0)
            next(tables, None)
        for _ in tables:
            self.supervisor.tick(TICK)
        if CAN_SHARE:
            if self.is_new:
                self.first = self.supervisor.start(programs.first_reading(self.environment))
            programs.warm_up()
        else:
            settle()
        self._start_web(listener)

    def start_jobs(self) -> None:
        """Start what reads the logs from now on and does all other work, as soon as the first reading has
        ended; one that takes long is not waited for."""
        deadline = time.monotonic() + FIRST_SECONDS
        while self.first and self.first.alive and time.monotonic() < deadline:
            self.supervisor.tick(TICK)
            if self.supervisor.stop_requests:
                return
        for program in (
            programs.reader(self.environment),
            programs.worker(self.environment),
            programs.scheduler(self.environment),
        ):
            self.supervisor.start(program, guarded=True)

    def announce(self) -> None:
        """Say what runs and where to look."""
        own = [name for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.valkey)) if server]
        say(
            f"It keeps its data in {self.place.root}"
            + (f", with its own {' and '.join(own)}." if own else ".")
        )
        if self.demo:
            say(
                "This is a demo: a simulated mailcow makes up the mail. For your own server, put MAILCOW_URL "
                "and MAILCOW_API_KEY"
            )
            say("into the file .env and start again (env.example explains every setting).")
        else:
            say(f"It reads {self.settings.mailcow_url}.")
            if self.settings.is_open_to_all:
                say(
                    "Anyone who can reach this port can read the logs: AUTH_ENABLED=true and AUTH_PASSWORD "
                    "ask for a password."
                )
        say(f"Open http://localhost:{self.settings.app_port} (Ctrl-C stops it).")

    def stop(self) -> None:
        """End the programs, then the servers they write to."""
        servers = [server[1] for server in (self.valkey, self.postgres) if server]
        self.supervisor.end(
            [child for child in self.supervisor.children if child not in servers], GRACE_SECONDS
        )
        self.supervisor.end_orphans()
        for server in servers:
            self.supervisor.end([server], SERVER_SECONDS)
        self.supervisor.end_orphans()
        self.supervisor.close()

    def _start_valkey(self) -> None:
        server = Server(self.place.valkey, self.place.sockets)
        self.valkey = server, self.supervisor.start(self._server("valkey", server.command, os.environ))
        self.environment["REDIS_URL"] = server.url(DEMO_CACHE if self.demo else 0)

    def _begin_postgres(self) -> None:
        large = self.settings.resource_profile == "large"
        self.cluster = Cluster(self.place.postgres, self.place.sockets, large=large)
        self.supervisor.spared |= self.cluster.begin()
        self.environment["DATABASE_URL"] = self.cluster.url(self.database)

    def _start_postgres(self, cluster: Cluster) -> None:
        cluster.prepare()
        environment = {**os.environ, **ENVIRONMENT}
        program = Program(
            "postgres",
            cluster.command,
            environment,
            ROOT,
            cluster.identity,
            signal.SIGINT,
            signal.SIGQUIT,
            shown=False,
        )
        self.postgres = cluster, self.supervisor.start(program)

    def _make_tables(self, simulation: tuple[int, Child] | None) -> Iterator[None]:
        """Bring the tables up to date; yields while it waits."""
        if self.cluster:
            while not self.cluster.is_made:
                yield
            self._start_postgres(self.cluster)
        self.is_new = yield from self._await_servers(simulation)
        yield from self.supervisor.finishing(programs.migrations(self.environment), MIGRATION_SECONDS)

    def _await_servers(self, simulation: tuple[int, Child] | None) -> Generator[None, None, bool]:
        """Wait for them; True where our own database is new."""
        is_new = False
        if self.valkey:
            server, child = self.valkey
            yield from self.supervisor.awaiting(child, server.answers, SERVER_SECONDS)
            if self.demo:
                server.forget(DEMO_CACHE)
        if self.postgres:
            cluster, child = self.postgres
            yield from self.supervisor.awaiting(child, cluster.answers, SERVER_SECONDS)
            # What the demo made up must never stand beside real mail, so it has a database of its own, and
            # none from before:
            # each start of the simulated mailcow makes up another past.
            if self.demo:
                cluster.drop_database(self.database)
            is_new = cluster.create_database(self.database)
        if simulation:
            port, child = simulation
            yield from self.supervisor.awaiting(child, lambda: frontdoor.accepts(port), SERVER_SECONDS)
        return is_new

    def _start_demo(self) -> tuple[int, Child]:
        ports = port, names, mailbox = (frontdoor.free_port(), frontdoor.free_port(), frontdoor.free_port())
        key, key_rw = secrets.token_hex(16), secrets.token_hex(16)
        self.environment |= {
            "MAILCOW_API_KEY_FILE": "",
            "MAILCOW_API_KEY_RW_FILE": "",
            "MAILCOW_URL": f"http://127.0.0.1:{port}",
            "MAILCOW_API_KEY": key,
            "MAILCOW_API_KEY_RW": key_rw,
            "DNS_RESOLVERS": f"127.0.0.1:{names}",
            "DEMO_MODE": "true",
            **demo_mailbox(mailbox, key),
        }
        return port, self.supervisor.start(programs.demo(self.environment, ports, key, key_rw))

    def _start_web(self, listener: socket.socket) -> None:
        child = self.supervisor.start(programs.web(self.environment, listener.fileno()))
        with closing(
            frontdoor.HealthCheck(self.settings.app_port, frontdoor.inside(self.settings.app_host))
        ) as healthy:
            self.supervisor.wait(child, healthy, WEB_SECONDS)

    def _server(self, name: str, command: list[str], environment: Mapping[str, str]) -> Program:
        return Program(name, command, environment, ROOT, shown=False)
