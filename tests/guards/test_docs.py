"""The documents name files that are there."""

import re

import pytest

from webapp.config import ROOT

PATH = re.compile(
    r"`((?:webapp|jobs|tests|migrations|docs|benchmarks|tools)/[\w./<>-]+|env\.example|README\.md)`"
)
DOCUMENTS = ("docs/contributing.md", "docs/architecture.md")


def named(document: str) -> list[str]:
    """The paths that a document names; `<room>` stands for any of its kind."""
    return PATH.findall((ROOT / document).read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_is_named_is_there(document: str) -> None:
    paths = named(document)
    assert len(paths) > 10
    assert [path for path in paths if not list(ROOT.glob(re.sub(r"<\w+>", "*", path)))] == []


def test_a_missing_path_is_noticed() -> None:
    assert not list(ROOT.glob("webapp/no_such_room/*.py"))
