"""`python -m webapp.standalone.restore FILE`: the viewer's own database from a backup; the viewer is at rest.

The file becomes a database of its own first, and is looked at; then both change their names in one moment.
The database from before stays until the next restore; `--undo` changes them back, `--forget` drops it.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from webapp.config import ROOT, ConfigurationError, load_settings
from webapp.standalone import StartError
from webapp.standalone.backup import require_own
from webapp.standalone.launch import DATABASE
from webapp.standalone.postgres import ENVIRONMENT, USER
from webapp.standalone.rest import Server, at_rest

NEW, BEFORE = f"{DATABASE}_restoring", f"{DATABASE}_before_restore"


def main() -> int:
    """Exit code 0, or 1 with one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="make restore", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", type=Path, nargs="?", help="a file of make backup")
    what.add_argument("--undo", action="store_true", help="go back to the database from before the restore")
    what.add_argument("--forget", action="store_true", help="drop the database from before the restore")
    given = parser.parse_args()
    try:
        settings = load_settings()
        require_own(settings)
        with at_rest(settings.data_dir) as server:
            print(
                _undo(server) if given.undo else _forget(server) if given.forget else load(server, given.file)
            )
    except (StartError, ConfigurationError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def load(server: Server, file: Path) -> str:
    """Put the backup in the place of the database; returns a sentence. Raises StartError, and then nothing
    has changed."""
    if not file.is_file():
        raise StartError(f"{file} is not there.")
    server.cluster.drop_database(NEW)
    server.cluster.create_database(NEW)
    command = [str(server.programs / "pg_restore"), "--exit-on-error", "--no-owner", "--jobs=2"]
    command += ["--host", str(server.sockets), "--username", USER, "--dbname", NEW, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ENVIRONMENT})
    revision = _revision(server, NEW) if done.returncode == 0 else None
    if revision is None or revision not in known_revisions():
        server.cluster.drop_database(NEW)
        raise StartError(f"Nothing was restored: {_reason(done, revision)}.")
    _analyse(server, NEW)
    server.cluster.drop_database(BEFORE)
    _rename(server, [(DATABASE, BEFORE), (NEW, DATABASE)])
    return f"{file} is restored. The database from before is kept: --undo goes back to it, --forget drops it."


def known_revisions() -> set[str]:
    """The revisions of the tables that this version knows."""
    return {path.name.partition("_")[0] for path in (ROOT / "migrations" / "versions").glob("*.py")}


def _undo(server: Server) -> str:
    if not _exists(server, BEFORE):
        raise StartError("There is no database from before a restore.")
    server.cluster.drop_database(NEW)
    _rename(server, [(DATABASE, NEW), (BEFORE, DATABASE), (NEW, BEFORE)])
    return "The database from before the restore is back; what was restored is kept in its place."


def _forget(server: Server) -> str:
    server.cluster.drop_database(BEFORE)
    return "The database from before the restore is gone."


def _rename(server: Server, pairs: list[tuple[str, str]]) -> None:
    """All in one transaction."""
    with psycopg.connect(_place(server, "postgres")) as connection:
        for old, new in pairs:
            if _is_there(connection, old):
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))


def _exists(server: Server, name: str) -> bool:
    with psycopg.connect(_place(server, "postgres")) as connection:
        return _is_there(connection, name)


def _is_there(connection: psycopg.Connection[Any], name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _revision(server: Server, database: str) -> str | None:
    try:
        with psycopg.connect(_place(server, database)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return str(row[0]) if row else None


def _analyse(server: Server, database: str) -> None:
    """A dump holds no statistics: without them the first searches would be planned blindly."""
    with psycopg.connect(_place(server, database), autocommit=True) as connection:
        connection.execute("ANALYZE")


def _place(server: Server, database: str) -> str:
    return psycopg.conninfo.make_conninfo(user=USER, dbname=database, host=str(server.sockets))


def _reason(done: "subprocess.CompletedProcess[str]", revision: str | None) -> str:
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines()
        return lines[0].strip().rstrip(".") if lines else "pg_restore gave no reason"
    if revision is None:
        return "the file holds no tables of this viewer"
    return f"the backup comes from a newer version (its tables are at {revision}): update the viewer first"


if __name__ == "__main__":
    sys.exit(main())
