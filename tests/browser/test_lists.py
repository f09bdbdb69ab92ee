"""What all lists share: whole domains, rows enough, heads in sight, keys, pages that begin at their top."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
DOMAINS = """() => [...document.querySelectorAll(".mid-end")].filter((end) => end.checkVisibility())
  .map((end) =>
  end.scrollWidth > end.clientWidth
    || end.getBoundingClientRect().right > end.parentElement.getBoundingClientRect().right + 1)"""
ROWS_IN_SIGHT = """() => [...document.querySelectorAll("tbody tr")]
  .filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"""
TALLEST = """() => Math.max(...[...document.querySelectorAll("tbody tr")].map((row) => row.offsetHeight))"""
THREE_LINES = 80  # pixels


def test_addresses_keep_their_domain_and_the_rows_are_dense(open_page: OpenPage) -> None:
    page = open_page("/messages?limit=100")
    assert page.evaluate(ROWS_IN_SIGHT) >= 20
    cut = page.evaluate(DOMAINS)
    assert len(cut) > 100
    assert not any(cut)
    page.set_viewport_size({"width": 1024, "height": 768})
    assert page.evaluate(ROWS_IN_SIGHT) >= 12
    rooms = page.get_by_role("navigation", name="Rooms")
    expect(rooms.get_by_role("link", name="Quarantine")).to_be_visible()
    assert rooms.bounding_box()["width"] < 60  # type: ignore[index]
    page.set_viewport_size({"width": 390, "height": 844})
    assert not any(page.evaluate(DOMAINS))
    assert page.evaluate(TALLEST) <= THREE_LINES
    name = page.locator("a.row-link").first.get_attribute("aria-label")
    assert re.search(r", from .+ to .+, [A-Z]\w+", str(name))


def test_heads_stay_in_sight_pages_begin_at_their_top_and_the_keys_are_told(open_page: OpenPage) -> None:
    page = open_page("/messages?limit=50")
    page.evaluate("scrollTo(0, 900)")
    expect(page.get_by_role("columnheader", name="Subject")).to_be_in_viewport()
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_url(re.compile("page=2"))
    page.wait_for_function("scrollY === 0")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Next row")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
