"""Templates are compiled once, and again where their text has changed; a folder that cannot be written to is
no trouble."""

import sys
from pathlib import Path

import pytest
from flask import Flask, render_template

from webapp.web import compiled


def _app(folder: Path, text: str) -> Flask:
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates" / "one.html").write_text(text, encoding="utf-8")
    app = Flask("compiled", root_path=str(folder))
    compiled.init_app(app, folder / "kept")
    compiled.compile_all(app)
    return app


def _shown(app: Flask) -> str:
    with app.app_context():
        return render_template("one.html")


@pytest.fixture(autouse=True)
def _allowed(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_what_was_compiled_before_is_used(tmp_path):
    _app(tmp_path, "one")
    (kept,) = (tmp_path / "kept").iterdir()
    made = kept.stat().st_mtime_ns
    assert _shown(_app(tmp_path, "one")) == "one"
    assert kept.stat().st_mtime_ns == made


def test_a_changed_template_is_compiled_anew(tmp_path):
    _app(tmp_path, "one")
    assert _shown(_app(tmp_path, "two")) == "two"


def test_nothing_is_written_where_python_may_not(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert _shown(_app(tmp_path, "one")) == "one"
    assert not (tmp_path / "kept").exists()


def test_a_full_disk_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled.FileSystemBytecodeCache, "dump_bytecode", _no_space)
    assert _shown(_app(tmp_path, "one")) == "one"


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")
