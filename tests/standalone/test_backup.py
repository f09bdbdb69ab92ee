"""The embedded database is saved while it runs, and comes back as it was."""

import psycopg
import pytest

from tests.standalone.processes import python
from webapp.config import ROOT, load_settings
from webapp.standalone import StartError, restore
from webapp.standalone.backup import dump
from webapp.standalone.launch import DATABASE
from webapp.standalone.rest import at_rest, running


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A DATA_DIR with a database of ours in it, at rest."""
    made = load_settings(_env_file=None, data_dir=tmp_path_factory.mktemp("backup") / "data")
    with at_rest(made.data_dir) as server:
        server.cluster.create_database(DATABASE)
        fill(server, "first")
    return made


def connect(server):
    return psycopg.connect(server.cluster.url(DATABASE).replace("+psycopg", ""), autocommit=True)


def fill(server, word, revision="0001"):
    with connect(server) as connection:
        connection.execute("DROP TABLE IF EXISTS alembic_version, kept")
        connection.execute(f"CREATE TABLE alembic_version AS SELECT '{revision}'::text AS version_num")
        connection.execute(
            f"CREATE TABLE kept AS SELECT '{word}' || n AS word FROM generate_series(1, 500) n"
        )


def words(server):
    with connect(server) as connection:
        return connection.execute("SELECT min(word), count(*) FROM kept").fetchone()


def test_a_backup_of_the_running_database_comes_back_and_goes_again(settings, tmp_path):
    with at_rest(settings.data_dir) as server:
        assert running(settings.data_dir) is not None
        saved = dump(settings, tmp_path / "saved.dump")
        fill(server, "second")
    assert running(settings.data_dir) is None
    assert saved.stat().st_mode & 0o077 == 0
    with at_rest(settings.data_dir) as server:
        assert "is restored" in restore.load(server, saved)
        assert words(server) == ("first1", 500)
        restore._undo(server)
        assert words(server) == ("second1", 500)
        restore._undo(server)
        assert words(server) == ("first1", 500)
        restore._forget(server)
        with pytest.raises(StartError, match="no database from before"):
            restore._undo(server)


def test_what_is_no_backup_of_ours_changes_nothing(settings, tmp_path):
    broken, newer, foreign = (tmp_path / name for name in ("broken", "newer", "foreign"))
    broken.write_bytes(b"PGDMP" + bytes(500))
    with at_rest(settings.data_dir) as server:
        fill(server, "newer", "9999")
        dump(settings, newer)
        with connect(server) as connection:
            connection.execute("DROP TABLE alembic_version")
        dump(settings, foreign)
        fill(server, "stays")
        for file, reason in (
            (broken, "Nothing was restored: pg_restore"),
            (newer, "comes from a newer version"),
            (foreign, "holds no tables of this viewer"),
            (tmp_path / "missing", "is not there"),
        ):
            with pytest.raises(StartError, match=reason):
                restore.load(server, file)
        assert words(server) == ("stays1", 500)


def test_a_restore_waits_for_the_viewer_to_end(settings, tmp_path):
    with at_rest(settings.data_dir):
        environment = {"DATA_DIR": str(settings.data_dir)}
        with python(["-m", "webapp.standalone.restore", "x"], tmp_path / "said", environment) as copy:
            assert copy.process.wait(timeout=60) == 1
            assert "is running on DATA_DIR" in copy.said


def test_a_database_of_the_administrator_is_left_alone(tmp_path):
    with pytest.raises(StartError, match="use its own pg_dump"):
        dump(load_settings(_env_file=None, data_dir=tmp_path, database_url="postgresql://db/x"))
    with pytest.raises(StartError, match="holds no database yet"):
        dump(load_settings(_env_file=None, data_dir=tmp_path))


def test_known_revisions_are_those_of_the_migrations():
    assert "0001" in restore.known_revisions()
    assert len(restore.known_revisions()) == len(list((ROOT / "migrations" / "versions").glob("*.py")))
