"""The pages of mailboxes, used as people use them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tools.look import SIDEWAYS, faults

OpenPage = Callable[..., Page]
NAMES = ".box .row-name"


@pytest.fixture(autouse=True)
def mailboxes(site: Site) -> None:
    """mailcow's list is known, and nothing is counted from before the test."""
    from webapp.alerts import signs
    from webapp.cache import clear_stats_cache
    from webapp.mailcow import accounts
    from webapp.mailcow.connection import mailcow
    from webapp.tables.db import db

    settings = site.app.config["SETTINGS"]
    with site.app.app_context():
        for _ in accounts.refresh(db.session(), mailcow(settings), settings):
            db.session.commit()
        signs.watch(db.session.connection(), settings)
        db.session.commit()
        clear_stats_cache()


@pytest.mark.parametrize("scheme", ["dark"])
def test_nothing_is_too_pale_and_nothing_scrolls_sideways(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/mailboxes", color_scheme=scheme)
    page.locator(".box-more summary").first.click()
    assert faults(page) == []
    page.locator(NAMES).first.click()
    expect(page).to_have_url(re.compile("/mailboxes/.+"))
    assert faults(page) == []
    assert _too_narrow(page) == []
    page.go_back()
    expect(page).to_have_url(re.compile("/mailboxes$"))
    assert _too_narrow(page) == []


def _too_narrow(page: Page) -> list[int]:
    """The widths at which the page scrolls sideways."""
    found = []
    for width in (360, 390, 899):
        page.set_viewport_size({"width": width, "height": 800})
        found += [width] if page.evaluate(SIDEWAYS) > 0 else []
    return found


def test_the_list_is_narrowed_and_sorted_in_place(open_page: OpenPage) -> None:
    page = open_page("/mailboxes")
    expect(page.locator(NAMES)).to_have_count(25)
    page.select_option("#filter-sort", "username")
    expect(page).to_have_url(re.compile("sort_by=username"))
    names = page.locator(NAMES).all_inner_texts()
    assert names == sorted(names, reverse=True)
    page.fill("#filter-search", "werft")
    expect(page.locator(NAMES)).to_have_count(7)
    expect(page).to_have_url(re.compile("search=werft"))


def test_a_figure_leads_to_its_messages(open_page: OpenPage) -> None:
    page = open_page("/mailboxes?sort_by=received_total")
    figure = page.locator(".box").first.get_by_title("Messages delivered to this mailbox")
    number = figure.inner_text()
    figure.click()
    expect(page.locator("main").get_by_role("status").first).to_contain_text(f"{number} message")


def test_signs_of_trouble_lead_to_their_mailbox(open_page: OpenPage) -> None:
    page = open_page("/mailboxes")
    page.locator(".signs a").filter(has_text="lager@").first.click()
    expect(page.get_by_role("heading", name="Signs of trouble")).to_be_visible()
    expect(page.locator(".signs").first).to_contain_text("of its quota is used")
