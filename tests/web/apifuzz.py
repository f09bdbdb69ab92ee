"""Generated requests to the API, each answer held against the API's own description, with every check of
schemathesis."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.openapi import from_wsgi
from schemathesis.transport.wsgi import WSGITransport

from webapp.auth.tokens import NewToken, make_token
from webapp.tables.db import db
from webapp.web.visitor import Role

OF_NETWORK = {"max_redirects", "verify", "cert"}
DESCRIPTION = "/api/openapi.json"
OPERATIONS = [
    # What makes a file a report cannot be said by a schema.
    {"include-name": "POST /api/dmarc/upload", "checks": {"positive_data_acceptance": {"enabled": False}}},
    # Nor can which names are settings and what fits each, nor a span of days that moves on every day.
    {"include-name": "POST /api/settings", "checks": {"positive_data_acceptance": {"enabled": False}}},
    {"include-name": "GET /api/alerts/summary", "checks": {"positive_data_acceptance": {"enabled": False}}},
    # 502 is its word for a GitHub that does not answer.
    {
        "include-name": "GET /api/status/app-version",
        "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", 502]}},
    },
]


def failures(app: Flask, examples: int, seed: int, phases: tuple[str, ...]) -> tuple[int, list[str]]:
    """(how many requests were made, what was wrong with the answers, one line each)."""
    token = _token(app)
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
            "suppress-health-check": ["all"],
            "generation": {
                "max-examples": examples,
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
                "allow-extra-parameters": False,
            },
            "checks": {"positive_data_acceptance": {"enabled": True}, "use_after_free": {"enabled": True}},
            "operations": OPERATIONS,
            "phases": {
                name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")
            },
        }
    )
    schema = from_wsgi(DESCRIPTION, app, config=config, headers={"Authorization": f"Bearer {token}"})
    made, found = 0, {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            made += len(event.recorder.interactions)
            found |= dict.fromkeys(_told(event.label or "", event.recorder))
        elif isinstance(event, (events.NonFatalError, events.FatalError)):
            error = getattr(event, "value", None) or getattr(event, "exception", event)
            found[f"{getattr(event, 'label', '')}: {getattr(event, 'phase', '')}: {error}"] = None
    return made, list(found)


def _told(label: str, recorder: ScenarioRecorder) -> Iterator[str]:
    for case_id, nodes in recorder.checks.items():
        for node in nodes:
            if node.failure_info is None:
                continue
            interaction = recorder.interactions[case_id]
            answer, uri = interaction.response, interaction.request.uri
            body = answer.content[:200] if answer is not None and answer.content else b""
            if not _is_by_rule(node.name, uri, body):
                words = str(node.failure_info.failure).replace("\n", " ")[:300]
                yield f"{label}: {node.name}: {words}: {interaction.request.method} {uri[:300]}: {body!r}"


def _is_by_rule(check: str, uri: str, body: bytes) -> bool:
    """What no schema says: an empty parameter is an absent one and blanks around a value do not count,
    names that a body makes up hold no control characters, and a range of one's own needs its days."""
    values = [value for _, value in parse_qsl(urlsplit(uri).query, True)]
    if check == "negative_data_rejection":
        return any(not value or value != value.strip() for value in values)
    return check == "positive_data_acceptance" and (b"must not hold control" in body or "custom" in values)


def _token(app: Flask) -> str:
    with app.app_context():
        made = make_token(db.session(), NewToken("fuzz", Role.OPERATOR, "test", None))
        db.session.commit()
    return made


@contextmanager
def alone() -> Iterator[None]:
    """Nobody works off jobs here, so none is waited for; and schemathesis speaks to the application
    itself, where what it says of the network means nothing."""
    send = WSGITransport.send

    def within(self: WSGITransport, case: Any, **given: Any) -> Any:
        return send(self, case, **{name: value for name, value in given.items() if name not in OF_NETWORK})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGITransport, "send", within)
        patch.setattr(
            "webapp.auth.limits.Tries.require_more", lambda _: None
        )  # wrong passwords are part of it
        patch.setattr("webapp.domains.views.PATIENCE", 0.0)
        patch.setattr("webapp.dmarc.views.PATIENCE", 0.0)
        yield
