"""An answer as JSON is never an error of its own, whatever stands in it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from webapp.web.page import OrjsonProvider

DEEP: Any = "bottom"
for _ in range(400):
    DEEP = [DEEP]


@dataclass
class Row:
    at: datetime
    value: Any


@pytest.mark.parametrize("value", ["\ud800", 10**30, DEEP, {"a": ("\udfff", {1})}, object(), float("inf")])
def test_anything_has_a_json_text(app, value):
    found = orjson.loads(OrjsonProvider(app).dumps(Row(datetime(2026, 1, 8, tzinfo=UTC), value)))
    assert found["at"] == "2026-01-08T00:00:00Z"
    assert "value" in found
