"""Windows that tests use one after another: a new one costs three times what the page does that it opens."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

PATIENCE = 45_000  # milliseconds that no machine needs, however busy
NOWHERE = (-1, -1)  # where a mouse is over nothing
MOST = 4  # windows that wait for another test


@dataclass
class Window:
    """A page in a context of its own, and what it has logged since it was taken."""

    page: Page
    base: str
    scripts: bool
    troubles: list[str] = field(default_factory=list)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(message.text)


class Windows:
    """Windows of one browser; each test gets one that shows no trace of an earlier test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._waiting: list[Window] = []

    def take(self, base: str, width: int, height: int, scheme: str, scripts: bool) -> Window:
        """A window for this site of this size and theme, with or without JavaScript."""
        known = [one for one in self._waiting if (one.base, one.scripts) == (base, scripts)]
        window = known[0] if known else self._made(base, scripts)
        if known:
            self._waiting.remove(window)
        window.page.set_viewport_size({"width": width, "height": height})
        window.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        return window

    def give_back(self, window: Window) -> None:
        """Forget what a test left in the window, and keep it for another.

        The page itself goes to the blank one, for so it keeps its process and its site's storage.
        """
        page, context = window.page, window.page.context
        for opened in context.pages:
            if opened is not page:
                opened.close()
        page.unroute_all(behavior="ignoreErrors")
        page.mouse.move(*NOWHERE)
        page.evaluate("location.replace('about:blank')")
        page.wait_for_url("about:blank")
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        context.clear_cookies()
        window.troubles.clear()
        self._waiting.append(window)
        if len(self._waiting) > MOST:
            self._waiting.pop(0).page.context.close()

    def _made(self, base: str, scripts: bool) -> Window:
        context = self._browser.new_context(base_url=base, java_script_enabled=scripts)
        window = Window(context.new_page(), base, scripts)
        window.page.set_default_timeout(PATIENCE)
        window.page.on("console", window._note)
        window.page.on("pageerror", lambda error: window.troubles.append(str(error)))
        return window
