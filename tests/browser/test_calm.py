"""What renews itself moves nothing that stays (Layout Instability API)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from webapp.cache import clear_stats_cache
from webapp.mailcow import live
from webapp.mailcow.connection import mailcow
from webapp.tables.db import db

OpenPage = Callable[..., Page]
MOVED = """() => new Promise((told) => {
  const moved = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) for (const one of entry.sources)
      moved.push(`${one.node?.nodeName} ${one.node?.id || one.node?.className || one.node?.textContent}`);
  }).observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => told(moved), 0)));
})"""
WAKE = "document.querySelectorAll('[data-poll]').forEach((part) => htmx.trigger(part, 'wake'))"
LONGER = "<p>One line more</p><p>and another</p></section>"


@pytest.mark.parametrize(
    ("path", "width"), [("/dashboard", 1280), ("/dashboard", 390), ("/status", 1280), ("/messages", 390)]
)
def test_live_traffic_moves_nothing(open_page: OpenPage, site: Site, path: str, width: int) -> None:
    page = open_page(path, width=width)
    site.arrive(3, "Seen as it comes")
    with site.app.app_context():
        clear_stats_cache()
    page.evaluate(WAKE)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(MOVED) == []


def test_a_card_that_needs_more_room_scrolls_until_nobody_looks(open_page: OpenPage) -> None:
    page = open_page("/dashboard")
    card, below = page.locator("#card-figures"), page.locator("#card-timeline")
    place = below.bounding_box()

    def lengthen(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        longer = answer.text().rpartition("</section>")[0] + LONGER
        route.fulfill(response=answer, body=longer)  # type: ignore[attr-defined]

    page.route("**/dashboard/cards/figures", lengthen)
    page.evaluate(WAKE)
    expect(card).to_contain_text("One line more")
    page.wait_for_load_state("networkidle")
    assert below.bounding_box() == place
    assert page.evaluate(MOVED) == []
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert below.bounding_box() != place


def test_what_left_the_queue_is_marked_and_what_came_is_announced(open_page: OpenPage, lists: Site) -> None:
    page = open_page("/queue", base=lists.url)
    rows, trail = page.locator("#list tbody tr"), page.locator(".trail")
    before, place = rows.count(), trail.bounding_box()
    left = rows.nth(1).locator(".qid").inner_text()
    del lists.mailcow.state.queue[left]
    with lists.app.app_context():
        live.take(live.QUEUE, db.session.connection(), mailcow(lists.app.config["SETTINGS"]))
        db.session.commit()
    page.evaluate(WAKE)
    expect(page.locator("tr.is-gone")).to_contain_text(left)
    expect(page.locator("tr.is-gone")).to_have_count(1)
    assert (rows.count(), trail.bounding_box(), page.evaluate(MOVED)) == (before, place, [])
    page.get_by_role("button", name="The queue has changed: show it").click()
    expect(page.locator("#list tbody")).not_to_contain_text(left)
    expect(page.locator("tr.is-gone")).to_have_count(0)
