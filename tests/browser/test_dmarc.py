"""The DMARC room in a browser: readable on every screen, and files are taken one by one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_actions import SETTLED
from tests.dmarc.conftest import metadata
from tests.reports.samples import as_json, gz, record, tls, xml
from tools.look import faults
from webapp.reports.refusal import Limits
from webapp.reports.save import save_file
from webapp.tables.db import db

OpenPage = Callable[..., Page]
DOMAIN = "/dmarc/example.com"
LONG = "W" * 900
PAGES = (
    "/dmarc",
    DOMAIN,
    f"{DOMAIN}/sources",
    f"{DOMAIN}/reports",
    f"{DOMAIN}/source/2001:db8::77",
    f"{DOMAIN}/tls?days=365",
)


@pytest.fixture(scope="module")
def reported(make_site: Callable[..., Site]) -> Site:
    """A site with a domain that has sources of several classes, and texts that are very long."""
    site = make_site("browser_dmarc", rate=0.1)
    reason = f"<reason><type>mailing_list</type><comment>{LONG}</comment></reason>"
    rows = (
        record(count="90"),
        record(ip="2001:db8::77", spf="fail", dkim="fail", more=reason),
        record(ip="203.0.113.9", spf="fail", dkim="fail"),
    )
    with site.app.app_context():
        for days in range(1, 12):
            text = xml(*rows, metadata=metadata(days, f"Receiver {LONG[:200]}", f"r-{days}"))
            save_file(db.session.connection(), gz(text), f"{days}.xml.gz", Limits())
        save_file(db.session.connection(), as_json(tls(**{"organization-name": LONG})), "t.json", Limits())
        db.session.commit()
    return site


@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [(path, *((1440, "light"), (390, "dark"))[number % 2]) for number, path in enumerate(PAGES)],
)
def test_pages_fit_and_can_be_read(
    open_page: OpenPage, reported: Site, path: str, width: int, scheme: str
) -> None:
    page = open_page(path, width=width, base=reported.url, color_scheme=scheme)
    expect(page.locator("h1")).to_be_visible()
    page.evaluate(SETTLED)
    assert faults(page) == []


def test_files_are_taken_one_by_one(open_page: OpenPage, reported: Site, tmp_path: Path) -> None:
    (tmp_path / "good.xml").write_text(xml(metadata=metadata(1, identity="chosen")))
    (tmp_path / "bad.xml").write_text("<feedback><broken")
    page = open_page("/dmarc", base=reported.url, forgive="status of 400")
    page.locator('input[name="file"]').set_input_files(
        [tmp_path / "good.xml", tmp_path / "bad.xml", tmp_path / "good.xml"]
    )
    page.get_by_role("button", name="Upload").click()
    lines = page.locator(".upload-results li")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_have_text("good.xml 1 new report")
    expect(lines.nth(1)).to_contain_text("cut")
    expect(lines.nth(2)).to_have_text("good.xml 0 new reports, 1 stored before")


def test_dropped_files_are_sent_at_once(open_page: OpenPage, reported: Site) -> None:
    page = open_page("/dmarc", base=reported.url, forgive="status of 422")
    page.locator(".drop").evaluate(
        "(drop) => { const data = new DataTransfer(); data.items.add(new File(['<html/>'], 'page.html'));"
        " drop.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})); }"
    )
    expect(page.locator(".upload-results li")).to_contain_text("not a DMARC aggregate report")
