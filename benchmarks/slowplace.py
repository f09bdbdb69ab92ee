"""gunicorn with the configuration of production, on an empty database of its own."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.config import ROOT, Settings
from webapp.standalone import throwaway
from webapp.standalone.frontdoor import free_port


@contextmanager
def started(worker_class: str = "") -> Iterator[int]:
    """The port of a gunicorn that answers; gone at the end."""
    with (
        throwaway.postgres_server() as cluster,
        throwaway.valkey_server() as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        cluster.create_database("slow")
        port = free_port()
        kept = {
            name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields
        }
        environment = {
            **kept,
            "DATABASE_URL": cluster.url("slow"),
            "REDIS_URL": server.url(0),
            "APP_PORT": str(port),
            "DATA_DIR": folder,
        }
        upgrade = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
        subprocess.run(upgrade, cwd=ROOT, env=environment, check=True, capture_output=True)
        options = ["--config", "webapp/standalone/gunicorn_config.py", "--bind", f"127.0.0.1:{port}"]
        options += ["--worker-class", worker_class] if worker_class else []
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "wsgi:app"], cwd=ROOT, env=environment
        )
        try:
            _await(port)
            yield port
        finally:
            web.terminate()
            web.wait()


def _await(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
