"""Several words, fields, quotes and exclusions in one search, over recorded traffic; its page and its box."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.messages.test_api_list import ask, client, everything, expect, keys

__all__ = ["client", "everything"]


def text(row):
    columns = (row["sender"], *row["recipients"], row["subject"], row["message_id"], row["queue_id"])
    return "\n".join(column or "" for column in columns).lower()


@pytest.fixture(scope="module")
def bounced(everything):
    """A bounced message whose subject has words, and whose sender has a domain."""
    rows = [row for row in everything if row["final_status"] == "bounced" and " " in (row["subject"] or "")]
    return next(row for row in rows if "@" in row["sender"] and row["subject"].replace(" ", "").isalnum())


def test_all_words_have_to_match_each_anywhere(client, everything, bounced):
    sender, word = bounced["sender"].lower(), max(bounced["subject"].lower().split(), key=len)
    wanted = [row for row in everything if sender in text(row) and word in text(row)]
    for search in (f"{sender} {word}", f"{word}   {sender}"):
        assert keys(ask(client, search=search)["data"]) == keys(wanted)
    assert 0 < len(wanted) < len(everything)


def test_quoted_words_stand_together(client, everything, bounced):
    phrase = bounced["subject"].lower()
    expect(client, everything, lambda row: phrase in text(row), search=f'"{phrase}"')
    first, *rest = phrase.split()
    assert ask(client, search=f'"{" ".join([*rest, first])} "')["total"] == 0


def test_a_field_looks_in_one_place(client, everything, bounced):
    domain = bounced["sender"].rpartition("@")[2].lower()
    expect(client, everything, lambda row: domain in (row["sender"] or "").lower(), search=f"from:{domain}")
    expect(client, everything, lambda row: row["sender"] == "", search="from:<>")
    assert keys(ask(client, search="status:bounced")["data"]) == keys(ask(client, status="bounced")["data"])
    word = bounced["subject"].lower().split()[0]
    expect(client, everything, lambda row: word in (row["subject"] or "").lower(), search=f"subject:{word}")
    ip = next(row["ip"] for row in everything if row["ip"])
    assert keys(ask(client, search=f"ip:{ip}")["data"]) == keys(ask(client, ip=ip)["data"])
    assert keys(ask(client, search=f"id:{bounced['queue_id']}")["data"]) == [bounced["correlation_key"]]


def test_a_folder_is_one_that_a_copy_was_put_into(client, everything):
    lines = client.get("/api/logs/dovecot?folder=junk&limit=500").get_json()["data"]
    wanted = sorted({line["correlation_key"] for line in lines})
    found = [keys(ask(client, **asked)["data"]) for asked in ({"folder": "Junk"}, {"search": "folder:junk"})]
    assert found == [wanted] * 2
    without = keys(ask(client, search="-folder:junk")["data"])
    assert 0 < len(wanted) < len(everything) == len(wanted) + len(without)
    assert "/messages?folder=Junk" in client.get(f"/messages/{wanted[0]}").text


def test_a_domain_is_the_senders_or_a_recipients(client):
    sent = ask(client, sender_domain="nordlicht-kontor.example")["data"]
    got = ask(client, recipient_domain="nordlicht-kontor.example")["data"]
    either = keys(ask(client, search="domain:nordlicht-kontor.example")["data"])
    assert either == sorted({*keys(sent), *keys(got)})
    assert keys(sent) != either != keys(got)


def test_what_is_excluded_is_not_there(client, everything, bounced):
    domain = bounced["sender"].rpartition("@")[2].lower()
    having = keys(ask(client, search=domain)["data"])
    expect(client, everything, lambda row: row["correlation_key"] not in having, search=f"-{domain}")
    with_it = keys(ask(client, search="status:bounced")["data"])
    without = keys(ask(client, search=f"status:bounced -from:{domain}")["data"])
    assert set(without) < set(with_it)
    assert bounced["correlation_key"] not in without


def test_the_same_field_twice_has_to_match_twice(client, everything, bounced):
    local, _, domain = bounced["sender"].lower().partition("@")
    wanted = [row for row in everything if local in (row["sender"] or "") and domain in (row["sender"] or "")]
    assert keys(ask(client, search=f"from:{local} from:{domain}")["data"]) == keys(wanted) != []


def test_bounds_of_the_api_are_utc(client, everything):
    moment = everything[len(everything) // 2]["first_seen"]
    expect(client, everything, lambda row: row["first_seen"] >= moment, search=f"after:{moment}")
    expect(client, everything, lambda row: row["first_seen"] < moment, search=f"before:{moment}")


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("status:lost", "status: must be one of delivered, bounced"),
        ("after:soon", "after: needs a day or a time"),
        ("a b c d e f g h i j k l m", "may have 12 terms at the most"),
    ],
)
def test_what_cannot_be_searched_is_told(client, search, said):
    answer = client.get("/api/messages", query_string={"search": search})
    assert (answer.status_code, said in answer.get_json()["detail"]) == (400, True)
    assert said in client.get("/messages", query_string={"search": search}).text


def moved(client, path, **parameters):
    answer = client.get(path, query_string=parameters)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.location)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_a_time_in_the_search_becomes_the_period_of_the_url(client):
    path, asked = moved(client, "/messages", search="invoice 2026-11-24 9-11", status="bounced", page=3)
    assert path == "/messages"
    assert asked == {
        "search": "invoice",
        "status": "bounced",
        "start_date": "2026-11-24T09:00:00Z",
        "end_date": "2026-11-24T10:59:59Z",
    }
    path, asked = moved(client, "/messages/by/senders", search="after:2026-11-24")
    assert (path, asked) == ("/messages/by/senders", {"start_date": "2026-11-24T00:00:00Z"})


def test_the_box_opens_the_message_with_the_id(client, bounced):
    wanted = (f"/messages/{bounced['correlation_key']}", {})
    assert moved(client, "/search", search=bounced["queue_id"]) == wanted
    assert moved(client, "/search", search=f" <{bounced['message_id'].strip('<>')}> ") == wanted


def test_the_box_opens_the_list_for_all_else(client):
    assert moved(client, "/search", search="invoice yesterday") == (
        "/messages",
        {"search": "invoice yesterday"},
    )
    assert moved(client, "/search") == ("/messages", {})


def test_each_term_is_a_chip_that_can_be_removed(client):
    page = client.get("/messages", query_string={"search": 'from:anna -paid "invoice 4711"'}).text
    for chip in (">From</b> <bdi>anna", ">Without</b> <bdi>paid", ">Search</b> <bdi>invoice 4711"):
        assert chip in page
    assert 'href="/messages?search=from%3Aanna+-paid"' in page
