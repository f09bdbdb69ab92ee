import pytest

import jobs.run
from tests.fixtures import make_viewer, replay, viewer  # noqa: F401


@pytest.fixture
def make_worker(make_viewer, monkeypatch):  # noqa: F811
    """A function that makes a viewer whose application the jobs of this process use."""

    def make(**fields):
        made = make_viewer(**fields)
        monkeypatch.setattr(jobs.run, "application", lambda: made.app)
        return made

    return make


@pytest.fixture
def worker(make_worker):
    return make_worker()
