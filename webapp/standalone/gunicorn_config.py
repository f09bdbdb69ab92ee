"""gunicorn for `wsgi:app`, standalone or by hand: `gunicorn -c webapp/standalone/gunicorn_config.py
wsgi:app`."""

import os
import tempfile
from typing import Any

from webapp.config import load_settings
from webapp.garbage import settle

_settings = load_settings()

bind = f"{_settings.app_host}:{_settings.app_port}"
worker_class = "webapp.standalone.visitors.worker.VisitorWorker"
_large = _settings.resource_profile == "large"
workers = min(4, max(2, os.cpu_count() or 2)) if _large else 1
threads = 8 if _large else 16
timeout = 60  # seconds without a sign of life until a worker is replaced
graceful_timeout = 8  # seconds for open requests when it stops
worker_connections = 2000  # open connections of one worker; the oldest that waits gives way to a new one
keepalive = 15  # seconds, so that a browser or a reverse proxy can use its connection again
preload_app = False
limit_request_line = 8190  # a longer address is refused by the application, in the form that was asked for
forwarder_headers = ""  # webapp.auth.proxy alone decides whose word counts
secure_scheme_headers: dict[str, str] = {}
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a heartbeat file must not wait for a disk
proc_name = "mailcow-logs-viewer"


def post_fork(_server: Any, _worker: Any) -> None:
    """Large bodies and answers wait on the disk of DATA_DIR: /tmp may be memory, as in the container."""
    folder = _settings.data_dir.resolve() / "spool"
    if os.access(_settings.data_dir, os.W_OK):
        folder.mkdir(exist_ok=True, mode=0o700)
        tempfile.tempdir = str(folder)


def post_worker_init(_worker: Any) -> None:
    """A worker that has loaded the application has little use for the collector."""
    settle()
