"""Templates keep to the content security policy, escape what they show, and are all used."""

import contextlib
import re
from pathlib import Path

import jinja2
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "webapp" / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
NAMES = [path.relative_to(TEMPLATES).as_posix() for path in FILES]

FORBIDDEN = {
    "the safe filter": r"\|\s*safe\b|\bMarkup\b|autoescape",
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "an inline style": r"<style\b|\sstyle\s*=",
    "an event attribute": r"\son[a-z]+\s*=|\bhx-on\b|\bhx-vals\s*=\s*['\"]js:",
    "a javascript address": r"javascript:",
    "another host": r"(?:src|href|action|hx-get|hx-post)\s*=\s*[\"'](?:https?:)?//",
    "a link to a new window": r"target\s*=\s*[\"']_blank",
}


OF_PAGES = {"an inline style"}  # the content security policy forbids it there; a mail has no other


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_forbidden_is_in_a_template(name: str) -> None:
    rules = {what: rule for what, rule in FORBIDDEN.items() if what not in OF_PAGES or "mail/" not in name}
    assert [what for what, rule in rules.items() if re.search(rule, _text(name), re.IGNORECASE)] == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("the safe filter", "{{ subject | safe }}"),
        ("an inline script", "<script>x()</script>"),
        ("an inline style", '<p style="color:red">'),
        ("an event attribute", '<p onclick="x()">'),
        ("another host", '<a href="//elsewhere.example">'),
    ],
)
def test_the_patterns_find_what_they_forbid(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text, re.IGNORECASE)


def test_every_template_is_used() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "webapp").rglob("*.py"))
    pages = "\n".join(_text(name) for name in NAMES)
    assert [name for name in NAMES if f'"{name}"' not in code and f'"{name}"' not in pages] == []


def _use(macro: str) -> str:
    return rf"(?<!macro )\b{macro}\(|remembered\({macro}\)"


def test_every_macro_is_used() -> None:
    pages = "\n".join(_text(name) for name in NAMES)
    macros = re.findall(r"{%-?\s*macro\s+(\w+)", pages)
    assert macros
    assert [macro for macro in macros if not re.search(_use(macro), pages)] == []


def test_every_icon_that_is_asked_for_is_drawn() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in [*FILES, *(ROOT / "webapp").rglob("*.py")])
    sprite = (ROOT / "webapp" / "static" / "icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    asked = set(re.findall(r'\bicon\("([\w-]+)"', code))
    assert asked
    assert asked - drawn == set()


def test_every_form_that_changes_something_sends_the_csrf_token() -> None:
    forms = [
        (name, form)
        for name in NAMES
        for form in re.findall(r"<form\b.*?</form>", _text(name), re.DOTALL)
        if 'method="post"' in form
    ]
    assert forms
    assert [name for name, form in forms if "csrf_token()" not in form] == []


def test_no_filter_is_given_a_constant() -> None:
    """Jinja would put what it makes of it into the compiled template, which is kept as long as its text."""
    assert {name: found for name in NAMES if (found := _of_constants(_text(name)))} == {}


def test_a_filter_of_a_constant_is_found() -> None:
    assert _of_constants("{{ '/x'|place }}{{ 5|number }}{{ given|number }}{{ '%d'|format(5) }}") == [
        "place",
        "number",
    ]


def _of_constants(text: str) -> list[str]:
    """The filters but Jinja's own that are given nothing but constants."""
    found = []
    for each in jinja2.Environment(extensions=["jinja2.ext.do"]).parse(text).find_all(jinja2.nodes.Filter):
        with contextlib.suppress(jinja2.nodes.Impossible):
            each.node.as_const()
            found.append(each.name)
    return sorted(set(found) - set(jinja2.filters.FILTERS), key=found.index)
