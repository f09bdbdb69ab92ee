"""The message list and a message, used as people use them."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import HOSTILE, Site

OpenPage = Callable[..., Page]
ROWS = "table.messages tbody tr"
BADGES = f"{ROWS} .badge:not(.thread *)"  # without what is folded under a row
POLL = "htmx.trigger(document.querySelector('#news'), 'wake')"


def test_a_filter_changes_the_rows_and_the_address_and_back_undoes_it(open_page: OpenPage) -> None:
    page = open_page("/messages")
    expect(page.locator(ROWS).first).to_be_visible()
    page.get_by_label("Outcome").first.focus()
    page.get_by_label("Outcome").first.select_option("rejected")
    expect(page).to_have_url(re.compile(r"/messages\?status=rejected$"))
    expect(page.locator(BADGES, has_text=re.compile("^Delivered$"))).to_have_count(0)
    expect(page.locator(BADGES, has_text=re.compile("^Rejected$")).first).to_be_visible()
    expect(page.locator("#list")).to_have_count(1)
    expect(page.get_by_label("Outcome").first).to_be_focused()
    page.get_by_role("group", name="Active filters").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/messages$"))
    expect(page.get_by_label("Outcome").first).to_have_value("")
    page.go_back()
    expect(page.get_by_label("Outcome").first).to_have_value("rejected")
    expect(page.locator(BADGES, has_text=re.compile("^Delivered$"))).to_have_count(0)


def test_typing_searches_without_losing_the_field(open_page: OpenPage) -> None:
    page = open_page("/messages")
    page.keyboard.press("/")
    page.keyboard.type("surely-nobody")
    expect(page.get_by_role("heading", name="No message matches")).to_be_visible()
    expect(page).to_have_url(re.compile(r"search=surely-nobody$"))
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#search")).to_have_value("surely-nobody")


def test_the_keyboard_walks_the_rows_and_enter_opens_one(open_page: OpenPage) -> None:
    page = open_page("/messages?status=delivered&direction=inbound")
    links = page.locator("a.row-link")
    links.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(links.nth(1)).to_be_focused()
    subject, address = links.nth(1).inner_text(), links.nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{re.escape(str(address))}$"))
    expect(page.locator("dl.facts")).to_contain_text(subject)
    expect(page.locator("#timeline .line").first).to_be_visible()
    expect(page.locator("#recipients .recipient").first).to_contain_text("Delivered")


def test_minor_lines_are_folded_away_until_asked_for(open_page: OpenPage) -> None:
    page = open_page("/messages?status=delivered&direction=outbound&user=%40")
    page.locator("a.row-link").first.click()
    noise = page.locator("#timeline .noise").first
    expect(noise).to_be_hidden()
    page.get_by_label(re.compile("minor line")).check()
    expect(noise).to_be_visible()


def test_a_message_on_its_way_is_followed_without_undoing_what_was_opened(open_page: OpenPage) -> None:
    page = open_page("/messages?status=deferred&direction=outbound&user=%40")
    page.locator("a.row-link").first.click()
    page.get_by_label(re.compile("minor line")).check()
    page.locator("#weightless summary").click()
    with page.expect_response(re.compile("/messages/")):
        page.evaluate("htmx.trigger(document.querySelector('#message'), 'wake')")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(page.get_by_label(re.compile("minor line"))).to_be_checked()
    expect(page.locator("#weightless tbody")).to_be_visible()


def test_a_message_prints_on_one_page(open_page: OpenPage) -> None:
    page = open_page("/messages?status=delivered&direction=inbound", color_scheme="dark")
    page.locator("a.row-link").first.click()
    expect(page.locator("#timeline .line").first).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1


def test_what_can_be_searched_is_a_link_that_does_it(open_page: OpenPage) -> None:
    page = open_page("/messages?status=delivered&direction=inbound")
    page.locator("a.row-link").first.click()
    page.locator("dl.facts dt", has_text="Queue id").locator("..").get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/messages\?search="))
    expect(page.locator(ROWS).first).to_be_visible()


def test_hostile_text_is_shown_as_text(open_page: OpenPage) -> None:
    page = open_page("/messages?search=annexe", width=390, height=800)
    expect(page.locator("a.row-link")).to_contain_text(
        "<script>alert('x')</script><b>bold</b> annexe\\u202egpj.exe"
    )
    page.locator("a.row-link").click()
    shown = HOSTILE[:900].replace("\u202e", "\\u202e")
    expect(page.locator("dl.facts")).to_contain_text(shown)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_news_keeps_focus_and_scroll_until_it_is_asked_for(open_page: OpenPage, site: Site) -> None:
    page = open_page("/messages?limit=200", height=600)
    page.locator("a.row-link").nth(30).focus()
    page.evaluate("scrollTo(0, 700)")
    focused = page.evaluate("document.activeElement.href")
    site.arrive(2, "Put in when asked")
    page.evaluate(POLL)
    button = page.get_by_role("button", name=re.compile("new messages$"))
    expect(button).to_be_visible()
    assert page.evaluate("[scrollY, document.activeElement.href]") == [700, focused]
    expect(page.locator("a.row-link", has_text="Put in when asked")).to_have_count(0)
    button.click()
    expect(page.locator("a.row-link", has_text="Put in when asked")).to_have_count(2)
    expect(button).to_be_hidden()
    assert page.evaluate("scrollY") == 0


def test_rows_that_stay_keep_the_focus_when_others_come_in(open_page: OpenPage, site: Site) -> None:
    page = open_page("/messages")
    row = page.locator("a.row-link").nth(3)
    row.focus()
    focused = row.get_attribute("href")
    site.arrive(1, "Above the focus")
    page.evaluate(POLL)
    page.get_by_role("button", name=re.compile("new messages?$")).wait_for()
    page.evaluate("document.querySelector('#filters').requestSubmit()")
    expect(page.locator("a.row-link", has_text="Above the focus")).to_have_count(1)
    assert page.evaluate("document.activeElement.getAttribute('href')") == focused


def test_news_comes_in_by_itself_at_the_top(open_page: OpenPage, site: Site) -> None:
    page = open_page("/messages")
    site.arrive(1, "Put in at once")
    page.evaluate(POLL)
    expect(page.locator("a.row-link", has_text="Put in at once")).to_have_count(1)
    expect(page.locator("#news button")).to_have_count(0)


def test_a_hidden_tab_asks_for_nothing(open_page: OpenPage) -> None:
    page = open_page("/messages")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/messages/news" in request.url else None)
    page.evaluate(f"Object.defineProperty(document, 'hidden', {{value: true, configurable: true}}); {POLL}")
    with page.expect_response(re.compile("/messages/news")):
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    assert len(asked) == 1


def test_paging_keeps_the_filter_and_jumps(open_page: OpenPage) -> None:
    page = open_page("/messages?limit=25&direction=inbound")
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_url(re.compile(r"direction=inbound.*page=2|page=2.*direction=inbound"))
    page.get_by_label(re.compile("Page, Enter")).fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Pages")).to_contain_text("1–25 of")
    expect(page).to_have_url(re.compile("direction=inbound"))
