"""GET /api/export/*/csv: the documented columns, the rows of the list, every filter, and nothing a
spreadsheet would run."""

import csv
import io
import zlib

import pytest
from backports import zstd

from webapp.export.table import cell

COLUMNS = {
    "postfix": "Time, Program, Priority, Queue ID, Message ID, Sender, Recipient, Status, Relay, Delay, DSN, "
    "Message",
    "rspamd": "Time, Message ID, Subject, Sender, Recipients, Score, Required Score, Action, Direction, Is "
    "Spam, Has Auth, User, IP, Size, "
    "Top Symbols",
    "netfilter": "Time, IP, Username, Auth Method, Action, Attempts Left, Rule ID, Priority, Message",
    "messages": "Time, Sender, Recipient, Subject, Direction, Status, Queue ID, Message ID, Spam Score, Is "
    "Spam, User, IP, Is Complete",
}
KEYS = {
    "postfix": (
        "time",
        "program",
        "priority",
        "queue_id",
        "message_id",
        "sender",
        "recipient",
        "status",
        "relay",
        "delay",
        "dsn",
        "message",
    ),
    "rspamd": (
        "time",
        "message_id",
        "subject",
        "sender_smtp",
        "recipients_smtp",
        "score",
        "required_score",
        "action",
        "direction",
        "is_spam",
        "has_auth",
        "user",
        "ip",
        "size",
    ),
    "netfilter": (
        "time",
        "ip",
        "username",
        "auth_method",
        "action",
        "attempts_left",
        "rule_id",
        "priority",
        "message",
    ),
    "messages": (
        "first_seen",
        "sender",
        "recipients",
        "subject",
        "direction",
        "final_status",
        "queue_id",
        "message_id",
        "spam_score",
        "is_spam",
        "user",
        "ip",
        "is_complete",
    ),
}


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


def export(client, name, **parameters):
    answer = client.get(f"/api/export/{name}/csv", query_string=parameters)
    assert answer.status_code == 200, answer.text
    return answer, list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def listed(client, name, **parameters):
    path, rows, cursor = "/api/messages" if name == "messages" else f"/api/logs/{name}", [], ""
    while cursor is not None:
        answer = client.get(path, query_string={"limit": 500, "cursor": cursor, **parameters}).get_json()
        rows, cursor = rows + answer["data"], answer["next_cursor"]
    return rows


def written(value):
    joined = ", ".join(value) if isinstance(value, list) else value
    return str(cell(joined))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_file_has_the_documented_columns_and_the_rows_of_the_list(client, name):
    answer, (header, *rows) = export(client, name)
    assert header == COLUMNS[name].split(", ")
    assert [row[: len(KEYS[name])] for row in rows] == [
        [written(row[key]) for key in KEYS[name]] for row in listed(client, name)
    ]
    assert len(rows) == int(answer.headers["X-Export-Rows"]) > 20
    assert answer.headers["X-Export-Truncated"] == "false"


@pytest.mark.parametrize("name", COLUMNS)
def test_a_file_is_utf_8_with_a_mark_and_lines_that_end_by_rfc_4180(client, name):
    answer, rows = export(client, name)
    data = answer.get_data()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") >= len(rows)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("postfix", {"search": "STATUS=SENT"}),
        ("postfix", {"sender": "nordlicht"}),
        ("postfix", {"recipient": "nordlicht", "status": "bounced"}),
        ("rspamd", {"search": "einladung"}),
        ("rspamd", {"min_score": "5", "is_spam": "false"}),
        ("rspamd", {"direction": "inbound"}),
        ("netfilter", {"ip": "100.64.7.6"}),
        ("netfilter", {"username": "admin", "search": "rule id"}),
        ("messages", {"status": "bounced"}),
        ("messages", {"search": "nordlicht", "direction": "outbound"}),
    ],
)
def test_the_filters_of_the_list_apply(client, name, parameters):
    everything, rows = listed(client, name), listed(client, name, **parameters)
    answer, (_, *lines) = export(client, name, **parameters)
    assert 0 < len(rows) < len(everything)
    assert [line[0] for line in lines] == [row[KEYS[name][0]] for row in rows]
    assert answer.headers["X-Export-Rows"] == str(len(rows))


@pytest.mark.parametrize("coding", ["deflate", "zstd"])
def test_a_file_is_compressed_where_that_is_asked_for(client, coding):
    plain = client.get("/api/export/postfix/csv")
    packed = client.get("/api/export/postfix/csv", headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert packed.is_streamed
    assert len(packed.get_data()) < len(plain.get_data()) / 3
    if coding == "deflate":
        assert zlib.decompress(packed.get_data()) == plain.get_data()
    else:
        assert zstd.decompress(packed.get_data()) == plain.get_data()


def test_the_head_of_a_packed_file_does_not_wait_for_its_rows(client):
    pieces = client.get("/api/export/postfix/csv", headers={"Accept-Encoding": "zstd"}).iter_encoded()
    head = zstd.ZstdDecompressor().decompress(next(iter(pieces)))
    assert head.startswith(b"\xef\xbb\xbfTime,")
    assert head.count(b"\r\n") == 1


def test_a_file_that_was_cut_says_so(make_viewer, replay):
    replay.lists["netfilter"] = [
        {"time": 1_795_000_000 + n, "priority": "warn", "message": f"Banning 203.0.113.{n}/32 for 30 minutes"}
        for n in range(1, 8)
    ]
    viewer = make_viewer(csv_export_limit=5)
    viewer.fetch()
    answer, (_, *rows) = export(viewer.app.test_client(), "netfilter")
    assert [row[1] for row in rows] == [f"203.0.113.{n}" for n in (7, 6, 5, 4, 3)]
    assert (answer.headers["X-Export-Rows"], answer.headers["X-Export-Truncated"]) == ("5", "true")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠", "﹢", "⁼", "−", " ="])
def test_text_that_begins_like_a_formula_is_made_plain(make_viewer, replay, sign):
    text = f'{sign}HYPERLINK("http://x.example";"a")'
    replay.lists["postfix"] = [
        {"time": 1_795_000_000, "priority": "info", "program": text, "message": text + "\n,second line"}
    ]
    viewer = make_viewer()
    viewer.fetch()
    _, (_, row) = export(viewer.app.test_client(), "postfix")
    shown = text.replace("\t", "\\u0009").replace("\r", "\\u000d").replace("\n", "\\u000a")
    assert (row[1], row[-1]) == ("'" + shown, "'" + shown + "\\u000a,second line")


GARBAGE = {
    "direction": "sideways",
    "status": "done",
    "start_date": "yesterday",
    "end_date": "soon",
    "search": "x" * 501,
    "sender": "x" * 501,
    "recipient": "x" * 501,
    "user": "x" * 501,
    "ip": "x" * 501,
}


@pytest.mark.parametrize("parameter", GARBAGE)
def test_a_bad_parameter_of_the_messages_is_refused_by_its_name(client, parameter):
    answer = client.get("/api/export/messages/csv", query_string={parameter: GARBAGE[parameter]})
    assert (answer.status_code, answer.get_json()["detail"].startswith(parameter)) == (400, True)


def test_a_negative_number_stays_a_number(client):
    _, (header, *rows) = export(client, "rspamd", max_score="-0.1")
    assert rows
    assert all(float(row[header.index("Score")]) < 0 for row in rows)


def test_the_heaviest_symbols_stand_first(client):
    _, (_, *rows) = export(client, "rspamd", min_score="10")
    for row in rows:
        weights = [abs(float(part.rpartition("(")[2].rstrip(")"))) for part in row[-1].split(", ")]
        assert weights == sorted(weights, reverse=True)
        assert len(weights) <= 5
    assert rows
