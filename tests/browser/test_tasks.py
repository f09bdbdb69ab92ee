"""What administrators come for, walked as they would; docs/tasks.md tells the same in words. The last of its
tasks, without JavaScript, is in test_frame and test_actions."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

OpenPage = Callable[..., Page]
ROWS = "table.messages tbody tr"


@pytest.fixture
def lived(lists: Site) -> Site:
    """The site with mailcow's bans taken too."""
    from webapp.mailcow import live
    from webapp.mailcow.connection import mailcow
    from webapp.tables.db import db

    with lists.app.app_context():
        live.take(live.BANS, db.session.connection(), mailcow(lists.app.config["SETTINGS"]))
        db.session.commit()
    return lists


def some_message(site: Site, **wanted: str) -> dict[str, Any]:
    """The newest message that the API finds; there is one."""
    answer = requests.get(f"{site.url}/api/messages", params={"limit": "1", **wanted}, timeout=60)
    found: dict[str, Any] = answer.json()["data"][0]
    return found


def search(page: Page, words: str) -> None:
    """What somebody types into the one search box."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def test_where_is_the_mail_from_x_of_about_that_time_and_why_did_it_bounce(
    open_page: OpenPage, lived: Site
) -> None:
    mail = some_message(lived, status="delivered", direction="inbound")
    page = open_page("/dashboard", base=lived.url)
    search(page, f"from:{mail['sender']} {mail['first_seen'][11:16]}")
    expect(page.locator(ROWS).first).to_contain_text(mail["sender"].rpartition("@")[2])
    page.locator(f"a.row-link[href*='{mail['correlation_key']}']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("elivered")

    mail = some_message(lived, status="bounced", direction="outbound")
    search(page, f"status:bounced to:{mail['recipient']}")
    page.locator(f"a.row-link[href*='{mail['correlation_key']}']").first.click()
    bounced = page.locator("#recipients .recipient", has_text="Bounced").first
    expect(bounced.get_by_text("Copy explanation")).to_be_visible()


def test_are_we_attacked_and_is_this_address_banned_and_until_when(open_page: OpenPage, lived: Site) -> None:
    page = open_page("/dashboard", base=lived.url)
    page.locator(".stands").get_by_role("link", name=re.compile("banned")).click()
    expect(page).to_have_url(re.compile("/security"))
    banned = page.locator("main a[href*='/security/address/']").first
    ip = banned.inner_text().strip()
    search(page, ip)
    expect(page.locator(".elsewhere-banned")).to_contain_text("until")
    page.locator(".elsewhere-banned").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(ip)
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("is banned since .* until "))


def test_does_the_queue_grow_and_where_to_and_who_sends_the_spam(open_page: OpenPage, lived: Site) -> None:
    page = open_page("/dashboard", base=lived.url)
    page.locator(".stands").get_by_role("link", name=re.compile("^Queue")).click()
    expect(page.locator("#list tbody tr").first).to_be_visible()
    page.get_by_role("link", name="Messages", exact=True).first.click()
    page.get_by_role("link", name="Accounts", exact=True).click()
    expect(page.locator("main table tbody tr").first).to_contain_text("@")


def test_a_wrong_catch_is_read_and_then_released(open_page: OpenPage, lived: Site) -> None:
    page = open_page("/quarantine", base=lived.url)
    page.locator("#list tbody a[href^='/quarantine/']").first.click()
    expect(page.locator("pre.letter").first).to_be_visible()
    page.get_by_role("button", name="Release").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(page.locator(".result")).to_contain_text("released to")
    expect(page.locator(".result")).to_be_focused()


def test_last_week_is_exported_and_what_is_found_can_be_shared(open_page: OpenPage, lived: Site) -> None:
    page = open_page("/messages?status=rejected", base=lived.url)
    page.locator("summary", has_text="Any time").click()
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url(re.compile("start_date="))
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").click()
    lines = saved.value.path().read_text("utf-8-sig").count("\n") - 1
    title = page.locator(".page-head").first.inner_text()
    assert f"{lines:,} messages" in title
    other = open_page(page.url.removeprefix(lived.url), base=lived.url)
    expect(other.locator(ROWS)).to_have_count(page.locator(ROWS).count())


def test_all_of_it_by_the_keyboard(open_page: OpenPage, lived: Site) -> None:
    mail = some_message(lived, status="delivered", direction="inbound")
    page = open_page("/messages", base=lived.url)
    search(page, mail["queue_id"])
    expect(page).to_have_url(re.compile(f"/messages/{mail['correlation_key']}"))
    page.go_back()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Search")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
