import pytest

import jobs.run
from tests.fixtures import make_viewer, recorded_viewer, replay, viewer  # noqa: F401
from tests.status.github import OURS, GitHub
from webapp.demo.server import serve


@pytest.fixture
def mailcow():
    """A simulated mailcow with an hour of mail."""
    server = serve(key="demo-key", history=1, rate=30, seed=3)
    yield server
    server.close()


@pytest.fixture
def github():
    server = GitHub()
    yield server
    server.close()


@pytest.fixture
def site(make_app, mailcow, github, monkeypatch):
    """The application beside the simulated mailcow and GitHub; jobs of this process use it."""
    app = make_app(
        mailcow_url=mailcow.url, mailcow_api_key="demo-key", app_update_repo=OURS, github_api_url=github.url
    )
    monkeypatch.setattr(jobs.run, "application", lambda: app)
    return app
