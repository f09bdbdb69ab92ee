"""`python -m webapp.standalone.backup [FILE]`: the viewer's own database into one file, while it runs or not.

The file is pg_dump's custom format: one moment of the whole database, compressed, for any later PostgreSQL.
"""

import argparse
import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from webapp.config import ConfigurationError, Settings, load_settings
from webapp.standalone import StartError
from webapp.standalone.launch import DATABASE
from webapp.standalone.postgres import ENVIRONMENT, USER
from webapp.standalone.rest import Server, at_rest, running

KINDLY = ["--compress=gzip:6", "--lock-wait-timeout=30s"]  # a nightly job may drop a day meanwhile


def main() -> int:
    """Exit code 0, or 1 with one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="make backup", description=__doc__)
    parser.add_argument(
        "file", type=Path, nargs="?", help="where to (default: DATA_DIR/backups, with the time)"
    )
    given = parser.parse_args()
    try:
        settings = load_settings()
        print(_told(dump(settings, given.file)))
    except (StartError, ConfigurationError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def dump(settings: Settings, file: Path | None = None) -> Path:
    """Write the file; returns where it is. Raises StartError with a sentence; nothing half-written stays."""
    require_own(settings)
    root = settings.data_dir.resolve()
    target = (file or root / "backups" / f"mailcow-logs-{datetime.now(UTC):%Y%m%d-%H%M%S}.dump").resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    if (server := running(root)) is not None:
        _write(server, target)
    else:
        with at_rest(root) as server:
            _write(server, target)
    return target


def require_own(settings: Settings) -> None:
    """Raises StartError where the database is not the viewer's own."""
    if settings.sqlalchemy_url:
        raise StartError(
            "DATABASE_URL or POSTGRES_* name a PostgreSQL of yours: use its own pg_dump and pg_restore."
        )
    if not (settings.data_dir / "postgres" / "PG_VERSION").exists():
        raise StartError(f"DATA_DIR {settings.data_dir} holds no database yet.")


def _write(server: Server, target: Path) -> None:
    if not server.cluster.has_database(DATABASE):
        raise StartError("There is no mail of yours yet: the demo's database is made anew with each start.")
    unfinished = target.with_name(target.name + ".part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    command = [str(server.programs / "pg_dump"), "--format=custom", "--no-owner", *KINDLY]
    command += ["--host", str(server.sockets), "--username", USER, "--dbname", DATABASE]
    with closing(os.fdopen(descriptor, "wb")) as output:
        done = subprocess.run(
            command, stdout=output, stderr=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT}
        )
        os.fsync(output.fileno())
    if done.returncode != 0:
        unfinished.unlink()
        raise StartError(f"The backup failed: {(done.stderr.strip() or 'no reason given').splitlines()[0]}")
    unfinished.replace(target)


def _told(file: Path) -> str:
    size = file.stat().st_size / 1e6
    return (
        f"{file} ({size:.1f} MB) holds the whole database, with the settings kept in it and their secrets. "
        f"Keep .env and DATA_DIR/session.key beside it."
    )


if __name__ == "__main__":
    sys.exit(main())
