"""The API answers what its description says, whatever it is asked: a small budget here, more by `make
fuzz`."""

import os

import pytest

from tests.conftest import _application, _dispose
from tests.web.apifuzz import alone, failures

EXAMPLES = int(os.environ.get("FUZZ", "1"))
PHASES = ("fuzzing",) if EXAMPLES == 1 else ("examples", "coverage", "fuzzing")


@pytest.fixture
def app(recorded_viewer, tmp_path):
    places = {"data_dir": tmp_path, "github_api_url": "http://127.0.0.1:1"}
    settings = recorded_viewer.settings.model_copy(
        update={"auth_enabled": True, "auth_password": "secret", **places}
    )
    made = _application(settings)
    yield made
    _dispose(made)


def test_no_answer_is_undeclared(app):
    with alone():
        made, wrong = failures(app, EXAMPLES, seed=1, phases=PHASES)
    print(f"{made} requests")
    assert made > 150
    assert wrong == []


def test_what_is_never_answered_is_not_declared(app):
    described = app.test_client().get("/api/openapi.json", auth=("admin", "secret")).get_json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            codes = set(operation["responses"])
            assert {"200", "400", "414", "429", "503"} <= codes, path
            assert ("401" in codes) is (path != "/api/health"), path
            assert {"403", "413"} <= codes or method == "get", path
            assert "422" not in codes or path == "/api/dmarc/upload", path


def test_files_are_declared_as_such(app):
    paths = app.test_client().get("/api/openapi.json", auth=("admin", "secret")).get_json()["paths"]
    files = {path for path in paths if path.startswith("/api/export/")}
    assert len(files) >= 6
    for path in files:
        assert list(paths[path]["get"]["responses"]["200"]["content"]) == ["text/csv"]
    both = paths["/api/mailbox-stats/daily"]["get"]["responses"]["200"]["content"]
    assert set(both) == {"application/json", "text/csv"}


def test_bounds_and_words_of_parameters_are_told(app):
    paths = app.test_client().get("/api/openapi.json", auth=("admin", "secret")).get_json()["paths"]
    told = {one["name"]: one["schema"] for one in paths["/api/messages"]["get"]["parameters"]}
    assert (told["limit"]["minimum"], told["limit"]["maximum"]) == (1, 500)
    assert "bounced" in told["status"]["enum"]
    assert told["search"]["maxLength"] >= 500
    bare = [
        f"{path} {one['name']}"
        for path, methods in paths.items()
        for operation in methods.values()
        for one in operation.get("parameters", [])
        if not one["schema"].keys() & {"enum", "minimum", "pattern", "anyOf", "format"}
        and one["schema"].get("type") != "boolean"
    ]
    assert bare == []


@pytest.mark.parametrize("path", ["/api/messages", "/api/nothing"])
def test_too_long_an_address_is_a_414_in_json(app, path):
    answer = app.test_client().get(f"{path}?search={'x' * 9000}")
    assert (answer.status_code, list(answer.get_json())) == (414, ["detail"])
