"""Look at every page of the demo in a real browser.

python -m tools.look screenshots [FOLDER]   save a picture of each page (docs/screenshots)
python -m tools.look check [MINUTES]        axe-core on each page in both themes and three widths, what the
                                            first page costs, and what moves on live pages in so many
                                            minutes at each of four widths
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FIRST = "main table a[href^='{}']"
PAGES: dict[str, tuple[str, str]] = {  # name -> where it is: a path, and the link to follow from there
    "dashboard": ("/dashboard", ""),
    "messages": ("/messages", ""),
    "message": ("/messages?status=bounced", "main a.row-link"),
    "saved": ("/saved", ""),
    "who-and-where": ("/messages/by/destinations", ""),
    "logs-postfix": ("/logs/postfix", ""),
    "logs-rspamd": ("/logs/rspamd", ""),
    "logs-dovecot": ("/logs/dovecot", ""),
    "security": ("/security", ""),
    "security-events": ("/security/events", ""),
    "security-connections": ("/security/connections", ""),
    "security-sign-ins": ("/security/sign-ins", ""),
    "security-bans": ("/security/bans", ""),
    "security-address": ("/security", FIRST.format("/security/address/")),
    "queue": ("/queue", ""),
    "delays": ("/queue/delays", ""),
    "quarantine": ("/quarantine", ""),
    "quarantine-mail": ("/quarantine", FIRST.format("/quarantine/")),
    "mailboxes": ("/mailboxes", ""),
    "mailbox": ("/mailboxes", FIRST.format("/mailboxes/")),
    "domains": ("/domains", ""),
    "domain": ("/domains", FIRST.format("/domains/")),
    "blocklists": ("/blocklists", ""),
    "dmarc": ("/dmarc", ""),
    "dmarc-domain": ("/dmarc", FIRST.format("/dmarc/")),
    "dmarc-import": ("/dmarc/import", ""),
    "alerts": ("/alerts", ""),
    "alert-rules": ("/alerts/rules", ""),
    "weekly-summary": ("/alerts/summary", ""),
    "notices": ("/alerts/channels", ""),
    "status": ("/status", ""),
    "jobs": ("/status/jobs", ""),
    "settings": ("/settings", ""),
    "settings-health": ("/settings/health", ""),
    "access": ("/access", ""),
    "api": ("/api/docs", ""),
    "not-found": ("/no-such-page", ""),
}
NARROW = (
    "dashboard",
    "messages",
    "message",
    "queue",
    "security",
    "mailboxes",
)  # kept as seen on a phone, too
LIVE = ("/dashboard", "/messages", "/logs/postfix", "/queue", "/quarantine", "/security", "/status")
LIVE += ("/status/jobs", "/mailboxes", "/domains", "/blocklists", "/dmarc", "/alerts")
LIVE += ("/security/bans", "/security/events", "/logs/rspamd", "/logs/dovecot", "/settings/health")
WIDTHS = ((1440, 900), (1024, 768), (390, 844))
THEMES = ("light", "dark")
SHIFT_WIDTHS = ((1440, 900), (1280, 720), (1024, 768), (390, 844))
WATCH_SHIFT = """window.shift = 0; window.moved = new Set(); new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    window.shift += entry.value;
    for (const {node} of entry.sources)
      window.moved.add(`${node?.nodeName} ${node?.id || node?.className || ""}`);
  }
}).observe({type: "layout-shift", buffered: true});"""
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


def address(page: Page, name: str) -> str | None:
    """The path of a page; one that a list leads to is found by its first link, None for an empty list."""
    path, link = PAGES[name]
    if not link:
        return path
    page.goto(path)
    found = page.locator(link)
    return found.first.get_attribute("href") if found.count() else None


def faults(page: Page) -> list[str]:
    """What axe-core finds on an open page, a line each, and whether the page is wider than the screen."""
    found = [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in Axe().run(page).response["violations"]
    ]
    wide = page.evaluate(SIDEWAYS)
    return found + ([f"{wide} pixels too wide"] if wide > 0 else [])


def screenshots(browser: Browser, base: str, folder: Path) -> None:
    """The top of each page, wide in the light theme, and of some narrow in the dark one."""
    folder.mkdir(parents=True, exist_ok=True)
    for (width, height), theme in (((1440, 900), "light"), ((390, 844), "dark")):
        context = browser.new_context(
            base_url=base, viewport={"width": width, "height": height}, color_scheme=theme
        )
        page = context.new_page()
        for name in PAGES if width > 400 else NARROW:
            page.goto(address(page, name) or name, wait_until="networkidle")
            page.screenshot(path=folder / f"{name}{'' if width > 400 else '-narrow'}.png")
        context.close()


def check(browser: Browser, base: str, minutes: float) -> int:
    """Print what is wrong with each page in each theme and width; returns how many faults there are."""
    wrong = 0
    finder = browser.new_context(base_url=base).new_page()
    for name in PAGES:
        path = address(finder, name) or name
        for theme in THEMES:
            for width, height in WIDTHS:
                size = {"width": width, "height": height}
                context = browser.new_context(base_url=base, viewport=size, color_scheme=theme)
                page = context.new_page()
                page.goto(path)
                for fault in faults(page):
                    wrong += 1
                    print(f"{name} {theme} {width}: {fault}", flush=True)
                context.close()
    print(f"{len(PAGES)} pages in {len(THEMES)} themes and {len(WIDTHS)} widths: {wrong} faults")
    for path in ("/dashboard", "/messages"):
        _weight(browser, base, path)
    return wrong + sum(_shift(browser, base, minutes, width, height) for width, height in SHIFT_WIDTHS)


def _weight(browser: Browser, base: str, path: str) -> None:
    """What a first page costs over the wire, nothing cached."""
    sizes: list[float] = []
    inside: set[str] = set()  # images that stand in the stylesheet itself

    def begin(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("data:"):
            inside.add(event["requestId"])

    def note(event: dict[str, Any]) -> None:
        if event["requestId"] not in inside:
            sizes.append(event["encodedDataLength"])

    context = browser.new_context(base_url=base)
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.requestWillBeSent", begin)
    client.on("Network.loadingFinished", note)
    page.goto(path, wait_until="networkidle")
    print(f"{path} cold: {len(sizes)} requests, {sum(sizes) / 1000:.0f} kB over the wire", flush=True)
    context.close()


def _shift(browser: Browser, base: str, minutes: float, width: int, height: int) -> int:
    """Print the layout shift of live pages, all open at once; returns on how many of them something moved."""
    opened = {}
    for path in LIVE:
        context = browser.new_context(base_url=base, viewport={"width": width, "height": height})
        opened[path] = context.new_page()
        opened[path].add_init_script(WATCH_SHIFT)
        opened[path].goto(path)
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        next(iter(opened.values())).wait_for_timeout(1000)
    moved = 0
    for path, page in opened.items():
        shift, what = page.evaluate("[window.shift, [...window.moved].join(', ')]")
        moved += shift > 0
        print(f"{path} {width}: layout shift {shift:.5f} in {minutes:g} minutes {what}".rstrip(), flush=True)
        page.context.close()
    return moved


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """The demo on a free port, with data of its own; its address, once mail is there."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"APP_PORT": str(port), "APP_HOST": "127.0.0.1", "DATA_DIR": folder}
        command = [sys.executable, "-m", "webapp.standalone"]
        log = open(Path(folder) / "look.log", "w")  # noqa: SIM115
        process = subprocess.Popen(command, cwd=ROOT, env={**kept, **own}, stdout=log, stderr=log)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait(base)
            yield base
        finally:
            process.terminate()
            process.wait(60)
            log.close()


def _wait(base: str) -> None:
    """Until health answers and the first messages are there; raises TimeoutError after five minutes."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        with contextlib.suppress(requests.RequestException):
            answer = requests.get(f"{base}/api/messages?limit=1", timeout=10)
            if answer.ok and answer.json()["total"]:
                time.sleep(20)  # DNS, mailboxes and reports come in behind the mail
                return
        time.sleep(1)
    raise TimeoutError("the demo did not start in five minutes")


def main(words: list[str]) -> int:
    """Run one of the two."""
    what = words[0] if words else "check"
    program = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    with demo() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--headless", "--no-sandbox"])
        if what == "screenshots":
            screenshots(browser, base, Path(words[1]) if words[1:] else ROOT / "docs" / "screenshots")
            return 0
        return 1 if check(browser, base, float(words[1]) if words[1:] else 2.0) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
