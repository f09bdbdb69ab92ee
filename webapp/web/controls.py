"""Control characters in parameters: nobody types them, and what stores or sends them on may break."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, request

from webapp.errors import BadParameter

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
IN_A_LINE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
ESCAPED = (b"\\u00", b"\\ud", b"\\uD", b"\\b", b"\\f", b"\x7f")  # one stands in any JSON text with controls


def init_app(app: Flask) -> None:
    """Refuse them in every parameter of every request: path, query, form, names of files, JSON."""
    app.before_request(refuse)


def refuse() -> None:
    """Raises BadParameter that names the parameter. A query or path has no line breaks either; blanks around
    a value do not count."""
    for name, value in (request.view_args or {}).items():
        _check(name, str(value), IN_A_LINE)
    for name, value in request.args.items(multi=True):
        _check(name, value.strip(" \t\r\n"), IN_A_LINE)
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    for name, value in request.form.items(multi=True):
        _check(name, value, CONTROLS)
    for name, file in request.files.items(multi=True):
        _check(name, file.filename or "", IN_A_LINE)
    if request.is_json and any(sign in request.get_data(cache=True) for sign in ESCAPED):
        for name, value in _texts(request.get_json(silent=True)):
            _check(name, value, CONTROLS)


def _check(name: str | None, value: str, forbidden: re.Pattern[str]) -> None:
    if name is None:  # a part of a form may come without one
        raise BadParameter("every field of a form needs a name")
    if forbidden.search(name):
        raise BadParameter("the name of a parameter must not hold control characters")
    if forbidden.search(value):
        raise BadParameter(f"{name} must not hold control characters")


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text of a JSON value with the name it stands under."""
    waiting = [("body", value)]
    while waiting:
        name, found = waiting.pop()
        if isinstance(found, str):
            yield name, found
        elif isinstance(found, dict):
            yield from ((str(key), "") for key in found)
            waiting += [(str(key), part) for key, part in found.items()]
        elif isinstance(found, list):
            waiting += [(name, part) for part in found]
