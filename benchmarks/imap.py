"""`python -m benchmarks.imap [MAILS]`: import a mailbox from a real Dovecot over a way that breaks ten times,
with a worker that is killed twice; tells whether each report came once, and what it cost."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from benchmarks.reports import migrated
from tests.dnscheck.certs import authority, certificate
from tests.mailservers.cutting import CuttingProxy
from tests.mailservers.dovecot import Dovecot, missing
from tests.reports.imapbox import BROKEN, ORDINARY, PAGE, report
from tests.reports.samples import zipped
from webapp.standalone import throwaway

CUTS, KILLS = 10, 2
WORKER = "from jobs.tasks import dmarc_imap_sync as run; print(run())"
RUNS = 60  # of the job, at most
PATIENCE = 300  # seconds for one run
KINDS = 10  # of mails, in turn


def mails(count: int) -> list[bytes]:
    """Reports, the same ones again, letters, pages, pictures, documents, and now and then a broken report."""
    made = []
    for number in range(count):
        kind = number % KINDS
        if kind < 5:
            made.append(report(number))
        elif kind == 5:
            made.append(report(number - 5))
        elif kind == 6:
            made.append(BROKEN.replace(b"<r-1>", f"<{number}>".encode()) if number % 50 == 6 else ORDINARY)
        else:
            made.append(_other(kind, number))
    return made


def _other(kind: int, number: int) -> bytes:
    if kind == 7:
        return PAGE
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "someone@example.org", f"Report Domain: holiday {number}"
    mail.set_content("Look at this.\n")
    if kind == 8:
        picture = b"\xff\xd8\xff\xe0" + bytes(number % 256 for _ in range(60_000))
        mail.add_attachment(picture, maintype="image", subtype="jpeg", filename="beach.jpg")
    else:
        document = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>"))
        mail.add_attachment(document, maintype="application", subtype="zip", filename="report.xml.zip")
    return mail.as_bytes()


class Runner:
    """Runs the job as a worker does, each run in a process of its own."""

    def __init__(self, environment: dict[str, str], engine: Engine) -> None:
        self._environment, self._engine = environment, engine

    def ask(self, query: str) -> Any:
        """One value from the database."""
        with self._engine.connect() as connection:
            return connection.scalar(text(query))

    def run(self, kill_at: int = 0) -> str:
        """One run, to its end, or killed once so many mails are looked at."""
        child = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while kill_at and child.poll() is None:
            if (self.ask("SELECT max(seen) FROM imap_syncs") or 0) >= kill_at:
                child.send_signal(signal.SIGKILL)
                child.wait()
                return "killed"
            time.sleep(0.005)
        return child.communicate(timeout=PATIENCE)[0].strip()


def main() -> None:
    """Fill the mailbox, import it, compare."""
    if missing():
        raise SystemExit(missing())
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    content = mails(count)
    with Dovecot(certificate("localhost")) as server, tempfile.TemporaryDirectory() as data:
        for number, mail in enumerate(content):
            server.put(mail, seen=number % 2 == 0)
        size = sum(map(len, content)) // (CUTS + 4)
        cuts = [size + (number * 7919) % (size // 2) for number in range(CUTS)]
        with (
            CuttingProxy(server.port, cuts) as way,
            throwaway.postgres_server() as cluster,
            throwaway.valkey_server() as cache,
        ):
            url = migrated(cluster, "imap")
            (Path(data) / "authority.pem").write_bytes(authority().pem)
            environment = os.environ | {
                **{name.upper(): str(value) for name, value in server.settings(tls=False).items()},
                "DMARC_IMAP_PORT": str(way.port),
                "DMARC_IMAP_PROCESSED_FOLDER": "Done",
                "SSL_CERT_FILE": str(Path(data) / "authority.pem"),
                "DATABASE_URL": url,
                "REDIS_URL": cache.url(0),
                "DATA_DIR": data,
            }
            engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
            _import(Runner(environment, engine), count)
            _compare(Runner(environment, engine), content, server, way.done)
            engine.dispose()


def _import(runner: Runner, count: int) -> None:
    began = time.perf_counter()
    told = [runner.run(kill_at=count * (number + 1) // (KILLS + 1)) for number in range(KILLS)]
    for _ in range(RUNS):
        told.append(runner.run())
        if runner.ask("SELECT status FROM imap_syncs ORDER BY id DESC LIMIT 1") == "success":
            break
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{count:,} mails: {seconds:.1f} s in {len(told)} runs ({told.count('killed')} killed), {peak:.0f} MB"
    )


def _compare(runner: Runner, content: list[bytes], server: Dovecot, cuts: int) -> None:
    wanted = len({mail for number, mail in enumerate(content) if number % KINDS < 5})
    broken = sum(mail.startswith(BROKEN[:20]) and number % 50 == 6 for number, mail in enumerate(content))
    moved = sum(number % KINDS < 6 for number in range(len(content)))
    figures = {
        "reports stored": (runner.ask("SELECT count(*) FROM dmarc_reports"), wanted),
        "their messages": (runner.ask("SELECT sum(messages) FROM dmarc_source_days"), 2 * wanted),
        "mails looked at": (runner.ask("SELECT max(seen) FROM imap_syncs"), len(content)),
        "mails that failed": (runner.ask("SELECT count(*) FROM imap_failures"), broken),
        "mails moved": (len(server.contents("Done")), moved),
        "mails that stayed": (len(server.contents()), len(content) - moved),
        "of these read": (sum(seen for _, seen in server.contents()), _read(content)),
        "left to move": (runner.ask("SELECT count(*) FROM imap_due"), 0),
        "syncs": (runner.ask("SELECT count(*) FROM imap_syncs"), 1),
        "connections cut": (cuts, CUTS),
    }
    for name, (found, right) in figures.items():
        print(f"{'as it should be' if found == right else f'!!! {right} expected':24} {name}: {found}")
    if any(found != right for found, right in figures.values()):
        raise SystemExit(1)


def _read(content: list[bytes]) -> int:
    """How many mails that stay were read before."""
    return sum(number % 2 == 0 and number % KINDS >= 6 for number in range(len(content)))


if __name__ == "__main__":
    main()
