"""What an administrator reads when the viewer cannot start: one sentence, no traceback."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standalone.processes import PATIENCE, python
from webapp.standalone import throwaway
from webapp.standalone.frontdoor import free_port

MODULE = ["-m", "webapp.standalone"]


def refusal(tmp_path: Path, code: int = 1, **environment: object) -> str:
    """What the launcher says when it ends by itself with `code`."""
    base = {
        "DATA_DIR": tmp_path / "data",
        "APP_PORT": free_port(),
        "MAILCOW_URL": "http://127.0.0.1:9",
        "MAILCOW_API_KEY": "key",
    }
    settings = {name: str(value) for name, value in {**base, **environment}.items()}
    with python(MODULE, tmp_path / "said", settings) as copy:
        assert copy.process.wait(timeout=PATIENCE) == code
        said = copy.said.removeprefix("Mailcow Logs Viewer 1.0.0 is starting.\n")
        assert said.count("\n") == 1
        assert "Traceback" not in said
        return said


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "tiny"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True
    ).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_taken_port_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"Port {port} is taken by another program" in refusal(tmp_path, APP_PORT=port)


def test_file_in_place_of_data_dir_is_named(tmp_path):
    (tmp_path / "file").touch()
    assert f"{tmp_path}/file is a file, not a folder" in refusal(tmp_path, DATA_DIR=tmp_path / "file")


def test_file_in_the_way_to_data_dir_is_named(tmp_path):
    (tmp_path / "file").touch()
    assert f"DATA_DIR {tmp_path}/file/data cannot be used: not a directory" in refusal(
        tmp_path, DATA_DIR=tmp_path / "file" / "data"
    )


def test_read_only_data_dir_is_named(tiny_disk, tmp_path):
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    assert f"DATA_DIR {tiny_disk}/data cannot be used: it is read-only" in refusal(
        tmp_path, DATA_DIR=tiny_disk / "data"
    )


def test_full_disk_is_named(tiny_disk, tmp_path):
    said = refusal(tmp_path, DATA_DIR=tiny_disk / "data")
    assert f"The disk of DATA_DIR {tiny_disk}/data is full" in said


def test_disk_without_one_free_byte_is_named(tiny_disk, tmp_path):
    (tiny_disk / "data").mkdir()
    full = subprocess.run(["dd", "if=/dev/zero", f"of={tiny_disk}/ballast", "bs=1k"], capture_output=True)
    assert b"No space left" in full.stderr
    assert "full" in refusal(tmp_path, DATA_DIR=tiny_disk / "data")


def test_wrong_setting_is_named(tmp_path):
    assert "RETENTION_DAYS" in refusal(tmp_path, code=2, RETENTION_DAYS="soon")


def test_missing_api_key_is_named(tmp_path):
    assert "MAILCOW_API_KEY must be set" in refusal(tmp_path, code=2, MAILCOW_API_KEY="")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://user@host/name", "DATABASE_URL must be a PostgreSQL address"),
        ("postgresql://user:secret@127.0.0.1:1/name", "name on 127.0.0.1"),
        ("postgresql://user:secret@[::1/name", "DATABASE_URL cannot be read"),
    ],
)
def test_unusable_database_is_named_without_its_password(tmp_path, url, reason):
    said = refusal(tmp_path, DATABASE_URL=url)
    assert reason in said
    assert "secret" not in said


def test_unknown_database_is_named(tmp_path):
    with throwaway.postgres_server() as cluster:
        assert 'database "nowhere" does not exist' in refusal(tmp_path, DATABASE_URL=cluster.url("nowhere"))


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "http://127.0.0.1/"])
def test_unusable_redis_is_named(tmp_path, url):
    assert "The server of REDIS_URL cannot be used" in refusal(tmp_path, REDIS_URL=url)
