"""Every figure of every page that is a link (`data-figure`) is what the list that it opens holds, and figures
without a link are the same wherever they are told."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from tests.web.filled import DOMAIN

PAGES = (
    "/dashboard",
    "/dashboard?span=7d",
    "/dashboard?span=30d&status=rejected",
    "/messages",
    "/messages/{message}",
    "/messages/by/accounts",
    "/messages/by/hours?sort=-messages",
    "/search/elsewhere?search={domain}",
    "/search/absence?search=from:{sender} nothing",
    "/search/suggestions?search=a",
    "/logs/postfix",
    "/logs/rspamd",
    "/logs/dovecot",
    "/security",
    "/security?action=banned",
    "/security/address/{attacker}",
    "/security/bans",
    "/security/connections",
    "/security/events",
    "/security/sign-ins",
    "/mailboxes",
    "/mailboxes?date_range=today",
    "/mailboxes/{mailbox}",
    "/queue",
    "/queue?group=domain",
    "/queue?group=reason",
    "/queue/delays",
    "/quarantine",
    "/quarantine?group=sender",
    "/quarantine/{kept}",
    "/domains",
    "/domains/{domain}",
    "/domains/{unchecked}",
    "/blocklists",
    "/dmarc",
    "/dmarc?days=7",
    "/dmarc/{domain}?days=7",
    "/dmarc/{domain}/sources",
    "/dmarc/{domain}/reports",
    "/dmarc/{domain}/reports/{day}",
    "/dmarc/{domain}/source/192.0.2.1",
    "/dmarc/{domain}/tls",
    "/dmarc/{domain}/failures",
    "/dmarc/reports/1",
    "/dmarc/import",
    "/alerts",
    "/alerts/rules",
    "/alerts/channels",
    "/alerts/summary",
    "/saved",
    "/saved/pins",
    "/status",
    "/status/jobs",
    "/status/jobs/fetch_logs",
    "/settings",
    "/access/sessions",
    "/access/tokens",
)
NO_PAGES = re.compile(
    r".*\.(home|show|search_page|find_day|download|edit|test_again|news|\w+_news|\w+_part|one|one_card|job_state)"
)  # leads on, is a file, holds fields or asks the network; or is a part of a page
IN_API = {
    "/messages": "/api/messages",
    "/security/events": "/api/logs/netfilter",
    "/logs/rspamd": "/api/logs/rspamd",
}
API_OF_MAILBOXES = "/api/mailbox-stats/all"
LEAST = {
    "/dashboard": 40,
    "/messages/by/accounts": 20,
    "/messages/{message}": 2,
    "/search/elsewhere?search={domain}": 2,
    "/security": 8,
    "/security/address/{attacker}": 1,
    "/security/bans": 1,
    "/mailboxes": 30,
    "/mailboxes/{mailbox}": 8,
    "/queue": 1,
    "/quarantine": 1,
    "/domains": 3,
    "/dmarc": 5,
    "/dmarc/{domain}?days=7": 7,
    "/dmarc/{domain}/reports": 5,
    "/dmarc/{domain}/reports/{day}": 2,
    "/alerts/rules": 5,
    "/saved/pins": 1,
    "/status": 12,
}
NUMBER = re.compile(r"(?:about )?[\d,]+(?: [a-z].*)?|[A-Z][\w ]* [\d,]+")
OF_ONE = re.compile(r"/messages/(?!by/)[^/?]+|/quarantine/\d+|https?:")  # one thing, called by a foreign text


class Page(HTMLParser):
    """The figures of a page by (address, column that is summed), the totals of its lists by their ids ('':
    the first one), the sum of its chart, and the links that are called by a number and are no figures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.figures: dict[tuple[str, str], int] = {}
        self.totals: dict[str, int] = {}
        self.chart, self.unmarked = 0, []
        self._link, self._words, self._drawn = None, "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if "data-figure" in given:
            self.figures[given["href"], given.get("data-counts", "")] = int(given["data-figure"])
            self.chart += int(given["data-figure"]) if "chart-column" in given.get("class", "") else 0
        if "data-total" in given:
            self.totals.setdefault("", int(given["data-total"]))
            self.totals[given.get("id", "")] = int(given["data-total"])
        if tag == "a":
            self._link, self._words = given, ""

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            words, url = " ".join(self._words.split()), self._link.get("href", "")
            is_spared = (
                OF_ONE.match(url)
                or (words.endswith("days") and "days=" in url)  # a period to choose
                or "aria-current" in self._link  # what is shown already
            )
            if NUMBER.fullmatch(words) and "data-figure" not in self._link and not is_spared:
                self.unmarked.append((words, url))
            self._link = None


@pytest.fixture(scope="module")
def examples(filled, browser):
    """What the pages of one thing are about, by the names in PAGES."""
    messages = browser.get("/api/messages?limit=500").get_json()["data"]
    message = max(messages, key=lambda row: row["recipient_count"])
    busiest = "SELECT ip FROM netfilter_logs WHERE ip IS NOT NULL GROUP BY ip ORDER BY count(*) DESC LIMIT 1"
    sent = (
        "SELECT account FROM messages JOIN mailboxes m ON m.username = account GROUP BY 1 ORDER BY count(*)"
    )
    day = filled.ask("SELECT max(day) AS day FROM dmarc_reports WHERE day < current_date")[0]["day"]
    kept = browser.get("/api/quarantine").get_json()["data"]
    return {
        "domain": DOMAIN,
        "day": day,
        "unchecked": f"shop.{DOMAIN}",
        "message": message["correlation_key"],
        "sender": message["sender"],
        "attacker": filled.ask(busiest)[0]["ip"],
        "mailbox": filled.ask(sent)[-1]["account"],
        "kept": kept[0]["id"],
    }


@pytest.fixture(scope="module")
def opened(browser):
    """A function that gives what the list at an address holds, which is opened once: its total, or the sum of
    a column."""
    pages, known = {}, {}

    def page(url):
        if url not in pages:
            answer = browser.get(url, follow_redirects=True)
            assert answer.status_code == 200, url
            pages[url] = Page(answer.text)
        return pages[url]

    def sum_of(address, column):
        api = address.path.replace("/dmarc/", "/api/dmarc/domains/").replace("/mailboxes", API_OF_MAILBOXES)
        asked = {"active_only": "false", "page_size": 100, "limit": 500} | dict(parse_qsl(address.query))
        found = browser.get(api, query_string=asked).get_json()
        return sum(row[column] for row in found.get("data", found.get("mailboxes")))

    def total(url, counts):
        address = urlsplit(url)
        if counts == "chart":
            return page(url).chart
        if counts:
            return sum_of(address, counts)
        if address.fragment:
            return page(url.partition("#")[0]).totals.get(address.fragment)
        if address.path in IN_API:
            return browser.get(f"{IN_API[address.path]}?{address.query}&limit=1").get_json()["total"]
        return page(f"{url}{'&' if address.query else '?'}limit=1").totals.get("")

    def found(url, counts):
        if (url, counts) not in known:
            known[url, counts] = total(url, counts)
        return known[url, counts]

    return found


@pytest.mark.parametrize("path", PAGES)
def test_every_figure_is_what_the_list_that_it_opens_holds(browser, examples, opened, path):
    url = path.format(**examples)
    answer = browser.get(url)
    assert answer.status_code == 200
    page = Page(answer.text)
    told = {key: (number, opened(urljoin(url, key[0]), key[1])) for key, number in page.figures.items()}
    assert {key: pair for key, pair in told.items() if pair[0] != pair[1]} == {}
    assert sum(number > 0 for number in page.figures.values()) >= LEAST.get(path, 0)
    assert page.unmarked == []


def test_every_page_is_walked(filled, examples):
    paths = filled.app.url_map.bind("localhost")
    walked = {paths.match(urlsplit(path.format(**examples)).path)[0] for path in PAGES}
    there = {
        rule.endpoint
        for rule in filled.app.url_map.iter_rules()
        if "GET" in rule.methods and "_pages." in rule.endpoint
    }
    assert {name for name in there - walked if not NO_PAGES.fullmatch(name)} == set()


def figure(html, label):
    """The number of the dashboard's figure of that name."""
    return int(re.search(rf'aria-label="{label} in 24 hours: ([\d,]+)"', html)[1].replace(",", ""))


def legend(html, words):
    """The number of the legend's entry of these words."""
    return int(re.search(rf"</span>{words} <b>([\d,]+)</b>", html)[1].replace(",", ""))


@pytest.mark.parametrize("words", ["Rejected", "Deferred"])
def test_a_word_has_one_number_on_the_dashboard(browser, words):
    html = browser.get("/dashboard").text
    assert figure(html, words) == legend(html, words) > 0


def test_spam_and_what_lies_in_the_junk_folder_are_told_apart(browser):
    html = browser.get("/dashboard").text
    assert figure(html, "Spam") > legend(html, "Junk folder") > 0
    told = browser.get("/api/messages?status=junk").get_json()["data"]
    assert {row["final_status"] for row in told} == {"spam"}


def test_the_columns_of_the_chart_are_just_its_span(browser):
    html = browser.get("/dashboard").text
    columns = re.findall(r'class="chart-column[^>]* data-figure="(\d+)"', html)
    assert sum(map(int, columns)) == figure(html, "Messages")
    assert len(columns) == 25


def test_what_passed_dmarc_is_one_rate_on_all_pages(browser):
    rates = {
        "/domains": rf'href="/dmarc/{DOMAIN}\?days=30" title="[^"]*">([\d.]+) %',
        f"/domains/{DOMAIN}": rf'href="/dmarc/{DOMAIN}\?days=30" title="[^"]*">([\d.]+) %',
        "/dmarc": rf'href="/dmarc/{DOMAIN}\?days=30">.*?<span class="rate[^>]*>([\d.]+) %',
        f"/dmarc/{DOMAIN}": r"<dt>DMARC</dt><dd><span[^>]*>([\d.]+) %",
    }
    told = {path: re.search(rate, browser.get(path).text, re.DOTALL)[1] for path, rate in rates.items()}
    assert set(told.values()) == {"66.7"}
