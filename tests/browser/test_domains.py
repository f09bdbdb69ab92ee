"""The Domains room in a browser: the check by button with its progress, narrow screens, contrast, no
JavaScript."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tools.look import faults
from webapp.demo import cast, zones
from webapp.demo.nameserver import NameServer
from webapp.dnscheck import run
from webapp.tables.db import db

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with NameServer(dict(zones.zone()), signed=frozenset({cast.BOOKS})) as server:
        yield server


@pytest.fixture(scope="module")
def checked(make_site: Callable[..., Site], names: NameServer) -> Site:
    """A site whose domains have been checked."""
    site = make_site("browser_domains", rate=0.1, dns_resolvers=names.address)
    work(site, run.check_all)
    return site


def work(site: Site, job: Callable[..., Iterator[object]]) -> None:
    """What the worker does; in a thread, for the browser's library has an event loop in this one."""

    def run_it() -> None:
        with site.app.app_context():
            for _ in job(db.session(), site.app.config["SETTINGS"]):
                db.session.commit()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run_it).result()


def test_the_check_of_all_shows_that_it_runs_and_loads_the_list_anew(
    open_page: OpenPage, checked: Site, names: NameServer
) -> None:
    page = open_page("/domains", base=checked.url)
    row = page.locator(f'tr:has(a[href="/domains/{cast.ALIAS_DOMAIN}"])')
    expect(row.locator(".records .is-rejected")).to_have_count(3)
    page.get_by_role("button", name="Check all now").click()
    expect(page.locator("#dns-progress")).to_contain_text("Starting the check")
    alias = {**names.zone[cast.ALIAS_DOMAIN], "TXT": ["v=spf1 mx -all"]}
    names.zone = {**names.zone, cast.ALIAS_DOMAIN: alias}
    work(checked, run.check_all)
    expect(page.get_by_role("button", name="Check all now")).to_be_visible()
    expect(row.locator(".records .is-rejected")).to_have_count(2)
    expect(row.locator(".records .is-delivered")).to_have_text("SPF: OK")


def test_the_check_of_one_shows_what_changed(open_page: OpenPage, checked: Site, names: NameServer) -> None:
    page = open_page(f"/domains/{cast.WERFT}", base=checked.url)
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("button", name="Check now")).to_be_disabled()
    names.zone = {**names.zone, cast.WERFT: {**names.zone[cast.WERFT], "TXT": ["v=spf1 mx -all"]}}
    work(checked, run.check_wanted)
    expect(page.get_by_role("button", name="Check now")).to_be_enabled()
    page.locator("#check-spf summary").click()
    expect(page.locator("#check-spf ins")).to_have_text("v=spf1 mx -all")


@pytest.mark.parametrize(
    ("path", "scheme"),
    [
        ("/domains", "light"),
        (f"/domains/{cast.WERFT}", "dark"),
        (f"/domains/{cast.ALIAS_DOMAIN}", "light"),
    ],
)
def test_text_can_be_read_and_nothing_goes_sideways(
    open_page: OpenPage, checked: Site, path: str, scheme: str
) -> None:
    page = open_page(path, base=checked.url, width=390, color_scheme=scheme)
    assert faults(page) == []


def test_without_javascript_the_list_is_narrowed_and_a_check_asked_for(
    open_page: OpenPage, checked: Site
) -> None:
    page = open_page("/domains?only=issues", base=checked.url, java_script_enabled=False)
    page.get_by_label("Domain", exact=True).fill("werft")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("a.row-link")).to_have_count(1)
    page.locator("a.row-link").click()
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("main").get_by_role("status").first).to_contain_text("is being checked")
    work(checked, run.check_wanted)
