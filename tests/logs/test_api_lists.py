"""GET /api/logs/postfix, /rspamd, /netfilter, /dovecot: each filter finds what it names and nothing else, and
pages hold every row once."""

import pytest

LISTS = ("postfix", "rspamd", "netfilter", "dovecot")


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


@pytest.fixture(scope="module")
def everything(client):
    return {name: every_row(client, name) for name in LISTS}


def every_row(client, name, **parameters):
    rows, cursor = [], ""
    while cursor is not None:
        answer = client.get(f"/api/logs/{name}", query_string={"limit": 500, "cursor": cursor, **parameters})
        assert answer.status_code == 200, answer.get_json()
        rows += answer.get_json()["data"]
        cursor = answer.get_json()["next_cursor"]
    return rows


def ids(rows):
    return [row["id"] for row in rows]


def expect(client, everything, name, matches, **parameters):
    """The filter finds exactly the rows for which `matches` is true, in the order of the list; there are some
    and not all."""
    wanted = [row for row in everything[name] if matches(row)]
    assert 0 < len(wanted) < len(everything[name])
    assert ids(every_row(client, name, **parameters)) == ids(wanted)
    assert client.get(f"/api/logs/{name}", query_string=parameters).get_json()["total"] == len(wanted)


def searched(name, row):
    if name != "rspamd":
        return row["message"].lower()
    parts = (
        row["subject"],
        row["sender_smtp"],
        row["message_id"],
        *row["recipients_smtp"],
        row["user"],
        row["ip"],
    )
    return "\n".join(part for part in parts if part).lower()


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        (
            "postfix",
            [
                "status=SENT",
                "(250 2.",
                "dieter_m@",
                "removed",
                "qme",
                "sasl_username=anna",
                "[203.0.113.",
                "??(using",
            ],
        ),
        ("rspamd", ["EINLADUNG", "nordlicht-kontor", "dieter_m", "second@partner", "203.0.113.2", "ein"]),
        ("dovecot", ["FILEINTO", "inbox", "stored mail", "anna@nordlicht", "password", "msgid=<"]),
        ("netfilter", ["RULE ID 3", "sasl_username=admin", "3fff:a::66", "100.64.7.6/32", "(reason", "ban"]),
    ],
)
def test_a_term_is_found_as_it_stands_in_any_case(client, everything, name, terms):
    for term in terms:
        if any(term.lower() in searched(name, row) for row in everything[name]):
            found = every_row(client, name, search=term)
            assert ids(found) == [
                row["id"] for row in everything[name] if term.lower() in searched(name, row)
            ], term
    assert sum(any(term.lower() in searched(name, row) for row in everything[name]) for term in terms) >= 4


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "term",
    [
        "%",
        "%%%",
        "___",
        "re%ed",
        "remo_ed",
        "re.oved",
        "removed|sent",
        "^from",
        "a\\",
        "\\",
        "'; DROP TABLE x; --",
        ":search",
        "%(search)s",
        "[0-9]+",
        "{0}",
    ],
)
def test_signs_of_patterns_are_plain_text(client, everything, name, term):
    def has(row):
        text = searched(name, row)
        return (
            term.lower() in text
            if len(term) > 2
            else text.startswith(term.lower()) or f" {term.lower()}" in text
        )

    assert ids(every_row(client, name, search=term)) == [row["id"] for row in everything[name] if has(row)]


@pytest.mark.parametrize("name", LISTS)
def test_a_short_term_finds_the_beginnings_of_words(client, everything, name):
    term = {"postfix": "de", "rspamd": "5", "netfilter": "3f", "dovecot": "fi"}[name]
    found = every_row(client, name, search=term)
    assert ids(found) == [
        row["id"]
        for row in everything[name]
        if searched(name, row).startswith(term) or f" {term}" in searched(name, row)
    ]


@pytest.mark.parametrize("status", ["sent", "bounced", "deferred", "rejected", "expired"])
def test_postfix_lines_are_filtered_by_their_status(client, everything, status):
    expect(client, everything, "postfix", lambda row: row["status"] == status, status=status)


@pytest.mark.parametrize("column", ["sender", "recipient"])
def test_postfix_lines_are_filtered_by_an_address_whole_and_in_part(client, everything, column):
    whole = next(row[column] for row in everything["postfix"] if row[column] and "dieter" in row[column])
    expect(
        client,
        everything,
        "postfix",
        lambda row: (row[column] or "").lower() == whole.lower(),
        **{column: f"<{whole.upper()}>"},
    )
    expect(
        client,
        everything,
        "postfix",
        lambda row: "nordlicht" in (row[column] or "").lower(),
        **{column: "Nordlicht"},
    )
    expect(client, everything, "postfix", lambda row: "_" in (row[column] or ""), **{column: "_"})


def test_the_null_sender_can_be_asked_for(client, everything):
    expect(client, everything, "postfix", lambda row: row["sender"] == "", sender="<>")


def test_postfix_lines_are_filtered_by_their_queue_id(client, everything):
    queue_id = next(row["queue_id"] for row in everything["postfix"] if row["queue_id"])
    expect(client, everything, "postfix", lambda row: row["queue_id"] == queue_id, queue_id=queue_id)
    assert every_row(client, "postfix", queue_id=queue_id[:-1]) == []


@pytest.mark.parametrize(
    ("parameters", "matches"),
    [
        ({"direction": "inbound"}, lambda row: row["direction"] == "inbound"),
        ({"direction": "outbound"}, lambda row: row["direction"] == "outbound"),
        ({"min_score": "5"}, lambda row: row["score"] >= 5),
        ({"max_score": "-0.5"}, lambda row: row["score"] <= -0.5),
        ({"min_score": "0", "max_score": "6.5"}, lambda row: 0 <= row["score"] <= 6.5),
        ({"action": "reject"}, lambda row: row["action"] == "reject"),
        ({"action": "no action"}, lambda row: row["action"] == "no action"),
        ({"is_spam": "true"}, lambda row: row["is_spam"]),
        ({"is_spam": "false"}, lambda row: not row["is_spam"]),
        ({"symbol": "MAILCOW_AUTH"}, lambda row: "MAILCOW_AUTH" in row["symbols"]),
        ({"sender": "NORDLICHT"}, lambda row: "nordlicht" in row["sender_smtp"].lower()),
    ],
)
def test_rspamd_rows_are_filtered(client, everything, parameters, matches):
    expect(client, everything, "rspamd", matches, **parameters)


@pytest.mark.parametrize(
    ("parameters", "matches"),
    [
        ({"ip": "100.64.7.6"}, lambda row: row["ip"] == "100.64.7.6"),
        ({"ip": "100.64."}, lambda row: (row["ip"] or "").startswith("100.64.")),
        ({"ip": "3FFF:A:0::66"}, lambda row: row["ip"] == "3fff:a::66"),
        ({"username": "ADMIN"}, lambda row: "admin" in (row["username"] or "")),
        ({"action": "attempt"}, lambda row: row["action"] == "warning" and row["rule_id"] is not None),
    ],
)
def test_netfilter_events_are_filtered(client, everything, parameters, matches):
    expect(client, everything, "netfilter", matches, **parameters)


@pytest.mark.parametrize("name", LISTS)
def test_a_period_holds_both_its_ends(client, everything, name):
    times = sorted({row["time"] for row in everything[name]})
    start, end = times[len(times) // 4], times[len(times) // 2]
    expect(client, everything, name, lambda row: start <= row["time"] <= end, start_date=start, end_date=end)


@pytest.mark.parametrize("name", LISTS)
def test_rows_come_newest_first_and_page_by_page_all_of_them(client, everything, name):
    times = [row["time"] for row in everything[name]]
    assert times == sorted(times, reverse=True)
    limit = max(7, len(times) // 9)
    first = client.get(f"/api/logs/{name}?limit={limit}").get_json()
    assert (first["total"], first["total_is_estimate"], first["pages"]) == (
        len(times),
        False,
        -(-len(times) // limit),
    )
    paged = [
        row
        for page in range(1, first["pages"] + 1)
        for row in client.get(f"/api/logs/{name}?limit={limit}&page={page}").get_json()["data"]
    ]
    assert ids(paged) == ids(everything[name])
    assert len(set(ids(paged))) == len(paged)


GARBAGE = {
    "limit": ["0", "501", "x", "1.5", "9" * 50],
    "page": ["0", "-1", "x", "9" * 50],
    "cursor": ["x", "1_", "1_1_1"],
    "start_date": ["yesterday", "2026-13-01"],
    "end_date": ["soon", "2026-01-01T00:00:00+99:00"],
    "search": ["x" * 501],
}
OWN = {
    "postfix": {
        "sender": ["x" * 501],
        "recipient": ["x" * 501],
        "status": ["done", "sent,bounced", "%"],
        "queue_id": ["x" * 501],
    },
    "rspamd": {
        "sender": ["x" * 501],
        "direction": ["sideways", "%"],
        "min_score": ["x", "nan", "inf", "1e99", "1,5"],
        "max_score": ["x", "--1"],
        "action": ["nothing", "reject;"],
        "is_spam": ["perhaps", "2", "%"],
        "symbol": ["x" * 501],
    },
    "netfilter": {"ip": ["x" * 501], "username": ["x" * 501], "action": ["shot", "%"]},
    "dovecot": {
        "ip": ["x" * 501],
        "username": ["x" * 501],
        "folder": ["x" * 501],
        "event": ["signed in", "%"],
    },
}


@pytest.mark.parametrize(
    ("kind", "name", "parameter", "value"),
    [
        (kind, name, parameter, value)
        for kind in ("logs", "export")
        for name in LISTS
        for parameter, values in (GARBAGE | OWN[name]).items()
        for value in values
        if kind == "logs" or parameter not in ("page", "limit", "cursor")
    ],
)
def test_a_bad_parameter_is_refused_by_its_name(client, kind, name, parameter, value):
    path = f"/api/logs/{name}" if kind == "logs" else f"/api/export/{name}/csv"
    answer = client.get(path, query_string={parameter: value})
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith(parameter)
    assert answer.get_json().keys() == {"detail"}


def test_every_documented_parameter_is_given_garbage(client):
    paths = client.get("/api/openapi.json").get_json()["paths"]
    for name in LISTS:
        listed, exported = (
            {
                parameter["name"]
                for parameter in paths[path]["get"]["parameters"]
                if parameter["in"] == "query"
            }
            for path in (f"/api/logs/{name}", f"/api/export/{name}/csv")
        )
        assert listed == GARBAGE.keys() | OWN[name].keys()
        assert exported == listed - {"page", "limit", "cursor"}


@pytest.mark.parametrize(
    ("matches", "parameters"),
    [
        (lambda row: row["event"] == "stored", {"event": "stored"}),
        (lambda row: "junk" in (row["folder"] or "").lower(), {"folder": "junk"}),
        (lambda row: row["username"].startswith("obrien@"), {"username": "Obrien@"}),
        (lambda row: (row["ip"] or "").startswith("3fff:"), {"ip": "3fff:"}),
    ],
    ids=["event", "folder", "user", "ip"],
)
def test_dovecot_lines_are_filtered_by_what_they_tell(client, everything, matches, parameters):
    expect(client, everything, "dovecot", matches, **parameters)


def test_a_line_of_dovecot_leads_to_its_message(client, everything):
    stored = [row for row in everything["dovecot"] if row["event"] == "stored" and row["correlation_key"]]
    assert len(stored) > 100
    detail = client.get(f"/api/message/{stored[0]['correlation_key']}/details").get_json()
    assert stored[0]["message"] in [line["message"] for line in detail["dovecot"]]
    page = client.get("/logs/dovecot?event=stored").text
    assert f"/messages/{stored[0]['correlation_key']}" in page
    answer = client.get("/api/export/dovecot/csv?event=refused")
    assert answer.headers["X-Export-Rows"] == str(
        sum(row["event"] == "refused" for row in everything["dovecot"])
    )
