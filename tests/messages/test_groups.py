"""Who and where: every group has as many messages as the list that its link opens, whatever is filtered."""

from collections import Counter
from html import escape
from urllib.parse import urlencode

import pytest

from webapp import cache
from webapp.messages.grouping import GROUPINGS
from webapp.messages.reasons import REASONS
from webapp.parse.address import bare_address

FIGURES = ("delivered", "bounced", "deferred", "rejected", "spam", "failed")
FILTERS = {
    "everything": {},
    "one direction": {"direction": "outbound"},
    "failures": {"status": "failed"},
    "a search": {"search": "example"},
    "a part of a sender": {"sender": "a"},
    "a part of a recipient": {"recipient": "info"},
    "a domain of recipients": {"recipient_domain": "nordlicht.example"},
    "a reason": {"reason": "no-mailbox"},
}


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


@pytest.fixture(scope="module")
def everything(client):
    rows, cursor = [], ""
    while cursor is not None:
        answer = client.get("/api/messages", query_string={"limit": 500, "cursor": cursor}).get_json()
        rows += answer["data"]
        cursor = answer["next_cursor"]
    return rows


def groups(client, by, **parameters):
    rows, page = [], 1
    while True:
        asked = {"by": by, "limit": 500, "page": page, **parameters}
        answer = client.get("/api/messages/groups", query_string=asked)
        assert answer.status_code == 200, answer.get_json()
        rows += answer.get_json()["data"]
        if page >= answer.get_json()["pages"]:
            assert len(rows) == answer.get_json()["total"]
            return rows
        page += 1


def total(client, parameters):
    answer = client.get("/api/messages", query_string={"limit": 1, **parameters})
    assert answer.status_code == 200, (parameters, answer.get_json())
    assert not answer.get_json()["total_is_estimate"]
    return answer.get_json()["total"]


@pytest.mark.parametrize("by", GROUPINGS)
def test_every_group_has_as_many_messages_as_the_list_shows(client, by):
    found = groups(client, by)
    assert len(found) > 3 or by == "hours"
    assert sum(row["messages"] for row in found) > 20
    assert {row["group"]: row["messages"] for row in found} == {
        row["group"]: total(client, row["filter"]) for row in found
    }


@pytest.mark.parametrize("by", GROUPINGS)
@pytest.mark.parametrize("name", [name for name in FILTERS if FILTERS[name]])
def test_so_it_has_with_a_filter(client, by, name):
    asked = FILTERS[name]
    found = groups(client, by, **asked)[:25]
    wanted = {row["group"]: total(client, {**asked, **row["filter"]}) for row in found}
    assert {row["group"]: row["messages"] for row in found} == wanted


@pytest.mark.parametrize("by", GROUPINGS)
def test_every_figure_is_that_of_the_lists_filter(client, by):
    for row in groups(client, by)[:8]:
        wanted = {word: total(client, {**row["filter"], "status": word}) for word in FIGURES}
        assert {word: row[word] for word in FIGURES} == wanted
        assert row["failure_rate"] == round(100 * row["failed"] / row["messages"], 2)


def test_the_filters_of_the_test_find_something(client):
    assert all(total(client, asked) > 0 for asked in FILTERS.values())


def test_accounts_are_those_of_the_messages(client, everything):
    signed_in = Counter(row["user"].lower() for row in everything if row["user"])
    counted = Counter({row["group"]: row["messages"] for row in groups(client, "accounts")})
    assert signed_in
    assert signed_in - counted == Counter()


def test_senders_and_their_domains_are_those_of_the_messages(client, everything):
    senders = [row["sender"].lower() for row in everything if row["sender"] is not None]
    assert {row["group"]: row["messages"] for row in groups(client, "senders")} == Counter(senders)
    domains = Counter(sender.rpartition("@")[2] for sender in senders if "@" in sender)
    assert {row["group"]: row["messages"] for row in groups(client, "domains")} == domains


def test_recipients_have_their_aliases_beside_them(client, everything):
    counted = {row["group"]: row["messages"] for row in groups(client, "recipients")}
    named = Counter(
        address for row in everything for address in set(map(bare_address, row["recipients"])) if address
    )
    assert all(counted[address] >= many for address, many in named.items())
    assert set(named) < set(counted)


def test_recipients_of_a_group_are_counted(client, everything):
    for row in groups(client, "senders"):
        own = [each for each in everything if (each["sender"] or "").lower() == row["group"]]
        own = [each for each in own if each["sender"] is not None]
        assert row["recipients"] == sum(each["recipient_count"] for each in own)
        assert row["last_seen"] == max(each["first_seen"] for each in own)


def test_hours_follow_each_other_and_hold_every_message(client, everything):
    found = groups(client, "hours")
    assert [row["group"] for row in found] == sorted((row["group"] for row in found), reverse=True)
    assert {row["group"]: row["messages"] for row in found} == Counter(
        row["first_seen"][:14] + "00:00Z" for row in everything
    )


def test_an_hour_ends_where_the_period_ends(client, everything):
    middle = sorted(row["first_seen"] for row in everything)[len(everything) // 2]
    (last,) = groups(client, "hours", start_date=middle[:14] + "00:00Z", end_date=middle)
    assert last["filter"]["end_date"] == middle
    assert 0 < last["messages"] == total(client, last["filter"])


@pytest.mark.parametrize("by", GROUPINGS)
@pytest.mark.parametrize("name", ["messages", "recipients", "failure_rate", "last_seen", "group"])
def test_groups_come_in_the_order_asked_for(client, by, name):
    rising = [row[name] for row in groups(client, by, sort=name)]
    falling = [row[name] for row in groups(client, by, sort=f"-{name}")]
    assert sorted(rising, key=str) == sorted(falling, key=str)
    if name != "group":  # texts are ordered as the database does
        assert (rising, falling) == (sorted(rising), sorted(falling, reverse=True))


def test_pages_hold_every_group_once(client):
    whole = [row["group"] for row in groups(client, "recipients")]
    parts = [row["group"] for page in range(1, 4) for row in paged(client, page)]
    assert parts == whole[:30]
    assert paged(client, 1000) == []


def paged(client, page):
    asked = {"by": "recipients", "limit": 10, "page": page}
    answer = client.get("/api/messages/groups", query_string=asked).get_json()
    assert answer["total"] > 30
    return answer["data"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "by"),
        ({"by": "subjects"}, "by must be one of"),
        ({"by": "all"}, "by"),
        ({"by": "senders", "sort": "colour"}, "sort must be one of"),
        ({"by": "senders", "limit": "0"}, "limit must be"),
        ({"by": "senders", "reason": "bad luck"}, "reason must be one of"),
        ({"by": "senders", "status": "x"}, "status must be one of"),
    ],
)
def test_a_bad_parameter_is_refused(client, asked, said):
    answer = client.get("/api/messages/groups", query_string=asked)
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


def test_reasons_are_told_in_words_with_a_reply(client):
    found = {row["group"]: row for row in groups(client, "reasons")}
    assert len(found) > 8
    assert set(found) <= set(REASONS)
    assert all(row["label"] == REASONS[word].label for word, row in found.items())
    assert "over quota" in found["mailbox-full"]["reply"]
    assert all(row["reply"] is None for row in groups(client, "senders"))


def test_nothing_is_cached_beyond_an_import(recorded_viewer, client):
    first = groups(client, "senders")
    with recorded_viewer.app.app_context():
        assert cache.clear_stats_cache() > 0
    assert groups(client, "senders") == first


@pytest.mark.parametrize("by", GROUPINGS)
def test_the_csv_file_holds_the_groups(client, by):
    answer = client.get("/api/export/messages/groups/csv", query_string={"by": by, "direction": "outbound"})
    lines = answer.get_data(as_text=True).splitlines()
    wanted = groups(client, by, direction="outbound")
    assert lines[0].lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").startswith("Group,Messages,Recipients,Delivered")
    assert len(lines) - 1 == len(wanted) == int(answer.headers["X-Export-Rows"])
    assert answer.headers["X-Export-Truncated"] == "false"
    assert f"messages-by-{by}-" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("by", GROUPINGS)
def test_a_tab_shows_its_groups_and_opens_the_list(client, by):
    page = client.get(f"/messages/by/{by}?direction=outbound&limit=25").get_data(as_text=True)
    first = client.get(f"/api/messages/groups?by={by}&direction=outbound").get_json()["data"][0]
    url = f"/messages?{urlencode({'direction': 'outbound', **first['filter']})}"
    assert escape(url) in page
    assert client.get(url).status_code == 200
    shown = client.get(url).get_data(as_text=True)
    assert f"{first['messages']:,} message" in shown


def test_every_tab_keeps_the_filter_and_has_the_others_beside_it(client):
    page = client.get("/messages/by/senders?direction=outbound&sort=-last_seen&page=1").get_data(as_text=True)
    for path in ("/messages", *(f"/messages/by/{by}" for by in GROUPINGS)):
        assert f'href="{path}?direction=outbound"' in page
    assert 'href="/messages/by/hours?direction=outbound"' in client.get(
        "/messages?direction=outbound"
    ).get_data(as_text=True)


def test_a_tab_is_a_fragment_for_htmx_and_tells_what_is_wrong(client):
    part = client.get("/messages/by/senders", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith("<section")
    bad = client.get("/messages/by/senders?sort=colour")
    assert bad.status_code == 400
    assert "sort must be one of" in bad.get_data(as_text=True)
    assert client.get("/messages/by/colours").status_code == 404


def test_a_page_without_groups_says_why(client):
    nothing = client.get("/messages/by/reasons?search=nothing-like-this").get_data(as_text=True)
    assert "No message with a reason matches" in nothing
    beyond = client.get("/messages/by/recipients?limit=10&page=900").get_data(as_text=True)
    assert "There is no page 900" in beyond


def test_the_api_describes_the_groups(client):
    paths = client.get("/api/openapi.json").get_json()["paths"]
    names = {each["name"] for each in paths["/api/messages/groups"]["get"]["parameters"]}
    assert {"by", "sort", "page", "limit", "account", "sender_domain", "recipient_domain", "reason"} <= names
    assert "cursor" not in names
    names = {each["name"] for each in paths["/api/export/messages/groups/csv"]["get"]["parameters"]}
    assert {"by", "sort"} <= names
    assert "page" not in names
