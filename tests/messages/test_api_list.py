"""GET /api/messages: every filter finds what it names and nothing else, and pages hold every row once."""

import pytest

from tests.trace.judge import plain

DIRECTIONS = ("inbound", "outbound", "internal")
OUTCOMES = ("delivered", "bounced", "deferred", "rejected", "expired", "discarded", "mixed")
FILTERS = (
    "search",
    "sender",
    "recipient",
    "user",
    "ip",
    "direction",
    "status",
    "start_date",
    "end_date",
    "page",
    "limit",
)


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


@pytest.fixture(scope="module")
def everything(client):
    rows, cursor = [], ""
    while cursor is not None:
        answer = client.get("/api/messages", query_string={"limit": 100, "cursor": cursor}).get_json()
        rows += answer["data"]
        cursor = answer["next_cursor"]
    return rows


def ask(client, **parameters):
    answer = client.get("/api/messages", query_string={"limit": 500, **parameters})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def keys(rows):
    return sorted(row["correlation_key"] for row in rows)


def expect(client, everything, matches, **parameters):
    """The filter finds exactly the rows for which `matches` is true; there are some and not all."""
    found, wanted = ask(client, **parameters), [row for row in everything if matches(row)]
    assert keys(found["data"]) == keys(wanted)
    assert found["total"] == len(wanted)
    assert 0 < len(wanted) < len(everything)


def test_every_key_that_is_documented_is_there(everything):
    documented = {
        "correlation_key",
        "message_id",
        "queue_id",
        "sender",
        "recipient",
        "subject",
        "direction",
        "final_status",
        "is_complete",
        "first_seen",
        "last_seen",
        "spam_score",
        "is_spam",
    }
    assert all(documented <= row.keys() for row in everything)


def test_rows_come_newest_first(everything):
    times = [row["first_seen"] for row in everything]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_direction_is_filtered(client, everything, direction):
    expect(client, everything, lambda row: row["direction"] == direction, direction=direction)


@pytest.mark.parametrize("status", OUTCOMES)
def test_a_status_finds_such_messages_and_mixed_ones_with_such_a_recipient(client, everything, status):
    expect(
        client,
        everything,
        lambda row: (
            row["final_status"] == status or (row["final_status"] == "mixed" and status in row["outcomes"])
        ),
        status=status,
    )


def test_spam_is_found_by_status_and_by_verdict(client, everything):
    expect(client, everything, lambda row: row["final_status"] == "spam" or row["is_spam"], status="spam")


def test_failed_is_bounced_or_expired(client, everything):
    expect(client, everything, lambda row: {"bounced", "expired"} & set(row["outcomes"]), status="failed")


def test_the_word_all_filters_nothing(client, everything):
    assert ask(client, status="all", direction="all")["total"] == len(everything)


@pytest.mark.parametrize(
    "term", ["nordlicht", "NORDLICHT", "fjordmail.example", "@fjord", "shop.nordlicht-kontor.example"]
)
def test_a_part_of_the_sender_is_found_in_any_case(client, everything, term):
    expect(client, everything, lambda row: term.lower() in plain(row["sender"]), sender=term)


def test_a_whole_sender_is_found_whole(client, everything):
    sender = next(row["sender"] for row in everything if row["sender"] and row["user"])
    expect(client, everything, lambda row: plain(row["sender"]) == plain(sender), sender=sender.upper())


@pytest.mark.parametrize("written", ["<>", '""'])
def test_the_null_sender_can_be_asked_for(client, everything, written):
    expect(client, everything, lambda row: row["sender"] == "", sender=written)


def test_a_recipient_is_found_wherever_it_stands_in_the_list(client, everything):
    row = next(row for row in everything if row["recipient_count"] > 1)
    last = row["recipients"][-1]
    assert row["correlation_key"] in keys(ask(client, recipient=last)["data"])
    assert all(
        last in other["recipients"]
        or client.get(f"/api/message/{other['correlation_key']}/details").get_json()["deliveries"]
        for other in ask(client, recipient=last)["data"]
    )


def test_the_target_of_an_alias_is_found(client, everything):
    for row in everything[:150]:
        detail = client.get(f"/api/message/{row['correlation_key']}/details").get_json()
        targets = [
            item["recipient"]
            for item in detail["deliveries"]
            if item["orig_to"] and item["recipient"] not in row["recipients"]
        ]
        target = targets[0] if targets else ""
        if target and not target.endswith("localhost"):
            assert row["correlation_key"] in keys(ask(client, recipient=target)["data"])
            assert row["correlation_key"] in keys(ask(client, search=target)["data"])
            return
    pytest.fail("no alias in the recorded mail")


def test_a_user_is_filtered(client, everything):
    expect(client, everything, lambda row: "anna" in (row["user"] or ""), user="Anna")


@pytest.mark.parametrize("column", ["queue_id", "message_id", "subject", "sender", "recipient"])
def test_the_search_looks_into_every_documented_column(client, everything, column):
    row = next(
        row
        for row in everything
        if row[column] and len(row[column]) > 5 and row[column].isascii() and '"' not in row[column]
    )
    term = row[column].strip("<>")[1:].upper()
    assert row["correlation_key"] in keys(ask(client, search=term)["data"])


def test_an_address_of_the_client_is_found_whole_or_by_its_beginning(client, everything):
    whole = next(row["ip"] for row in everything if row["ip"] and ":" not in row["ip"])
    expect(client, everything, lambda row: row["ip"] == whole, ip=whole)
    expect(client, everything, lambda row: (row["ip"] or "").startswith("203.0.113."), ip="203.0.113.")


def test_an_ipv6_address_is_found_however_it_is_written(client, everything):
    short = next(row["ip"] for row in everything if row["ip"] and "::" in row["ip"])
    assert ask(client, ip=short.upper())["total"] == sum(row["ip"] == short for row in everything) > 0
    assert ask(client, ip=f"[{short}]")["total"] > 0


def test_a_period_holds_both_its_ends(client, everything):
    times = sorted({row["first_seen"] for row in everything})
    start, end = times[len(times) // 4], times[len(times) // 2]
    expect(client, everything, lambda row: start <= row["first_seen"] <= end, start_date=start, end_date=end)
    expect(
        client,
        everything,
        lambda row: start <= row["first_seen"] <= end,
        start_date=start[:-1],
        end_date=end.replace("Z", "+00:00"),
    )


def test_a_date_alone_means_the_whole_day(client, everything):
    days = {row["first_seen"][:10] for row in everything}
    assert ask(client, start_date=min(days), end_date=max(days))["total"] == len(everything)
    assert ask(client, end_date="2020-01-01")["total"] == 0


def test_filters_together_narrow(client, everything):
    expect(
        client,
        everything,
        lambda row: (
            row["direction"] == "outbound"
            and row["user"]
            and "bounced" in row["outcomes"]
            and "nordlicht" in plain(row["sender"])
        ),
        direction="outbound",
        user="nordlicht",
        sender="nordlicht",
        status="bounced",
    )


@pytest.mark.parametrize(
    "term", ["%", "%%%", "___", "a%b", "100%", "'; DROP TABLE messages; --", ":name", "%(x)s", "_%_"]
)
@pytest.mark.parametrize("column", ["search", "sender", "recipient", "user", "ip"])
def test_signs_of_pattern_and_sql_are_plain_text(client, column, term):
    assert ask(client, **{column: term})["total"] == 0


def test_an_underscore_is_an_underscore(client, everything):
    expect(client, everything, lambda row: "_" in plain(row["sender"]), sender="_")
    expect(client, everything, lambda row: "_" in (row["user"] or ""), user="_")


@pytest.mark.parametrize("length", [1, 2])
def test_a_short_term_finds_beginnings(client, everything, length):
    row = next(row for row in everything if row["queue_id"] and row["subject"])
    found = keys(ask(client, search=row["queue_id"][:length])["data"])
    assert row["correlation_key"] in found
    assert len(found) < len(everything)


def test_an_empty_parameter_is_an_absent_one(client, everything):
    answer = client.get("/api/messages", query_string=dict.fromkeys(FILTERS, "")).get_json()
    assert (answer["total"], answer["page"], answer["limit"]) == (len(everything), 1, 50)
    assert ask(client, search="   ")["total"] == len(everything)


@pytest.mark.parametrize("limit", [7, 50, 500])
def test_pages_up_to_the_last_hold_every_row_once(client, everything, limit):
    rows, page, answer = [], 1, ask(client, limit=limit)
    while answer["data"]:
        assert answer["page"] == page
        rows += answer["data"]
        page += 1
        answer = ask(client, limit=limit, page=page)
    assert page - 1 == answer["pages"] == -(-len(everything) // limit)
    assert [row["correlation_key"] for row in rows] == [row["correlation_key"] for row in everything]


@pytest.mark.parametrize(
    "filters",
    [{"direction": "inbound"}, {"search": "nordlicht"}, {"status": "rejected", "search": "example"}],
)
def test_the_cursor_walks_over_every_row_once_also_with_a_filter(client, filters):
    rows, cursor = [], ""
    while cursor is not None:
        answer = ask(client, limit=13, cursor=cursor, **filters)
        rows += answer["data"]
        cursor = answer["next_cursor"]
    assert [row["correlation_key"] for row in rows] == [
        row["correlation_key"] for row in ask(client, **filters)["data"]
    ]
    assert len(rows) > 13


def test_a_page_beyond_the_last_is_empty_and_tells_the_total(client, everything):
    answer = ask(client, page=10_000_000)
    assert (answer["data"], answer["total"], answer["total_is_estimate"]) == ([], len(everything), False)
