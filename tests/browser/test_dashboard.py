"""The dashboard, used as people use it."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.exc import OperationalError

from tests.browser.conftest import Site
from webapp.dashboard import cards

OpenPage = Callable[..., Page]
WAKE = "name => htmx.trigger(document.querySelector(`#card-${name}`), 'wake')"
COLUMNS = "a.chart-column"


def forget_figures(site: Site) -> None:
    """As the job does after each import."""
    from webapp.cache import clear_stats_cache

    with site.app.app_context():
        clear_stats_cache()


@pytest.fixture(autouse=True)
def fresh_figures(site: Site) -> None:
    """Nothing is counted from before the test."""
    forget_figures(site)


def test_every_card_is_there_at_once_and_the_first_page_leads_to_it(open_page: OpenPage) -> None:
    page = open_page("/")
    expect(page).to_have_url(re.compile("/dashboard$"))
    expect(page.locator(".board-card")).to_have_count(len(cards.CARDS))
    expect(page.get_by_role("link", name="Dashboard")).to_have_attribute("aria-current", "page")
    expect(page.locator(COLUMNS)).to_have_count(25)


def test_a_focused_column_tells_its_numbers_and_leads_to_its_messages(open_page: OpenPage) -> None:
    page = open_page("/dashboard")
    column = page.locator(f"{COLUMNS}:has(rect)").last
    tip = column.get_by_role("tooltip", include_hidden=True)
    expect(tip).to_be_hidden()
    column.focus()
    expect(tip).to_be_visible()
    number = str(re.search(r": ([\d,]+) message", str(column.get_attribute("aria-label")))[1])  # type: ignore[index]
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"{number} message")).to_be_visible()


def test_the_span_changes_in_place_and_back_undoes_it(open_page: OpenPage) -> None:
    page = open_page("/dashboard")
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="30d").click()
    expect(page.locator(COLUMNS)).to_have_count(31)
    expect(page).to_have_url(re.compile(r"/dashboard\?span=30d$"))
    expect(page.get_by_role("link", name="30d")).to_have_attribute("aria-current", "true")
    assert page.evaluate("window.stays")
    page.reload()
    expect(page.locator(COLUMNS)).to_have_count(31)
    page.go_back()
    expect(page.locator(COLUMNS)).to_have_count(25)


def test_the_legend_filters_the_chart_and_shows_all_again(open_page: OpenPage) -> None:
    page = open_page("/dashboard")
    legend = page.locator("#card-timeline").get_by_role("group", name="Legend")
    legend.get_by_role("link", name="Delivered").click()
    expect(page).to_have_url(re.compile("span=24h&status=delivered$"))
    expect(page.locator(f"{COLUMNS} rect:not(.is-delivered)")).to_have_count(0)
    legend.get_by_role("link", name="Delivered").click()
    expect(page).to_have_url(re.compile(r"\?span=24h$"))
    expect(page.locator(f"{COLUMNS} rect:not(.is-delivered)").first).to_be_attached()


def test_a_card_refreshes_without_losing_what_was_opened_or_focused(open_page: OpenPage, site: Site) -> None:
    page = open_page("/dashboard?span=7d")
    table = page.locator("#card-timeline details")
    table.locator("summary").click()
    value = page.locator(".figure-value a").first
    value.focus()
    before = int(value.inner_text().replace(",", ""))
    site.arrive(3, "Counted at once")
    forget_figures(site)
    for name in ("figures", "timeline", "recent"):
        page.evaluate(WAKE, name)
    expect(value).not_to_have_text(f"{before:,}")
    expect(value).to_have_attribute("aria-label", f"Messages in 24 hours: {value.inner_text()}")
    assert int(value.inner_text().replace(",", "")) >= before + 3
    expect(value).to_be_focused()
    expect(page.locator("#card-recent a.row-link", has_text="Counted at once")).to_have_count(3)
    expect(table).to_have_attribute("open", "")
    expect(page.locator("#card-timeline .spans [aria-current]")).to_have_text("7d")


def test_a_hidden_tab_refreshes_no_card(open_page: OpenPage) -> None:
    page = open_page("/dashboard")
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/dashboard/cards/" in request.url else None
    )
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.evaluate(WAKE, "figures")
    with page.expect_response(re.compile("/dashboard/cards/server")):
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    assert sum("cards/figures" in url for url in asked) == 1


def test_a_card_that_fails_says_so_and_comes_back(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    page = open_page("/dashboard")
    with monkeypatch.context() as patch:
        patch.setitem(cards.CARDS, "timeline", replace(cards.CARDS["timeline"], make=broken))
        page.evaluate(WAKE, "timeline")
        expect(page.locator("#card-timeline")).to_contain_text("The database does not answer.")
        expect(page.locator("#card-figures .figure")).to_have_count(6)
    page.evaluate(WAKE, "timeline")
    expect(page.locator(COLUMNS)).to_have_count(25)


def test_without_javascript_the_search_the_span_and_the_figures_work(open_page: OpenPage) -> None:
    page = open_page("/dashboard", java_script_enabled=False)
    page.get_by_role("link", name="7d", exact=True).click()
    expect(page.get_by_role("link", name="7d", exact=True)).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name=re.compile("^Rejected in 24 hours")).click()
    expect(page).to_have_url(re.compile("/messages.*status=rejected"))
    page.go_back()
    page.get_by_role("searchbox", name="Search messages").fill("example status:bounced yesterday")
    page.get_by_role("searchbox", name="Search messages").press("Enter")
    expect(page).to_have_url(
        re.compile(r"/messages\?search=example\+status%3Abounced&start_date=.+&end_date=.+$")
    )
