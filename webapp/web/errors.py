"""One table from exception to answer: {"detail": ...} under /api/, an HTML page elsewhere."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, jsonify, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from webapp.errors import ExpectedError

log = logging.getLogger(__name__)
Answer = tuple[Response | str, int]


def wants_json() -> bool:
    """True under /api/, where every answer is JSON, except for the readable documentation."""
    return request.path.startswith("/api/") and request.path != "/api/docs"


def answer(code: int, detail: str, **extra: object) -> Answer:
    """The error in the form the path asks for."""
    if wants_json():
        return jsonify({**extra, "detail": detail}), code
    title = HTTPStatus(code).phrase
    return render_template("errors/error.html", code=code, title=title, detail=detail), code


def parameter_sentence(error: ValidationError) -> str:
    """The first broken rule of a pydantic error as one sentence that names the parameter."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "request"
    if first["msg"].startswith("Value error, "):
        return f"{name} {first['msg'].removeprefix('Value error, ')}"
    return f"{name}: {first['msg'][0].lower()}{first['msg'][1:]}"


def _http(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    given = error.description or HTTPStatus(error.code or 500).phrase
    reply, code = answer(error.code or 500, given)
    response = current_app.make_response((reply, code))
    for name in ("Allow", "Retry-After"):
        if name in error.get_response().headers:
            response.headers[name] = error.get_response().headers[name]
    return response


def _internal(error: Exception) -> Answer:
    log.error("unhandled error at %s", request.path, exc_info=error)
    shown = str(error) if current_app.config["SETTINGS"].debug else "Internal server error"
    return answer(500, shown, **({"error": "Internal server error"} if wants_json() else {}))


def _database_away(error: DBAPIError) -> Answer:
    if (
        not error.connection_invalidated and error.statement is not None
    ):  # no statement: there was no connection to begin with
        return _internal(error)
    log.error("the database does not answer at %s: %s", request.path, str(error.orig).partition("\n")[0])
    return answer(503, "The database does not answer")


def register(app: Flask) -> None:
    """Install the table."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ExpectedError, lambda error: answer(error.status, str(error)))
    app.register_error_handler(ValidationError, lambda error: answer(400, parameter_sentence(error)))
    app.register_error_handler(DBAPIError, _database_away)
    app.register_error_handler(Exception, _internal)
