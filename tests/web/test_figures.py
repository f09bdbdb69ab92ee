"""Every figure of every page that is a link (`data-figure`) is the total of the list that it opens, and
figures without a link are the same wherever they are told."""

import re
from html.parser import HTMLParser

import pytest

from webapp import cache

PAGES = (
    "/dashboard",
    "/dashboard?span=7d",
    "/dashboard?span=30d&status=rejected",
    "/messages/by/accounts",
    "/messages/by/hours?sort=-messages",
    "/security",
    "/security?action=banned",
    "/mailboxes",
    "/mailboxes?date_range=today",
    "/queue?group=domain",
    "/queue?group=reason",
    "/quarantine?group=sender",
    "/status/cards/correlation",
)
IN_API = {
    "/messages": "/api/messages",
    "/security/events": "/api/logs/netfilter",
    "/logs/rspamd": "/api/logs/rspamd",
}
LEAST = {
    "/dashboard": 45,
    "/messages/by/accounts": 20,
    "/security": 8,
    "/mailboxes": 30,
    "/status/cards/correlation": 1,
}


class Figures(HTMLParser):
    """The figures of a page by their addresses, and the total of its list."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, int] = {}
        self.total: int | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("data-figure"):
            self.found[given["href"] or ""] = int(given["data-figure"] or "")
        if self.total is None and given.get("data-total"):
            self.total = int(given["data-total"] or "")


@pytest.fixture(scope="module")
def client(recorded_viewer):
    with recorded_viewer.app.app_context():
        cache.clear_stats_cache()
    return recorded_viewer.app.test_client()


@pytest.fixture(scope="module")
def total(client):
    """A function that gives the total of the list at an address, which is opened once: as the API counts it,
    which is the same list, else as the page says itself (`data-total`)."""
    known = {}

    def opened(url):
        path, _, asked = url.partition("?")
        if url not in known and path in IN_API:
            known[url] = client.get(f"{IN_API[path]}?{asked}&limit=1").get_json()["total"]
        elif url not in known:
            page = client.get(f"{path}?{asked}&limit=1", follow_redirects=True)
            assert page.status_code == 200, url
            known[url] = Figures(page.text).total
        return known[url]

    return opened


@pytest.mark.parametrize("path", PAGES)
def test_every_figure_is_the_total_of_the_list_that_it_opens(client, total, path):
    figures = Figures(client.get(path).text).found
    assert {url: (told, total(url)) for url, told in figures.items() if told != total(url)} == {}
    assert len(figures) >= LEAST.get(path, 0)


def figure(html, label):
    """The number of the dashboard's figure of that name."""
    return int(re.search(rf'aria-label="{label} in 24 hours: ([\d,]+)"', html)[1].replace(",", ""))


def legend(html, words):
    """The number of the legend's entry of these words."""
    return int(re.search(rf"</span>{words} <b>([\d,]+)</b>", html)[1].replace(",", ""))


@pytest.mark.parametrize("words", ["Rejected", "Deferred"])
def test_a_word_has_one_number_on_the_dashboard(client, words):
    html = client.get("/dashboard").text
    assert figure(html, words) == legend(html, words) > 0


def test_spam_and_what_lies_in_the_junk_folder_are_told_apart(client):
    html = client.get("/dashboard").text
    assert figure(html, "Spam") > legend(html, "Junk folder") > 0
    told = client.get("/api/messages?status=junk").get_json()["data"]
    assert {row["final_status"] for row in told} == {"spam"}


def test_the_columns_of_the_chart_are_just_its_span(client):
    html = client.get("/dashboard").text
    columns = re.findall(r'class="chart-column[^>]* data-figure="(\d+)"', html)
    assert sum(map(int, columns)) == figure(html, "Messages")
    assert len(columns) == 25
