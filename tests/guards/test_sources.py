"""Files stay short, doors stay thin, and every public function says what it does."""

import ast
import re
from pathlib import Path

import pytest

from webapp.config import ROOT

LONGEST_FILE = 400
LONGEST_VIEW = 9  # statements
LONGEST_JOB = 5  # lines of a job's body, without its docstring
SOURCES = sorted([*(ROOT / "webapp").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")])
FOLDERS = ("webapp", "jobs", "tests", "tools", "benchmarks", "migrations")
KINDS = (".py", ".html", ".css", ".js")
WRITTEN = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in KINDS and "vendor" not in path.parts and path.name != "app.css"
]
VIEWS = [path for path in SOURCES if path.name == "views.py"]
SQL = re.compile(
    r"\b(?:SELECT\s+.+\s+FROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|ORDER\s+BY)\b", re.DOTALL
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_file_is_too_long() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in WRITTEN}
    assert len(lengths) > 100
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_a_job_is_a_thin_door() -> None:
    long = []
    doors = [node for node in tree(ROOT / "jobs" / "tasks.py").body if isinstance(node, ast.FunctionDef)]
    for door in doors:
        first = door.body[1] if isinstance(door.body[0], ast.Expr) else door.body[0]
        if (door.end_lineno or 0) - first.lineno + 1 > LONGEST_JOB:
            long.append(door.name)
    assert len(doors) >= 5
    assert long == []


@pytest.mark.parametrize("path", VIEWS, ids=name_of)
def test_a_view_neither_catches_errors_nor_writes_sql(path: Path) -> None:
    nodes = list(ast.walk(tree(path)))
    assert [node.lineno for node in nodes if isinstance(node, ast.Try)] == []
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if SQL.search(text)] == []


@pytest.mark.parametrize("path", VIEWS, ids=name_of)
def test_a_view_is_short(path: Path) -> None:
    lengths = {
        node.name: sum(isinstance(part, ast.stmt) for part in ast.walk(node)) - 2  # itself and its docstring
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef)
    }
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_VIEW} == {}


def test_only_the_runner_of_jobs_catches_everything() -> None:
    broad = {
        name_of(path)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
        )
    }
    assert broad <= {"jobs/run.py"}


def says(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """True with a docstring, and for the bodiless methods of a protocol."""
    bodiless = (
        len(node.body) == 1
        and isinstance(node.body[0], ast.Expr)
        and getattr(node.body[0].value, "value", None) is ...
    )
    return bodiless or ast.get_docstring(node) is not None


def undocumented(path: Path) -> list[str]:
    """Public functions, classes and methods without a docstring; the demo's handlers are named by their
    library."""
    found = []
    module = tree(path)
    for owner in [
        module,
        *(node for node in module.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")),
    ]:
        for node in owner.body:
            if (
                isinstance(node, (ast.FunctionDef, ast.ClassDef))
                and not node.name.startswith("_")
                and not says(node)
            ):
                found.append(f"{name_of(path)}: {node.name}")
    return found


def test_every_public_function_says_what_it_does() -> None:
    sources = [path for path in SOURCES if "demo" not in path.parts]
    assert [name for path in sources for name in undocumented(path)] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name_of(path) for path in SOURCES if ast.get_docstring(tree(path)) is None] == []


@pytest.mark.parametrize("word", ["utils", "helpers", "manager"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert [name_of(path) for path in SOURCES if word in path.stem] == []
