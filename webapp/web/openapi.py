"""The API's description: OpenAPI 3.1 at /api/openapi.json, made by spectree from the filters that the views
use."""

import copy
import functools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar, get_type_hints

import orjson
from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, create_model
from spectree import Response, SpecTree

from webapp.config import VERSION
from webapp.web.openapi_answers import DESCRIBED, PLAIN, Facts, complete

api = Blueprint("openapi", __name__)
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
Document = Mapping[str, Any]  # JSON of OpenAPI, as spectree made it
WRAPPED = "__wrapped__"
_undescribed: list[Callable[[], None]] = []  # views that spectree does not know yet
_describing = threading.Lock()


spec = SpecTree(
    "flask",
    title="Mailcow Logs Viewer",
    version=VERSION,
    openapi_version="3.1.0",
    mode="strict",
    path="api/spectree",
    annotations=False,
)


@dataclass(frozen=True)
class Described:
    """The description of an answer; its model is made where the description is asked for, because all of
    them took a fifth of a second of every start."""

    shape: type
    example: Mapping[str, Any] | None

    def model(self) -> type[BaseModel]:
        """As pydantic has it."""
        return _model(self.shape, self.example)


def described(shape: type, example: Mapping[str, Any] | None = None) -> Described:
    """The description of an answer whose shape is a dataclass or a TypedDict, with an example."""
    return Described(shape, example)


def _model(shape: type, example: Mapping[str, Any] | None) -> type[BaseModel]:
    hints = get_type_hints(shape)
    needed = getattr(shape, "__required_keys__", hints)
    parts: dict[str, Any] = {}
    for name, kind in hints.items():
        told: dict[str, Any] = {} if name in needed else {"default_factory": kind}
        if hasattr(BaseModel, name):
            name, told["alias"] = f"{name}_", name
        parts[name] = (kind, Field(**told))
    model: type[BaseModel] = create_model(
        shape.__name__,
        __config__=ConfigDict(json_schema_extra={"example": dict(example)} if example else None),
        __doc__=shape.__doc__,
        __module__=shape.__module__,
        **parts,
    )
    return model


def documented(
    tag: str,
    *,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    answer: type[BaseModel] | Described | None = None,
    codes: tuple[int, ...] = (),
    facts: Facts = PLAIN,
) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """Describe a view: its query parameters, its JSON body, its answer's shape, its error codes, and what
    else is to be known of it.

    Description only: the view reads its parameters itself (params.given), and answers are not validated at
    run time.
    """
    errors = {*codes, *((400,) if query or body else ())}

    def decorate(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        """Called directly: spectree's own wrapper would read a streamed answer to its end before it
        begins."""

        @functools.wraps(view)
        def direct(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            return view(*args, **kwargs)

        def describe() -> None:
            model = answer.model() if isinstance(answer, Described) else answer
            validate = spec.validate(
                query=query,
                json=body,
                resp=Response(**({"HTTP_200": model} if model else {})),
                tags=[tag],
                skip_validation=True,
            )
            setattr(direct, WRAPPED, validate(view))  # where spectree looks for what it knows of a view

        _undescribed.append(describe)
        setattr(direct, DESCRIBED, replace(facts, errors=frozenset(errors), has_body=body is not None))
        return direct

    return decorate


@api.get("/api/openapi.json")
def description() -> ResponseReturnValue:
    """The description of the whole API (OpenAPI 3.1)."""
    return jsonify(_document())


@api.get("/api/docs")
def reading_page() -> ResponseReturnValue:
    """The same for people."""
    return render_template("api/docs.html", operations=operations(_document()))


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation: its place is query or path."""

    name: str
    place: str
    required: bool
    type: str
    description: str


@dataclass(frozen=True)
class Operation:
    """One operation for the reading page, with an example answer as JSON ('' where there is none)."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Parameter]
    example: str


def _document() -> Document:
    with _describing:
        while _undescribed:
            _undescribed.pop(0)()
    spec.app = current_app
    document = copy.deepcopy(spec.spec)
    complete(document, current_app)
    return document


def operations(document: Document) -> list[tuple[str, list[Operation]]]:
    """The operations of an OpenAPI document by tag, each with its parameters and an example answer."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in sorted(document.get("paths", {}).items()):
        for method, operation in methods.items():
            tags = [
                tag if isinstance(tag, str) else tag.get("name", "")
                for tag in operation.get("tags") or ["Other"]
            ]
            groups.setdefault(tags[0], []).append(
                Operation(
                    method=method.upper(),
                    path=path,
                    summary=operation.get("summary", ""),
                    description=operation.get("description", ""),
                    parameters=[_parameter(p) for p in operation.get("parameters", [])],
                    example=_example(document, operation),
                )
            )
    return sorted(groups.items())


def _parameter(parameter: Document) -> Parameter:
    schema = parameter.get("schema", {})
    kinds = [part.get("format") or part.get("type", "") for part in [schema, *schema.get("anyOf", [])]]
    return Parameter(
        name=parameter["name"],
        place=parameter["in"],
        required=parameter.get("required", False),
        type=next((kind for kind in kinds if kind and kind != "null"), "string"),
        description=parameter.get("description") or schema.get("description", ""),
    )


def _example(document: Document, operation: Document) -> str:
    content = operation.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    schema = document.get("components", {}).get("schemas", {}).get(reference, {})
    example = schema.get("example") or (schema.get("examples") or [None])[0]
    return orjson.dumps(example, option=orjson.OPT_INDENT_2).decode() if example else ""
