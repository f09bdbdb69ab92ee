"""What all pages and answers share: rendering, JSON, links that keep the filter, static files by content."""

import hashlib
import logging
from collections.abc import Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from flask import Flask, Response, current_app, render_template, request, stream_template
from flask.json.provider import JSONProvider
from flask.templating import Environment
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined

from webapp.config import VERSION, Settings
from webapp.parse.clean import DEEPEST, clean
from webapp.tables.db import iso
from webapp.web import compiled
from webapp.web.visitor import visitor as visitor

FORM = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
log = logging.getLogger(__name__)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _laid_open(value: Any, level: int = 0) -> Any:
    """The value without dataclasses and the like, no deeper than `clean` goes."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {part.name: getattr(value, part.name) for part in fields(value)}
    if isinstance(value, (set, frozenset, tuple)):
        value = list(value)
    if isinstance(value, (datetime, date)):
        return _plain(value)
    if level > DEEPEST:
        return value
    if isinstance(value, Mapping):
        return {str(name): _laid_open(part, level + 1) for name, part in value.items()}
    return [_laid_open(part, level + 1) for part in value] if isinstance(value, list) else value


class OrjsonProvider(JSONProvider):
    """JSON by orjson; times in the API's form."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """The compact JSON text; what JSON cannot hold is replaced, never refused."""
        try:
            return orjson.dumps(obj, default=_plain, option=FORM).decode()
        except orjson.JSONEncodeError as error:
            log.error("an answer holds what JSON cannot: %s", error)
            return orjson.dumps(clean(_laid_open(obj)), default=_plain, option=FORM).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """The parsed value."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """An answer with the JSON of one value."""
        return current_app.response_class(
            self.dumps(self._prepare_response_obj(args, kwargs)), mimetype="application/json"
        )


class Templates(Environment):
    """Templates that see the application's own globals, and nothing laid over them: what Jinja lays over them
    for each (a ChainMap) it goes through name by name at every import of a macro, 0.7 ms a page."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template; of the few that are given some of their own, those too."""
        return super().make_globals(d) if d else self.globals


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def is_fragment() -> bool:
    """True where htmx asks for a part of the page; going back in the history always gets the whole."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def page(full: str, partial: str, status: int = 200, **data: object) -> ResponseReturnValue:
    """Render the whole page, or only its part for htmx, from the same data."""
    return render_template(partial if is_fragment() else full, **data), status


def streamed(template: str, **data: object) -> Response:
    """A whole page that is sent as it is made, for a page that grows while it is looked at. Neither we nor a
    proxy may hold it back to compress it."""
    response = Response(stream_template(template, **data), mimetype="text/html")
    response.headers["Content-Encoding"] = "identity"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def link(
    changes: Mapping[str, object], base: Mapping[str, object] | None = None, path: str | None = None
) -> str:
    """The URL of this page (or `path`) with changed parameters; None or '' removes one, and a changed filter
    the page number."""
    given = dict(request.args.items() if base is None else base.items())
    if "page" not in changes:
        given.pop("page", None)
    given.pop("cursor", None)
    given.update(changes)
    query = urlencode([(name, value) for name, value in given.items() if value not in (None, "")])
    return (path or request.path) + ("?" + query if query else "")


@lru_cache(maxsize=256)
def _static_url(root: str, folder: str, filename: str) -> str:
    file = Path(folder) / filename
    version = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else VERSION
    return f"{root}/{quote(filename)}?v={version}"


def static_url(filename: str) -> str:
    """The URL of a static file, with its content's fingerprint, so that browsers may keep it for a year. The
    application always stands at the root, and a page asks a hundred times: so it is put together once."""
    return _static_url(current_app.static_url_path or "", str(current_app.static_folder), filename)


def init_app(app: Flask) -> None:
    """Install the JSON provider, the proxy rules and what templates may call."""
    app.json = OrjsonProvider(app)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31536000
    app.jinja_environment = Templates  # type: ignore[assignment]
    app.jinja_env.globals.update(static_url=static_url)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    compiled.init_app(app)
