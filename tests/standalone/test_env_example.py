"""env.example is the administrator's list of settings."""

import re
from itertools import pairwise

from webapp.config import ROOT, Settings

LINE = re.compile(r"^# ([A-Z][A-Z0-9_]+)=(.*)$")


def listed() -> dict[str, str]:
    lines = (ROOT / "env.example").read_text(encoding="utf-8").splitlines()
    return {match[1]: match[2] for line in lines if (match := LINE.match(line))}


def written(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(default) if isinstance(default, tuple) else str(default)


def test_env_example_lists_every_setting():
    assert set(listed()) == {name.upper() for name in Settings.model_fields}


def test_env_example_shows_the_defaults():
    defaults = {name.upper(): written(field.default) for name, field in Settings.model_fields.items()}
    assert {name: value for name, value in listed().items() if value != defaults.get(name, value)} == {}


def test_every_setting_is_explained_in_the_line_before():
    lines = (ROOT / "env.example").read_text(encoding="utf-8").splitlines()
    explained = [line for before, line in pairwise(lines) if before.endswith(".") and not LINE.match(before)]
    bare = [line for line in lines if LINE.match(line) and line not in explained]
    assert bare == []
