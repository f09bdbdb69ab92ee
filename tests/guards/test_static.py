"""The files a browser gets are the ones their sources give, and none was changed by hand."""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "webapp" / "static"
VENDOR = STATIC / "vendor"


def _listed() -> dict[str, str]:
    lines = (VENDOR / "MANIFEST.sha256").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def test_every_vendored_file_has_the_listed_sum() -> None:
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST.sha256"
    }
    assert found == _listed()


def test_every_vendored_project_brings_its_licence() -> None:
    projects = [folder for folder in VENDOR.iterdir() if folder.is_dir()]
    assert projects
    assert [folder.name for folder in projects if not (folder / "LICENSE").is_file()] == []


def test_built_files_are_up_to_date() -> None:
    check = subprocess.run(
        [sys.executable, "tools/build_css.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr


def test_the_script_stays_small() -> None:
    assert len((STATIC / "app.js").read_text(encoding="utf-8").splitlines()) < 250
