from tests.fixtures import make_viewer, real_lines_viewer, recorded_viewer, replay, viewer  # noqa: F401
