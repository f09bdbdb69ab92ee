"""What every operation of the API may answer: put into the description in one place, so that none forgets
it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask

DESCRIBED = "described_as"  # the attribute of a view that holds its facts
PART = re.compile(r"<(?:[a-z]{1,20}(?:\([^()<>]{0,80}\))?:)?([a-z_]{1,40})>")
SAFE = frozenset({"get", "head", "options"})
PROBLEM = "Problem"
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
WITHOUT_CONTROLS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
PUBLIC = frozenset({"status_api.health"})
WORD = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"type": "string"}, "message": {"type": "string"}},
}
SECURITY = {"basic": {"type": "http", "scheme": "basic"}, "bearer": {"type": "http", "scheme": "bearer"}}
Node = dict[str, Any]  # JSON of OpenAPI
IN_PATHS: dict[str, Node] = {  # what stands in a path is text to Flask
    "date": {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "pattern": "^[0-9]{1,10}$"}]},
}


@dataclass(frozen=True)
class Facts:
    """What a view answers beside its usual answer: `also` are other good codes, `csv` a
    file in place of JSON (or beside it), `form` the multipart field of a file that it takes,
    `or_word` a status and a message where there is nothing of the shape."""

    also: tuple[int, ...] = ()
    csv: bool = False
    json: bool = True
    form: str = ""
    or_word: bool = False
    errors: frozenset[int] = frozenset()
    has_body: bool = False


PLAIN = Facts()


def complete(document: Node, app: Flask) -> None:
    """Put what is true of every operation into the description."""
    document["servers"] = [{"url": "/"}]
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY
    components.setdefault("schemas", {})[PROBLEM] = _problem()
    document["security"] = [{name: []} for name in SECURITY]
    for endpoint, method, operation in _operations(document, app):
        facts: Facts = getattr(app.view_functions[endpoint], DESCRIBED)
        _describe(operation, facts, endpoint, method)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            _without_controls(content["schema"], components["schemas"])


def _operations(document: Node, app: Flask) -> Iterator[tuple[str, str, Node]]:
    """(endpoint, method, operation) of every one that is described."""
    for rule in app.url_map.iter_rules():
        found = document["paths"].get(PART.sub(r"{\1}", rule.rule), {})
        for method in (rule.methods or set()) & {name.upper() for name in found}:
            yield rule.endpoint, method.lower(), found[method.lower()]


def _describe(operation: Node, facts: Facts, endpoint: str, method: str) -> None:
    good = operation["responses"].get("200") or _free()
    operation["responses"] = answers = {
        "200": {**(_or_word(good) if facts.or_word else good), "description": "OK"},
        **{str(code): {**_also(code, good), "description": HTTPStatus(code).phrase} for code in facts.also},
    }
    if facts.csv:
        text = {"text/csv": {"schema": {"type": "string"}}}
        answers["200"]["content"] = {**(good["content"] if facts.json else {}), **text}
    for code in sorted(facts.errors | _of_all(endpoint, method)):
        answers[str(code)] = {"description": HTTPStatus(code).phrase, "content": _content(PROBLEM)}
    if endpoint in PUBLIC:
        operation["security"] = [{}, *({name: []} for name in SECURITY)]
    if facts.form:
        operation["requestBody"] = {"required": True, "content": _form(facts.form)}
    for parameter in operation.get("parameters", []):
        parameter["schema"] = IN_PATHS.get(parameter["name"]) or _typed(parameter["schema"])


def _of_all(endpoint: str, method: str) -> set[int]:
    """The errors of every operation: the address is too long, too many logins have failed, the database is
    away; who must sign in; and of those that change something, who may only look and a body that is too
    large."""
    codes = {400, 414, 429, 503}
    if endpoint not in PUBLIC:
        codes.add(401)
    if method not in SAFE:
        codes |= {403, 413}
    return codes


def _typed(schema: Node) -> Node:
    """A parameter is there or not, and never null; a text holds no control characters."""
    parts = [part for part in schema.get("anyOf", []) if part.get("type") != "null"]
    if len(parts) == 1:
        schema = {**{name: value for name, value in schema.items() if name != "anyOf"}, **parts[0]}
    if schema.get("default", "") is None:
        schema = {name: value for name, value in schema.items() if name != "default"}
    if schema.get("type") == "string" and not schema.keys() & {"enum", "pattern"}:
        schema = {**schema, "pattern": PRINTABLE}
    return schema


def _without_controls(schema: Node, known: Node) -> None:
    """No text of a body holds control characters but tabs and line breaks; nor do names that it makes up."""
    if "$ref" in schema:
        _without_controls(known[schema["$ref"].rpartition("/")[2]], known)
    if schema.get("type") == "string" and not schema.keys() & {"enum", "pattern", "format"}:
        schema["pattern"] = WITHOUT_CONTROLS
    if schema.get("type") == "object":
        schema["propertyNames"] = {"pattern": WITHOUT_CONTROLS}
    parts = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    for part in (*parts, schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            _without_controls(part, known)


def _content(name: str) -> Node:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _or_word(good: Node) -> Node:
    """The shape, or a word of why there is nothing of it."""
    schema = good["content"]["application/json"]["schema"]
    return {"content": {"application/json": {"schema": {"anyOf": [schema, WORD]}}}}


def _also(code: int, good: Node) -> Node:
    """What is accepted and not done yet is told by a word; other good codes have the usual shape."""
    word = {"content": {"application/json": {"schema": WORD}}}
    return word if code == HTTPStatus.ACCEPTED else good


def _free() -> Node:
    return {"content": {"application/json": {"schema": {"type": "object"}}}}


def _form(field: str) -> Node:
    file = {"type": "string", "format": "binary"}
    return {
        "multipart/form-data": {
            "schema": {"type": "object", "required": [field], "properties": {field: file}}
        }
    }


def _problem() -> Node:
    return {
        "title": PROBLEM,
        "description": "An error: one sentence.",
        "type": "object",
        "required": ["detail"],
        "properties": {"detail": {"type": "string"}},
        "example": {"detail": "limit must be a whole number between 1 and 500"},
    }
