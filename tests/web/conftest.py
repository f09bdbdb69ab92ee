from tests.fixtures import make_viewer, recorded_viewer, replay, viewer  # noqa: F401
