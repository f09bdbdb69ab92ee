"""What the architecture claims of the house: who may know Flask, who commits, what lies loose."""

import ast
import re
from pathlib import Path

import pytest

from webapp.config import ROOT

WEBAPP = ROOT / "webapp"
SOURCES = sorted(WEBAPP.rglob("*.py"))
LOOSE = {"app.py", "core.py", "jobqueue.py", "geoip.py", "garbage.py", "errors.py"}
WITH_REQUESTS = re.compile(
    r"(app|core)\.py|(web|auth)/\w+\.py|lists/\w*page\.py|\w+/views\.py|metrics/requests\.py"
)
OF_THE_APPLICATION = {"cache/__init__.py", "jobqueue.py"}  # they find what belongs to the running application
ROOMS = {path.parent.name for path in WEBAPP.glob("*/views.py")}
WRITES = re.compile(r"\b(?:INSERT INTO|DELETE FROM|UPDATE \w+ SET|TRUNCATE)\b")
READERS = [path for path in SOURCES if path.name in ("queries.py", "evidence.py", "related.py", "answers.py")]


def name_of(path: Path) -> str:
    return path.relative_to(WEBAPP).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> dict[str, list[str]]:
    """The names imported from each module; `import x` counts as x with no names."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.setdefault(node.module, []).extend(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found.setdefault(alias.name, [])
    return found


def test_no_more_lies_loose_than_the_ground() -> None:
    assert {path.name for path in WEBAPP.glob("*.py")} - {"__init__.py"} <= LOOSE


def test_flask_is_known_only_where_requests_are() -> None:
    known = {
        name_of(path)
        for path in SOURCES
        if any(module == "flask" or module.startswith("flask.") for module in imports(path))
    }
    strangers = {name for name in known if not WITH_REQUESTS.fullmatch(name)}
    assert known > strangers
    assert strangers <= OF_THE_APPLICATION


@pytest.mark.parametrize("name", sorted(OF_THE_APPLICATION))
def test_the_ground_asks_flask_for_the_application_only(name: str) -> None:
    assert set(imports(WEBAPP / name)["flask"]) <= {"Flask", "current_app"}


def test_no_room_imports_the_views_of_another() -> None:
    assert len(ROOMS) >= 10
    found = {
        name_of(path): module
        for path in SOURCES
        for module in imports(path)
        if re.fullmatch(r"webapp\.\w+\.views", module) and module.split(".")[1] != path.parent.name
    }
    assert set(found) == {"app.py"}


def commits(path: Path) -> list[int]:
    """The lines that commit a session or connection."""
    return [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]


def test_work_does_not_commit_what_the_door_commits() -> None:
    """gin empties lists on a connection of its own; the others are ends of requests."""
    committing = {name_of(path) for path in SOURCES if commits(path) and "standalone" not in path.parts}
    ends = {
        "access/views.py",
        "app.py",
        "auth/guard.py",
        "auth/views.py",
        "dmarc/views.py",
        "lists/actionpage.py",
        "notices/views.py",
        "saved/views.py",
        "settings/views.py",
        "status/views.py",
        "tables/gin.py",
    }
    assert committing <= ends
    assert commits(WEBAPP / "tables" / "gin.py")


@pytest.mark.parametrize("path", READERS, ids=name_of)
def test_queries_only_read(path: Path) -> None:
    texts = [node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)]
    assert [text for text in texts if isinstance(text, str) and WRITES.search(text)] == []
    written = [
        node.func.id
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert {"insert", "update", "delete", "copy_rows"}.isdisjoint(written)


def test_there_are_queries_to_look_at() -> None:
    assert len(READERS) >= 12
