"""The real application on a free port, filled by the simulated mailcow, and Chromium to look at it."""

import re
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from redis import Redis
from werkzeug.serving import make_server

from tests.browser.windows import PATIENCE, Window, Windows
from tests.compiled import remember
from tests.conftest import _copy_of_template
from webapp.config import load_settings
from webapp.demo.server import DemoServer, serve
from webapp.demo.state import State
from webapp.demo.steps import accepted, delivered

CHROMIUM = next(
    (path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += ["--disable-component-update", "--disable-sync"]
HOSTILE = "<script>alert('x')</script><b>bold</b> annexe\u202egpj.exe " + "W" * 1500

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here; skip it loudly where no Chromium is."""
    here = [item for item in items if "tests/browser/" in item.path.as_posix()]
    for item in here:
        item.add_marker("browser")
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="Chromium is missing: the pages were NOT looked at"))
    if here and CHROMIUM is None:
        warnings.warn(f"Chromium is missing: {len(here)} browser tests are skipped", stacklevel=1)


@dataclass
class Site:
    """The running application. `arrive` lets mails come in and fetches them."""

    url: str
    app: Flask
    mailcow: DemoServer
    clock: list[float] = field(default_factory=list)

    def arrive(self, count: int = 1, subject: str = "A new mail") -> None:
        """Let so many mails be delivered, and read them from the simulated mailcow."""

        def story(scene: Any) -> Any:
            mail = scene.inbound(subject=subject)
            yield from delivered(mail, scene, (yield from accepted(mail, scene)))

        for _ in range(count):
            self.mailcow.state.tell(story)
        self.clock[0] += 120
        self.fetch()

    def fetch(self) -> None:
        """Read everything that is new."""
        from webapp.ingest.collect import fetch_logs
        from webapp.mailcow.connection import mailcow
        from webapp.tables.db import db

        with self.app.app_context():
            settings = self.app.config["SETTINGS"]
            for _ in fetch_logs(db.session, mailcow(settings), settings):
                db.session.commit()


@pytest.fixture(scope="session")
def make_site(
    postgres: Any, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Site]]:
    """A function that starts the application on its own database; keyword arguments are fields of
    Settings."""
    from webapp.app import create_app

    stops: list[Callable[[], None]] = []

    def make(name: str, rate: float = 1.0, **fields: Any) -> Site:
        clock = [float(int(time.time()) - 6 * 3600)]
        demo = serve(state=State(seed=5, rate=rate, history=2, clock=lambda: clock[0]))
        database = _copy_of_template(postgres, name)
        places = {"database_url": database, "redis_url": redis_url, "data_dir": tmp_path_factory.mktemp(name)}
        settings = load_settings(
            _env_file=None,
            mailcow_url=demo.url,
            mailcow_api_key="demo-key",
            demo_mode=True,
            **places,
            **fields,
        )
        app = create_app(settings)
        remember(app)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stops.extend([server.shutdown, demo.close])
        site = Site(f"http://127.0.0.1:{server.server_port}", app, demo, clock)
        site.fetch()
        return site

    yield make
    for stop in stops:
        stop()
    Redis.from_url(redis_url).flushdb()


@pytest.fixture(scope="session")
def site(make_site: Callable[..., Site]) -> Site:
    """The application without a login, with two hours of mail and one hostile subject."""
    site = make_site("browser")
    site.arrive(1, HOSTILE)
    return site


@pytest.fixture(scope="session")
def acting(make_site: Callable[..., Site]) -> Site:
    """A site whose key may write; its mailcow has mail in the queue and in the quarantine."""
    site = make_site("browser_actions", rate=20.0, mailcow_api_key_rw="demo-key")
    site.mailcow.key_rw = "demo-key"
    return site


@pytest.fixture
def lists(acting: Site) -> Site:
    """The same with both lists just taken."""
    from webapp.mailcow import live
    from webapp.mailcow.connection import mailcow
    from webapp.tables.db import db

    with acting.app.app_context():
        for kind in (live.QUEUE, live.QUARANTINE):
            live.take(kind, db.session.connection(), mailcow(acting.app.config["SETTINGS"]))
        db.session.commit()
    return acting


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def windows(browser: Browser) -> Windows:
    """The windows of that browser."""
    return Windows(browser)


@pytest.fixture
def open_page(windows: Windows, site: Site) -> Iterator[Callable[..., Page]]:
    """A function that opens a path in a window without a past.

    At the end no page may have logged an error or broken the policy, but for what matches `forgive`.
    """
    taken: list[Window] = []
    forgiven: list[str] = []

    def make(
        path: str,
        width: int = 1440,
        height: int = 900,
        base: str = site.url,
        forgive: str = "",
        color_scheme: str = "light",
        java_script_enabled: bool = True,
    ) -> Page:
        window = windows.take(base, width, height, color_scheme, java_script_enabled)
        taken.append(window)
        forgiven.extend([forgive] if forgive else [])
        window.page.goto(path)
        return window.page

    yield make
    troubles = [trouble for window in taken for trouble in window.troubles]
    for window in taken:
        windows.give_back(window)
    assert [
        trouble for trouble in troubles if not any(re.search(pattern, trouble) for pattern in forgiven)
    ] == []
