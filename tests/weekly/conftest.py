from tests.alerts.conftest import desk, make_desk, post  # noqa: F401
from tests.fixtures import make_viewer, recorded_viewer, replay, viewer  # noqa: F401
