"""Acting on the queue in a browser: picking, the question, the result; and the same without JavaScript."""

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tools.look import SIDEWAYS, faults

OpenPage = Callable[..., Page]
SETTLED = "Promise.all(document.getAnimations().map((animation) => animation.finished)).then(() => true)"


def test_picked_messages_are_asked_about_and_deleted(open_page: OpenPage, lists: Site) -> None:
    page = open_page("/queue", base=lists.url)
    delete = page.locator(".bulk").get_by_role("button", name="Delete")
    expect(delete).to_be_disabled()
    first = page.locator("#list tbody tr").first
    queue_id = first.locator(".qid").inner_text()
    first.get_by_role("checkbox").check()
    expect(page.locator("[data-picked]")).to_have_text("1 picked")
    delete.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 1 message?")
    expect(dialog).to_contain_text(queue_id)
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    delete.click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("#toasts")).to_contain_text("1 message deleted")
    expect(page.locator(".result")).to_contain_text("is no longer in the queue")
    expect(page.locator("#list tbody")).not_to_contain_text(queue_id)
    assert queue_id not in lists.mailcow.state.queue


def test_a_rows_menu_acts_on_that_row_alone(open_page: OpenPage, lists: Site) -> None:
    page = open_page("/queue", base=lists.url)
    row = page.locator("#list tbody tr").nth(1)
    queue_id = row.locator(".qid").inner_text()
    page.locator("#list tbody tr").first.get_by_role("checkbox").check()
    row.locator("summary[aria-label^='Actions']").click()
    row.get_by_role("button", name="Hold").click()
    page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    expect(page.locator(".result")).to_contain_text(queue_id)
    assert [held.queue for one, held in lists.mailcow.state.queue.items() if one == queue_id] == ["hold"]


def test_a_message_that_its_page_follows_is_acted_on_there(open_page: OpenPage, lists: Site) -> None:
    answer = requests.get(f"{lists.url}/api/messages?status=deferred&limit=20", timeout=60).json()
    mail = next(one for one in answer["data"] if one["queue_id"] in lists.mailcow.state.queue)
    page = open_page(f"/messages/{mail['correlation_key']}", base=lists.url)
    standing = page.locator(".standing", has_text="in the").first
    standing.get_by_role("button", name=re.compile("old$")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("old$")).click()
    expect(page.locator(".result")).to_be_focused()
    expect(page).to_have_url(re.compile(rf"/messages/{mail['correlation_key']}\?result="))


def test_it_works_without_javascript(open_page: OpenPage, lists: Site) -> None:
    page = open_page("/quarantine", base=lists.url, java_script_enabled=False)
    row = page.locator("#list tbody tr").first
    row.get_by_role("checkbox").check()
    page.locator(".bulk").get_by_role("button", name="Release").click()
    expect(page.get_by_role("heading", name=re.compile("Release 1 message"))).to_be_visible()
    page.get_by_role("button", name="Release").click()
    expect(page.locator(".result")).to_contain_text(re.compile(r"\d messages? released to "))
    expect(page.locator(".trail")).to_contain_text("Release")


def test_picking_all_of_the_page(open_page: OpenPage, lists: Site) -> None:
    page = open_page("/quarantine", base=lists.url)
    page.locator("[data-pick-all]").check()
    rows = page.locator("#list tbody tr").count()
    expect(page.locator("[data-picked]")).to_have_text(f"{rows} picked")
    page.locator("#list tbody tr").first.get_by_role("checkbox").uncheck()
    assert page.locator("[data-pick-all]").evaluate("box => box.indeterminate")


@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [
        ("/queue", 1440, "light"),
        ("/quarantine", 390, "dark"),
        ("/queue?group=reason", 390, "light"),
        ("/quarantine?group=recipient", 1440, "dark"),
    ],
)
def test_the_lists_fit_and_can_be_read(
    open_page: OpenPage, lists: Site, path: str, width: int, scheme: str
) -> None:
    page = open_page(path, width=width, base=lists.url, color_scheme=scheme)
    assert page.locator("#list tbody tr").count() > 0
    assert page.evaluate(SIDEWAYS) <= 0
    if "group" not in path:
        page.locator("#list tbody input").first.check()
    page.evaluate(SETTLED)
    assert faults(page) == []
