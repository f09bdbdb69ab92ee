"""A line leads to its message, however long ago that began, and to its own where a queue id came again."""

DAY = 86400
BEGUN = 1767776400
LINES = (  # days after the first, queue id, what was logged
    (0, "4dqBBC1000", "from=<anna@x.example>, size=100, nrcpt=1 (queue active)"),
    (
        0,
        "4dqBBC1000",
        "to=<bob@y.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (no)",
    ),
    (
        3,
        "4dqBBC1000",
        "to=<bob@y.example>, relay=none, delay=9, delays=9/0/0/0, dsn=2.0.0, status=sent (250 ok)",
    ),
    (3, "4dqBBC1000", "removed"),
    (5, "4dqBBC1000", "from=<carl@x.example>, size=100, nrcpt=1 (queue active)"),
    (5, "4dqDDF1000", "from=<dora@x.example>, size=100, nrcpt=1 (queue active)"),
)


def test_a_line_leads_to_the_life_of_its_queue_id(viewer, replay):
    replay.lists["postfix"] = [
        {
            "time": str(BEGUN + days * DAY + number),
            "program": "postfix/smtp" if said.startswith("to=") else "postfix/qmgr",
            "priority": "info",
            "message": f"{queue_id}: {said}",
        }
        for number, (days, queue_id, said) in enumerate(LINES)
    ]
    viewer.fetch()
    client = viewer.app.test_client()
    messages = client.get("/api/messages").get_json()["data"]
    key_of = {row["sender"]: row["correlation_key"] for row in messages}
    assert len(key_of) == len(messages) == 3
    anna, carl, dora = (key_of[f"{name}@x.example"] for name in ("anna", "carl", "dora"))
    pages = [
        client.get("/api/logs/postfix", query_string={"limit": 2, "page": page}).get_json()["data"]
        for page in (1, 2, 3)
    ]
    told = [row["correlation_key"] for rows in pages for row in rows]
    assert told == [dora, carl, anna, anna, anna, anna]
