"""The Security page: the chart with its table, one story per address, the events."""

import re
from collections.abc import Callable
from dataclasses import asdict

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.browser.conftest import Site
from webapp.parse.netfilter import parse_netfilter
from webapp.tables.db import db

OpenPage = Callable[..., Page]
ATTACKER = "198.51.100.201"
REFUSED = (
    f"{ATTACKER} matched rule id 3 (warning: unknown[{ATTACKER}]: SASL LOGIN authentication failed: "
    f"(reason), sasl_username="
)
LINES = (
    f"{REFUSED}info@example.org)",
    f"4 more attempts in the next 600 seconds until {ATTACKER} is banned",
    f"{REFUSED}sales@example.org)",
    f"Banning {ATTACKER} for 60 minutes",
    f"Unbanning {ATTACKER}",
)
INSERT = text("""
    INSERT INTO netfilter_logs (time, digest, ordinal, priority, message, ip, rule_id, attempts_left,
        username, action) VALUES
    (now() - make_interval(mins => :age), :age, 0, 'warn', :message, :ip, :rule_id, :attempts_left, :username,
        :action)""")


@pytest.fixture(scope="module", autouse=True)
def _attack(site: Site) -> None:
    """One address that tried two users, was banned and let go again."""
    with site.app.app_context():
        for number, message in enumerate(LINES):
            db.session.execute(
                INSERT, {**asdict(parse_netfilter(message)), "age": 20 - number, "message": message}
            )
        db.session.commit()


STORY = f"#ip-{ATTACKER.replace('.', '_2e_')}"


def test_an_address_has_one_story(open_page: OpenPage) -> None:
    page = open_page("/security")
    story = page.locator(STORY)
    expect(story.locator(".badge")).to_have_text("Unbanned")
    expect(story.locator(".attempts")).to_contain_text("2")
    expect(story.locator(".told")).to_contain_text(re.compile("→ banned .* → unbanned "))
    story.locator(".plus").focus()
    expect(story.locator(".tip")).to_contain_text("sales@example.org")
    expect(story.get_by_role("link", name="Messages from")).to_have_attribute(
        "href", f"/messages?ip={ATTACKER}"
    )
    story.locator("a.row-link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{ATTACKER}")
    page.get_by_role("link", name="All events of").click()
    expect(page).to_have_url(re.compile(rf"/security/events\?ip={ATTACKER}$"))
    expect(page.locator("table.lines tbody tr")).to_have_count(len(LINES))


def test_a_filter_picks_addresses_and_leaves_their_stories_whole(open_page: OpenPage) -> None:
    page = open_page("/security?username=info%40example.org")
    expect(page.locator("table.stories tbody tr")).to_have_count(1)
    expect(page.locator(STORY).locator(".badge")).to_have_text("Unbanned")
    expect(page.locator(STORY).locator(".attempts")).to_contain_text("2")


def test_the_legend_filters_and_takes_the_filter_away_again(open_page: OpenPage) -> None:
    page = open_page("/security")
    legend = page.get_by_role("group", name=re.compile("Legend"))
    legend.get_by_role("link", name=re.compile("^Banned")).click()
    expect(page).to_have_url(re.compile(r"/security\?action=banned$"))
    expect(legend.get_by_role("link", name=re.compile("^Warning"))).to_have_text("Warning")
    legend.get_by_role("link", name=re.compile("^Banned")).click()
    expect(page).to_have_url(re.compile(r"/security$"))


def test_the_chart_tells_exact_values_on_focus_and_in_a_table(open_page: OpenPage) -> None:
    page = open_page("/security")
    column = page.locator(".chart-column").last
    tip = column.locator(".tip")
    expect(tip).to_be_hidden()
    column.focus()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text(re.compile(r"Banned\s*\d+"))
    table = page.get_by_role("table", name="Events over time by action")
    expect(table).to_be_hidden()
    page.get_by_text("The same as a table").click()
    expect(table).to_be_visible()
    total = column.get_attribute("aria-label") or ""
    assert (
        re.search(r"(\d+) event", total)[1] == table.locator("tbody tr").first.locator("td").last.inner_text()
    )  # type: ignore[index]
    page.keyboard.press("Shift+Tab")
    column.press("Enter")
    expect(page).to_have_url(re.compile(r"/security/events\?start_date="))
    expect(page.locator("table.lines tbody tr").first).to_be_visible()


def test_all_of_it_works_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/security", java_script_enabled=False)
    page.get_by_label("IP address or network").fill(ATTACKER)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("table.stories tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Events", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/security/events\?ip={ATTACKER}"))
    page.locator("table.lines summary").first.click()
    expect(page.locator("table.lines .raw").first).to_contain_text("Unbanning")
    page.goto("/logs/postfix?status=sent")
    page.get_by_label("Search in lines").fill("status=")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("table.lines mark").first).to_have_text("status=")
    page.locator("a.row-link").first.click()
    expect(page.locator("#timeline .line").first).to_be_visible()


def test_the_stories_stay_true_while_somebody_types(open_page: OpenPage) -> None:
    page = open_page("/security")
    page.locator("#chart-table summary").click()
    page.get_by_label("User tried").evaluate("field => field.value = 'half a na'")
    page.locator(STORY).evaluate("row => row.remove()")
    page.locator("#headline").evaluate("line => line.textContent = 'yesterday'")
    page.evaluate("htmx.trigger(document.querySelector('.list > [data-poll]'), 'wake')")
    expect(page.locator(STORY)).to_be_visible()
    expect(page.locator("#headline")).to_contain_text("addresses")
    expect(page.locator("#chart-table")).to_have_attribute("open", "")
    expect(page.get_by_label("User tried")).to_have_value("half a na")
    expect(page).to_have_url(re.compile("/security$"))


def test_a_page_names_only_the_filters_it_has(open_page: OpenPage) -> None:
    page = open_page("/security?status=sent&ip=198.51.100.201&direction=inbound")
    expect(page.get_by_role("group", name="Active filters").get_by_role("link")).to_have_count(1)
