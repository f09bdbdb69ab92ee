from tests.fixtures import make_viewer, recorded_viewer, replay, viewer  # noqa: F401
from tests.web.filled import browser, filled  # noqa: F401
