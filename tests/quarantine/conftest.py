from tests.mailqueue.conftest import app, demo, make_demo  # noqa: F401
