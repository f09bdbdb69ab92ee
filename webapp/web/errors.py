"""One table from exception to answer: {"detail": ...} under /api/, an HTML page elsewhere."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, jsonify, render_template, request
from pydantic import ValidationError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from webapp.cache import CacheAway
from webapp.errors import ExpectedError
from webapp.tables.faults import trouble
from webapp.web.visitor import is_stranger

log = logging.getLogger(__name__)
Answer = tuple[Response | str, int]
PLAIN_FROM = 500  # from here on the page asks nobody anything: what it would ask may be what is broken


TITLES = {404: "Not here", 405: "Not possible", 413: "Too large", 414: "Too long"}
TITLES |= {500: "A fault of this program", 503: "Not available now"}
STANDARD = {
    400: "The request cannot be read",
    404: "There is no such page; the address may be mistyped, or what it showed is no longer kept",
    413: "What was sent is larger than is taken",
    414: "The address is longer than is taken",
}


def wants_json() -> bool:
    """True under /api/, where every answer is JSON, except for the readable documentation."""
    return request.path.startswith("/api/") and request.path != "/api/docs"


def answer(code: int, detail: str, **extra: object) -> Answer:
    """The error in the form the path asks for; a stranger's page tells nothing of what is inside."""
    if wants_json():
        return jsonify({**extra, "detail": detail}), code
    template = "errors/bare.html" if code >= PLAIN_FROM or is_stranger() else "errors/error.html"
    title = TITLES.get(code) or HTTPStatus(code).phrase
    again = "/" + request.full_path.strip("/?") if request.method == "GET" else "/"
    return render_template(template, code=code, title=title, detail=detail, again=again), code


def parameter_sentence(error: ValidationError) -> str:
    """The first broken rule of a pydantic error as one sentence that names the parameter."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "request"
    if first["msg"].startswith("Value error, "):
        return f"{name} {first['msg'].removeprefix('Value error, ')}"
    return f"{name}: {first['msg'][0].lower()}{first['msg'][1:]}"


def _http(error: HTTPException) -> Any:
    original = getattr(error, "original_exception", None)  # what another error's page came upon
    if isinstance(original, SQLAlchemyError):
        return _database(original)
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    reply, code = answer(error.code or 500, _described(error))
    response = current_app.make_response((reply, code))
    for name in ("Allow", "Retry-After"):
        if name in error.get_response().headers:
            response.headers[name] = error.get_response().headers[name]
    return response


def _described(error: HTTPException) -> str:
    """The error in a sentence: our own where the framework would give its standard text."""
    if error.description and error.description != type(error).description:
        return error.description
    if isinstance(error, MethodNotAllowed):
        taken = ", ".join(sorted(error.valid_methods or []))
        return f"This address does not take {request.method[:20]}, only {taken}"
    return STANDARD.get(error.code or 500) or error.description or HTTPStatus(error.code or 500).phrase


def _internal(error: Exception) -> Answer:
    log.error("unhandled error at %s", request.path, exc_info=error)
    words, more = "Internal server error", {}
    if wants_json():
        more = {"error": words}
    else:
        words = "Not yours: the log of the web process says what happened"
    return answer(500, str(error) if current_app.config["SETTINGS"].debug else words, **more)


def _database(error: SQLAlchemyError) -> Answer:
    """503 with a sentence where the database is away, full or slow; else a fault of ours."""
    sentence = trouble(error)
    if sentence is None:
        return _internal(error)
    log.error("%s at %s: %s", sentence, request.path, str(error).partition("\n")[0])
    reply, code = answer(503, sentence)
    response = current_app.make_response((reply, code))
    response.headers["Retry-After"] = "5"
    return response, code


def register(app: Flask) -> None:
    """Install the table."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ExpectedError, lambda error: answer(error.status, str(error)))
    app.register_error_handler(ValidationError, lambda error: answer(400, parameter_sentence(error)))
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(RedisError, lambda _error: answer(503, str(CacheAway())))
    app.register_error_handler(Exception, _internal)
