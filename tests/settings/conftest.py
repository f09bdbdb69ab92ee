from tests.fixtures import make_viewer, recorded_viewer, replay, viewer  # noqa: F401
from tests.status.conftest import github, mailcow, site  # noqa: F401
