"""What all pages share: themes, narrow screens, no JavaScript, the login, failures."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tools.look import faults

OpenPage = Callable[..., Page]
THEME = "document.documentElement.dataset.theme"
BACKGROUND = "getComputedStyle(document.body.parentElement).backgroundColor"


def _first_message(page: Page) -> str:
    return str(page.locator("a.row-link").first.get_attribute("href"))


@pytest.mark.parametrize(("system", "chosen"), [("light", "dark"), ("dark", "light")])
def test_the_chosen_theme_stays_and_choosing_the_systems_forgets_it(
    open_page: OpenPage, system: str, chosen: str
) -> None:
    page = open_page("/messages", color_scheme=system)
    before = page.evaluate(BACKGROUND)
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate(THEME) == chosen
    page.reload(wait_until="commit")
    page.locator("body").wait_for(state="attached")
    assert page.evaluate(THEME) == chosen
    page.wait_for_load_state()
    assert page.evaluate(BACKGROUND) != before
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate(f"[{THEME} ?? null, localStorage.getItem('theme')]") == [None, None]
    assert page.evaluate(BACKGROUND) == before


def test_the_menu_is_a_drawer_on_a_narrow_screen(open_page: OpenPage) -> None:
    page = open_page("/messages", width=390, height=800)
    rooms = page.get_by_role("navigation", name="Rooms")
    expect(rooms).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(rooms.get_by_role("link", name="Messages")).to_be_visible()
    page.keyboard.press("Escape")
    expect(rooms).to_be_hidden()


def test_everything_can_be_read_and_filtered_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/messages?limit=25", java_script_enabled=False)
    page.locator("#filter-status").select_option("delivered")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("status=delivered"))
    expect(
        page.locator("table.messages .badge:not(.thread *)", has_text=re.compile("^Rejected$"))
    ).to_have_count(0)
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_url(re.compile("page=2"))
    page.locator("a.row-link").first.click()
    expect(page.locator("#timeline .line").first).to_be_visible()
    page.locator("#search").fill("surely-nobody")
    page.locator("#search").press("Enter")
    expect(page.get_by_role("heading", name="No message matches")).to_be_visible()


def test_the_skip_link_comes_first(open_page: OpenPage) -> None:
    page = open_page("/messages")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_copying_works_without_https_permissions(open_page: OpenPage) -> None:
    page = open_page("/messages?status=delivered")
    page.goto(_first_message(page))
    page.get_by_role("button", name="Copy the queue id").click()
    expect(page.locator("#toasts")).to_contain_text("Copied.")


def test_a_lost_server_is_said_and_the_old_rows_stay(open_page: OpenPage) -> None:
    page = open_page("/messages", forgive="ERR_FAILED|htmx:")
    rows = page.locator("a.row-link").count()
    page.route("**/messages?*", lambda route: route.abort())
    page.get_by_label("Outcome").first.select_option("bounced")
    expect(page.locator("#toasts")).to_contain_text("The server cannot be reached.")
    expect(page.locator("a.row-link")).to_have_count(rows)


def test_signing_in_and_out(open_page: OpenPage, make_site: Callable[..., Site]) -> None:
    closed = make_site("browser_login", rate=0.1, auth_enabled=True, auth_password="correct horse")
    page = open_page("/messages?status=delivered", base=closed.url, java_script_enabled=False)
    expect(page).to_have_url(re.compile("/login"))
    assert faults(open_page("/login", base=closed.url)) == []
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/messages\?status=delivered$"))
    page.locator("summary[aria-label='Account of admin']").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login"))


def test_the_search_box_suggests_and_takes_nothing_unasked(open_page: OpenPage) -> None:
    page = open_page("/queue")
    box, options = (
        page.get_by_role("combobox", name="Search messages"),
        page.locator("#suggestions [role=option]"),
    )
    page.keyboard.press("/")
    page.keyboard.type("stat")
    expect(options).to_have_text(["status: an outcome"])
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-1")
    page.keyboard.press("Enter")
    expect(box).to_have_value("status:")
    expect(options.first).to_have_text("status:delivered an outcome")
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    page.keyboard.type("b")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(box).to_have_value("status:bounced ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/messages\?search=status%3Abounced"))
