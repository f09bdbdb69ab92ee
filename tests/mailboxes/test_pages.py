"""The pages of mailboxes show the API's figures, and say why where there are none."""

import re
import time
from datetime import date
from html import unescape
from urllib.parse import unquote

import pytest

from tests.guards.test_statements import counted
from tests.samples import recorded
from webapp import cache
from webapp.mailboxes.filter import Days
from webapp.mailboxes.present import Spark, sparkline

ANNA = "anna.schmidt@shop.nordlicht-kontor.example"


@pytest.fixture
def client(recorded_viewer):
    with recorded_viewer.app.app_context():
        cache.clear_stats_cache()
    return recorded_viewer.app.test_client()


def shown(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def figures(html):
    """(address of a list, number) of every figure that leads to messages."""
    found = re.findall(r'<a class="find-link" href="(/messages\?[^"]+)" title="[^>]+>([\d,]+)</a>', html)
    return [(url, int(number.replace(",", ""))) for url, number in found]


@pytest.mark.parametrize("path", ["/mailboxes?sort_by=username&sort_order=asc", f"/mailboxes/{ANNA}"])
def test_every_figure_leads_to_as_many_messages(client, path):
    found = figures(shown(client, path))
    assert len(found) > 3
    for url, number in found:
        assert client.get("/api" + url).get_json()["total"] == number, url


def test_the_list_shows_the_mailboxes_of_the_api(client):
    html = shown(client, "/mailboxes?domain=shop.nordlicht-kontor.example")
    assert ANNA in {unquote(name) for name in re.findall(r'href="/mailboxes/([^"?]+)"><bdi>', html)}
    assert "4 mailboxes, last 7 days" in html
    assert "verteiler2@nordlicht-kontor.example" in html


def test_a_fragment_is_only_the_list(client):
    part = client.get("/mailboxes", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith('<section class="list"')


@pytest.mark.parametrize("path", ["/mailboxes?sort_by=colour", f"/mailboxes/{ANNA}?date_range=custom"])
def test_a_bad_parameter_is_told_on_the_page(client, path):
    answer = client.get(path)
    assert ("sort_by" in path) == (answer.status_code == 400)
    assert "must be" in answer.get_data(as_text=True)


def test_the_page_of_one_mailbox_tells_its_story(client):
    html = shown(client, "/mailboxes/b.jansen@shop.nordlicht-kontor.example")
    assert "What failed and why" in html
    assert "alte-muehle.example" in html
    assert "Newest sent" in html
    frida = shown(client, "/mailboxes/frida@nordlicht-kontor.example")
    assert "bestellung@alte-muehle.example" in frida.partition("Forwards")[2]


def test_an_unknown_mailbox_is_not_found(client):
    assert client.get("/mailboxes/nobody@nowhere.example").status_code == 404


def test_the_list_costs_three_statements_beside_what_stands_around_it(client, recorded_viewer):
    client.get("/mailboxes")
    with counted(recorded_viewer) as sent:
        client.get("/mailboxes?page_size=10")
    assert len(sent) <= 3


def test_before_mailcow_is_read_the_page_says_so(make_viewer):
    assert "are being read" in shown(make_viewer().app.test_client(), "/mailboxes")


def test_a_failed_list_is_told_with_its_reason(viewer, replay):
    replay.fault, replay.broken_route = "500", "get/mailbox"
    with pytest.raises(Exception, match="error 500"):
        viewer.read_mailboxes()
    html = shown(viewer.app.test_client(), "/mailboxes")
    assert "No list of mailboxes so far" in html
    assert "error 500" in html


def test_a_sparkline_has_a_bar_a_day_scaled_to_the_busiest():
    days = Days(date(2026, 2, 1), date(2026, 2, 3))
    told = [["2026-02-01", 4, 2, 0], ["2026-02-03", 1, 0, 8]]
    assert sparkline(days, told) == [
        Spark(0, 6.0, 3.0, 0.0),
        Spark(1, 0.0, 0.0, 0.0),
        Spark(2, 1.5, 0.0, 12.0),
    ]


def test_refused_sign_ins_are_as_many_as_the_events_that_they_lead_to(viewer, replay):
    tried = (
        "203.0.113.9 matched rule id 3 (warning: x[203.0.113.9]: SASL LOGIN authentication failed: no, "
        "sasl_username="
    )
    replay.lists["netfilter"] = [
        {"time": int(time.time()) - ago, "priority": "warn", "message": f"{tried}{user})"}
        for ago, user in ((90, ANNA), (60, ANNA.upper()), (30, "info@nordlicht-kontor.example"))
    ]
    viewer.fetch()
    viewer.read_mailboxes()
    client = viewer.app.test_client()
    html = shown(client, f"/mailboxes/{ANNA}")
    url, number = re.search(r'href="(/security/events\?[^"]+)">([\d,]+)</a>, the last', html).groups()
    events = client.get(url.replace("/security/events", "/api/logs/netfilter")).get_json()
    assert events["total"] == int(number) == 2


def test_the_page_tells_where_a_mailbox_was_signed_in_from_and_refused(viewer, replay):
    user, second = "carla@nordlicht-kontor.example", recorded.NEWEST_AT
    login = f"imap-login: Login: user=<{user}>, method=PLAIN, rip=192.0.2.44, lip=::1, mpid=1, TLS"
    refused = f"auth: lua({user},198.51.100.9,<s>): Password mismatch (SHA1 of given password: 1)"
    told = f"imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<{user}>, method=PLAIN, "
    told += "rip=198.51.100.9, lip=::1, session=<s>"
    lines = [login, login, refused, told]
    replay.lists["dovecot"] = [{"time": str(second), "program": "dovecot", "message": line} for line in lines]
    viewer.fetch()
    viewer.read_mailboxes()
    html = shown(viewer.app.test_client(), f"/mailboxes/{user}")
    table = html.partition('id="sign-ins"')[2].partition("</table>")[0]
    rows = re.findall(r"<tr><td>(.*?)</tr>", table)
    assert [re.search(r'class="num">(\d+)<', row)[1] for row in rows] == ["2", "1"]
    assert ["192.0.2.44" in rows[0], "IMAP" in rows[0], "198.51.100.9" in rows[1]] == [True, True, True]
    assert "password mismatch" in rows[1] or "sign-in failed" in rows[1]
