"""Every regular expression that reads foreign text takes time in proportion to it, whatever a stranger
writes: each is fed long texts of the kinds that make others go back and forth, under a limit of steps that
the processor itself counts, so that a busy machine makes no difference."""

import ast
import importlib
import os
import pkgutil
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import webapp
from tests.samples import real_lines, recorded
from webapp.config import ROOT
from webapp.parse.message_id import comparable
from webapp.parse.netfilter import parse_netfilter
from webapp.parse.postfix import parse_line
from webapp.parse.reply import reason_of, split_recipient

LARGE = "FUZZ" in os.environ  # `make fuzz` feeds a megabyte
LENGTH = (
    1_000_000 if LARGE else 40_000
)  # characters; what grows with the square takes a billion steps for 40,000
LIMIT = 10 if LARGE else 0.4  # seconds of the processor; what grows with the length takes a hundredth of it
APART = ("webapp.demo", "webapp.standalone")  # they read nothing foreign
SEEDS = [
    *'1a <?/,@[("\té\n',
    "a.",
    "a1-",
    '"\\',
    "((a",
    "; ",
    "a=, ",
    "a@",
    "a[",
    "=?",
    '; from=<"',
    "https://",
    ": ",
]
METHODS = ("match", "fullmatch", "search")
USE = re.compile(r"\b([A-Z_0-9]+)\.(match|fullmatch|search|sub|split|findall|finditer)\(")


class TooManySteps(Exception):
    """The expression goes back and forth."""


@contextmanager
def counted() -> Iterator[None]:
    """Ends what takes longer than the limit; Python's matching looks for signals as it goes."""

    def stop(*_: Any) -> None:
        raise TooManySteps

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def modules() -> list[Any]:
    names = [info.name for info in pkgutil.walk_packages(webapp.__path__, "webapp.")]
    return [importlib.import_module(n) for n in names if not n.startswith(APART) and "__main__" not in n]


def within(value: Any, level: int = 3) -> Iterator[re.Pattern[Any]]:
    """The expressions in a value, also in tables of them."""
    if isinstance(value, re.Pattern):
        yield value
    elif level and isinstance(value, (dict, list, tuple, set, frozenset)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from within(part, level - 1)


def expressions() -> dict[tuple[Any, int], tuple[str, re.Pattern[Any]]]:
    """Every one with a name of the module that makes it; those that stand inside calls of `re` too."""
    found: dict[tuple[Any, int], tuple[str, re.Pattern[Any]]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in within(value):
                found.setdefault((pattern.pattern, pattern.flags), (f"{module.__name__}:{name}", pattern))
        for node in ast.walk(ast.parse(open(module.__file__, encoding="utf-8").read())):  # noqa: SIM115
            method, text = inline(node)
            if text is not None:
                pattern = re.compile(text)
                found.setdefault((pattern.pattern, pattern.flags), (f"{module.__name__}:{method}", pattern))
    return found


def inline(node: ast.AST) -> tuple[str, Any]:
    """Name and expression of a call such as `re.sub("a+", ...)`; None where there is none."""
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if not is_call or not isinstance(node.func.value, ast.Name) or node.func.value.id != "re":  # type: ignore[attr-defined]
        return "", None
    name = node.func.attr  # type: ignore[attr-defined]
    first = node.args[0] if node.args and name not in ("escape", "compile") else None  # type: ignore[attr-defined]
    return name, first.value if isinstance(first, ast.Constant) else None


FOUND = expressions()
USED: dict[str, set[str]] = {}
for path in (ROOT / "webapp").rglob("*.py"):
    for name, method in USE.findall(path.read_text(encoding="utf-8")):
        USED.setdefault(name, set()).add(method if method in METHODS else "search")


def literals(pattern: re.Pattern[Any]) -> list[str]:
    """Beginnings that lead into the expression: words that stand in it."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    return ["", *dict.fromkeys(re.findall(r"(?<![\\\[(?<])[A-Za-z ,:=<]{4,}", text))][:3]


def test_they_are_found() -> None:
    assert len(FOUND) > 90
    assert any(name.startswith("webapp.parse.reply:NAMES") for name, _ in FOUND.values())
    assert any(name.endswith(":sub") for name, _ in FOUND.values())


def test_the_limit_finds_one_that_grows_with_the_square() -> None:
    with pytest.raises(TooManySteps), counted():
        re.compile(r"\S+ is banned").search("a" * LENGTH * 4)


@pytest.mark.parametrize("name", sorted({name for name, _ in FOUND.values()}))
def test_no_expression_goes_back_and_forth(name: str) -> None:
    used = name.rpartition(":")[2]
    methods = USED.get(used) or ({used} if used in METHODS else set(METHODS))
    for pattern in (pattern for known, pattern in FOUND.values() if known == name):
        for seed in SEEDS:
            for start in literals(pattern):
                text: Any = start + seed * (LENGTH // len(seed)) + "\x01"
                if isinstance(pattern.pattern, bytes):
                    text = text.encode()
                for method in methods:
                    with counted():
                        getattr(pattern, method)(text)


LINES = [row["message"] for row in recorded.rows("postfix")[:400:10]]
LINES += [row["message"] for case in real_lines.MAILS for row in case["postfix"]][::9]
PLACES = (", ", "=", "<", ": ", "(")  # where a line is cut and filled


@pytest.mark.parametrize(
    "read",
    [lambda text: parse_line("postfix/smtp", text), parse_netfilter, reason_of, split_recipient, comparable],
    ids=["postfix", "netfilter", "reason", "recipient", "message-id"],
)
def test_no_line_takes_longer_for_what_stands_in_its_middle(read: Callable[[str], Any]) -> None:
    for number, line in enumerate(LINES):
        mark = PLACES[number % len(PLACES)]
        before, _, after = line.partition(mark)
        for seed in (
            "a.a.a.",
            "x_y=z, ",
            "(in reply to ",
            '"\\',
            "<a@",
            "; from=<",
            "a b ",
            SEEDS[number % len(SEEDS)],
        ):
            with counted():
                read(before + mark + seed * (LENGTH // len(seed)) + after)
