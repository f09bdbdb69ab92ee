"""Direct dependencies are pinned exactly, and docs/dependencies.md says why each one is there."""

import re

import pytest

from webapp.config import ROOT

FILES = ("requirements.txt", "requirements-dev.txt")


def required(name: str) -> list[str]:
    """The lines that name a package."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r "))]


def bare(line: str) -> str:
    return re.split(r"[\[=<>~! ]", line, maxsplit=1)[0].lower()


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned_exactly(name: str) -> None:
    assert required(name)
    assert [
        line
        for line in required(name)
        if not re.fullmatch(r"[a-z0-9-]+(\[[a-z,]+\])?==[0-9][0-9a-z.]*", line)
    ] == []


def test_every_package_is_explained_and_nothing_else() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| ([a-z0-9-]+) \| \S", text, re.MULTILINE)
    explained = [name for name in explained if name != "package"]
    assert sorted(explained) == sorted(bare(line) for name in FILES for line in required(name))
