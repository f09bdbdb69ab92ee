"""The Logs page: filters, the live tail and its switch, marked matches, the way to the message, the
export."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

OpenPage = Callable[..., Page]
LINES = "table.lines tbody tr"
POLL = "htmx.trigger('#news', 'wake')"


def test_a_filter_changes_the_lines_and_the_address(open_page: OpenPage) -> None:
    page = open_page("/logs/postfix")
    page.get_by_label("Status").select_option("rejected")
    expect(page).to_have_url(re.compile(r"/logs/postfix\?status=rejected$"))
    expect(page.locator(f"{LINES} .badge", has_text="Delivered")).to_have_count(0)
    expect(page.locator(f"{LINES} .badge", has_text="Rejected").first).to_be_visible()
    page.get_by_role("group", name="Active filters").get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/logs/postfix$"))


def test_typing_marks_what_was_found_in_lines_that_are_cut(open_page: OpenPage) -> None:
    page = open_page("/logs/postfix")
    page.get_by_label("Search in lines").fill("STATUS=sent")
    expect(page).to_have_url(re.compile("search=STATUS"))
    for mark in page.locator(f"{LINES} .raw > mark").all()[:5]:
        expect(mark).to_have_text("status=sent")
        assert mark.evaluate(
            "mark => mark.getBoundingClientRect().right <= mark.closest('td').getBoundingClientRect().right"
        )


def test_a_line_is_shown_whole_when_unfolded_and_leads_to_its_message(open_page: OpenPage) -> None:
    page = open_page("/logs/postfix?status=sent")
    row = page.locator(LINES).first
    queue_id = row.locator(".queue-id").inner_text()
    height = (row.bounding_box() or {})["height"]
    expect(row.locator(".lead")).to_be_hidden()
    row.locator("summary").click()
    expect(row.locator(".raw")).to_contain_text(f"{queue_id}: to=<")
    expect(row.locator(".lead")).to_be_visible()
    assert (row.bounding_box() or {})["height"] > height
    row.locator("a.row-link").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/messages/[^?]+$"))
    expect(page.locator("dl.facts")).to_contain_text(queue_id)


def test_a_queue_id_finds_all_its_lines(open_page: OpenPage) -> None:
    page = open_page("/logs/postfix?status=sent")
    link = page.locator(f"{LINES} .queue-id a").first
    queue_id = link.inner_text()
    link.click()
    expect(page).to_have_url(re.compile(f"queue_id={queue_id}$"))
    expect(page.locator(f"{LINES} .queue-id", has_text=queue_id)).to_have_count(page.locator(LINES).count())


def test_a_paused_tail_asks_for_nothing_until_it_goes_on(open_page: OpenPage, site: Site) -> None:
    page = open_page("/logs/postfix")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/news" in request.url else None)
    page.locator("label.live").click()
    expect(page.locator("label.live")).to_have_text("Paused", use_inner_text=True)
    first = page.locator(LINES).first.get_attribute("id")
    site.arrive(1, "While paused")
    asked.clear()
    page.evaluate(POLL)
    page.get_by_label("Status").select_option("sent")
    expect(page).to_have_url(re.compile("status=sent"))
    expect(page.locator("label.live")).to_have_text("Paused", use_inner_text=True)
    page.get_by_label("Status").select_option("")
    expect(page).to_have_url(re.compile("postfix$"))
    site.arrive(1, "Still paused")
    page.evaluate(POLL)
    assert asked == []
    page.mouse.move(0, 0)
    with page.expect_response(re.compile("/logs/postfix/news")):
        page.locator("#live").check(force=True)
    expect(page.locator(LINES).first).not_to_have_attribute("id", str(first))


def test_new_lines_are_announced_where_something_is_unfolded(open_page: OpenPage, site: Site) -> None:
    page = open_page("/logs/postfix?limit=500")
    row = page.locator(LINES).nth(2)
    kept = page.locator(f"#{row.get_attribute('id')}")
    row.locator("summary").click()
    page.mouse.move(0, 0)
    site.arrive(1, "Announced")
    page.evaluate(POLL)
    button = page.get_by_role("button", name=re.compile(r"new lines$"))
    expect(button).to_be_visible()
    button.click()
    expect(button).to_be_hidden()
    expect(kept.locator("details")).to_have_attribute("open", "")


def test_the_export_carries_the_filters_and_gives_a_file(open_page: OpenPage) -> None:
    page = open_page("/logs/postfix?status=sent&limit=25")
    export = page.locator("#export")
    expect(export).to_have_attribute("href", "/api/export/postfix/csv?status=sent")
    with page.expect_download() as download:
        export.click()
    assert download.value.suggested_filename.startswith("postfix-logs-")
    page.goto("/messages?direction=inbound")
    expect(page.locator("#export")).to_have_attribute("href", "/api/export/messages/csv?direction=inbound")


def test_a_cut_export_is_announced(open_page: OpenPage, make_site: Callable[..., Site]) -> None:
    few = make_site("browser_cut", rate=0.3, csv_export_limit=20)
    page = open_page("/logs/postfix", base=few.url)
    expect(page.locator("#export")).to_have_text("CSV, first 20 rows")


def test_scans_show_their_score_and_lead_to_their_message(open_page: OpenPage) -> None:
    page = open_page("/logs/postfix")
    page.get_by_role("navigation", name="Logs").get_by_role("link", name="Rspamd").click()
    page.get_by_label("Action").select_option("no action")
    expect(page).to_have_url(re.compile(r"action=no(\+|%20)action"))
    expect(page.locator("table.scans .badge", has_text="Reject")).to_have_count(0)
    row = (
        page.locator("table.scans tbody tr")
        .filter(has=page.locator("a.row-link[title*=' ']"))
        .filter(has_not_text="no subject")
        .first
    )
    expect(row.locator(".gauge-cell")).to_contain_text("/ 15.00")
    subject = str(row.locator("a.row-link").get_attribute("title"))
    row.locator("a.row-link").click()
    expect(page.locator("dl.facts")).to_contain_text(subject)


def test_hostile_text_is_marked_and_shown_as_text(open_page: OpenPage) -> None:
    page = open_page("/logs/rspamd?search=<b>bold", width=390, height=800)
    expect(page.locator("table.scans mark").first).to_have_text("<b>bold")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_scans_are_found_by_their_symbol(open_page: OpenPage) -> None:
    page = open_page("/logs/rspamd")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Symbol").fill("MAILCOW_AUTH")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("symbol=MAILCOW_AUTH"))
    expect(page.get_by_role("group", name="Active filters").get_by_role("link")).to_have_count(1)
