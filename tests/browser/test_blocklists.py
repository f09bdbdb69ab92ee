"""The blocklists in a browser: readable on every screen, harmless whatever a list says."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from rq import Queue

from tests.browser.conftest import HOSTILE, Site
from tests.browser.test_actions import SETTLED
from tools.look import faults
from webapp import cache
from webapp.dnscheck.blocklist import progress
from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.lookup import Listing
from webapp.dnscheck.blocklist.save import Bounces, save
from webapp.dnscheck.blocklist.verdict import State, Verdict
from webapp.dnscheck.sources import Origin, Source
from webapp.jobqueue import JobState, update_job_status
from webapp.tables.db import db, now

OpenPage = Callable[..., Page]
SENDER = Source(address="2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", origin=Origin.RELAYHOST, name=HOSTILE[:400])
STATES = (State.LISTED, State.CLEAN, State.REFUSED, State.TIMEOUT, State.UNKNOWN)


@pytest.fixture(scope="module")
def listed(make_site: Callable[..., Site]) -> Site:
    """A site whose address has every state on some list; one of the lists says something hostile."""
    site = make_site("browser_blocklists", rate=0.1)
    listings = [
        Listing(
            address=SENDER.address,
            blocklist=one,
            verdict=Verdict(state=STATES[number % len(STATES)], codes=("127.0.0.2",), why=HOSTILE[:300]),
            reason=HOSTILE[:300],
        )
        for number, one in enumerate(LISTS)
    ]
    bounces = {one.zone: Bounces(count=12, last=now()) for one in LISTS}
    with site.app.app_context():
        save(db.session.connection(), [SENDER], listings, bounces, now())
        db.session.commit()
    return site


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark")])
def test_listings_fit_and_can_be_read(open_page: OpenPage, listed: Site, width: int, scheme: str) -> None:
    page = open_page("/blocklists", width=width, base=listed.url, color_scheme=scheme)
    expect(page.locator(".blocklist-host tbody tr").first).to_contain_text("Listed")
    page.locator("details summary").click()
    page.evaluate(SETTLED)
    assert faults(page) == []


def test_what_a_list_says_stays_text(open_page: OpenPage, listed: Site) -> None:
    page = open_page("/blocklists", base=listed.url)
    assert page.locator(".blocklist-host b").count() == 0
    expect(page.locator(".blocklist-host tbody tr").first).to_contain_text("<b>bold</b>")


def test_a_look_is_watched_until_it_ends(open_page: OpenPage, listed: Site) -> None:
    page = open_page("/blocklists", base=listed.url)
    with listed.app.app_context():
        progress.note(13, 52, "Spamhaus ZEN")
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#blocklist-progress")).to_contain_text("13 of 52 questions answered")
    with listed.app.app_context():
        progress.finish()
        _nobody_waits()
        update_job_status("blacklist_check", JobState.SUCCESS)
    expect(page.get_by_role("button", name="Check now")).to_be_visible()
    expect(page.locator("#blocklists h1")).to_have_text("Blocklists")


def _nobody_waits() -> None:
    """Takes the job out of the queue, as a worker would."""
    Queue("default", connection=cache.redis()).empty()


def test_the_page_can_be_read_without_javascript(open_page: OpenPage, listed: Site) -> None:
    page = open_page("/blocklists", base=listed.url, java_script_enabled=False)
    expect(page.locator(".blocklist-host h2")).to_have_text(SENDER.address)
    expect(page.get_by_role("button", name="Check now")).to_be_visible()
