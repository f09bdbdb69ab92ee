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
COVERED = """() => {
  const [news, ways, bar] = [".bulk .news button", ".bulk-buttons", ".bulk"].map(
    (part) => document.querySelector(part).getBoundingClientRect());
  const isInside = news.top >= bar.top && news.bottom <= bar.bottom && ways.right <= bar.right;
  return news.right > ways.left || !isInside;
}"""
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


def test_what_cannot_be_renewed_is_told_until_it_can(open_page: OpenPage) -> None:
    page = open_page("/messages", forgive="503")
    words = "<div class='empty'><p>The database does not answer.</p></div>"
    page.route(
        "**/messages/news*", lambda route: route.fulfill(status=503, body=words, content_type="text/html")
    )
    page.evaluate(WAKE)
    note = page.locator("#stale")
    expect(note).to_contain_text("The database does not answer. What you see is as of")
    page.evaluate(WAKE)
    page.wait_for_load_state("networkidle")
    expect(note).to_have_count(1)
    expect(page.locator("html[data-stale]")).to_have_count(1)
    page.unroute("**/messages/news*")
    page.evaluate(WAKE)
    expect(note).to_have_count(0)
    expect(page.locator("html[data-stale]")).to_have_count(0)


def test_what_left_the_queue_is_marked_and_what_came_is_announced(open_page: OpenPage, lists: Site) -> None:
    page = open_page("/queue", base=lists.url)
    rows, trail = page.locator("#list tbody tr"), page.locator(".trail")
    before, place = rows.count(), trail.bounding_box()
    left = rows.nth(1).locator(".qid").inner_text()
    badge = rows.nth(1).locator(".badge").bounding_box()
    rows.nth(1).get_by_role("checkbox").check()
    del lists.mailcow.state.queue[left]
    with lists.app.app_context():
        live.take(live.QUEUE, db.session.connection(), mailcow(lists.app.config["SETTINGS"]))
        db.session.commit()
    page.evaluate(WAKE)
    expect(page.locator("tr.is-gone")).to_contain_text(left)
    expect(page.locator("tr.is-gone")).to_have_count(1)
    gone = page.locator("tr.is-gone")
    assert (rows.count(), trail.bounding_box(), page.evaluate(MOVED)) == (before, place, [])
    assert gone.locator(".badge").bounding_box() == badge
    expect(page.locator("[data-picked]")).to_have_text("0 picked")
    gone.locator("summary[aria-label^='Actions']").click()
    expect(gone.locator(".menu-why")).to_have_text("No longer in the queue: there is nothing left to act on.")
    for control in [gone.get_by_role("checkbox"), *gone.locator(".row-menu button").all()]:
        expect(control).to_be_disabled()
    expect(page.locator("tr:not(.is-gone) .row-menu button:disabled")).to_have_count(0)
    for width in (1280, 1024, 390, 375):
        page.set_viewport_size({"width": width, "height": 900})
        assert not page.evaluate(COVERED), width
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="The queue has changed: show it").click()
    expect(page.locator("#list tbody")).not_to_contain_text(left)
    expect(page.locator("tr.is-gone")).to_have_count(0)


def test_rows_below_the_figures_change_their_order_only_unseen(open_page: OpenPage) -> None:
    page = open_page("/security", height=3000)
    names = page.locator(".stories tbody tr")
    first, second = (names.nth(at).get_attribute("id") or "" for at in (0, 1))

    def turn(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        head, *rows = answer.text().split('<tr role="row" id="ip-')
        route.fulfill(  # type: ignore[attr-defined]
            response=answer, body='<tr role="row" id="ip-'.join([head, rows[1], rows[0], *rows[2:]])
        )

    page.route("**/security", turn)
    page.evaluate("document.body.style.minHeight = '6000px'; scrollTo(0, 60)")
    with page.expect_response("**/security"):
        page.evaluate(WAKE)
    page.wait_for_load_state("networkidle")
    expect(names.first).to_have_id(first)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(WAKE)
    expect(names.first).to_have_id(second)
    assert page.evaluate(MOVED) == []
