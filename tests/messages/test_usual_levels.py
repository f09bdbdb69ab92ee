"""The usual level: the median a day over the whole days that are kept, days without mail among them."""

import pytest

from webapp.parse.address import address_key

KEY = address_key("b@y.example")

ADDED = """
    INSERT INTO messages (id, first_seen, last_seen, correlation_key, content_digest, kind, mid_keys, sender,
        recipients, recipient_count, final_status, outcomes, is_spam, correlation, recipient_keys,
        recipient_text, search_text, outcome_counts, received_by, domains)
    SELECT :id + n, at, at, 'key' || (:id + n), 0, 'queue', '{}', :sender, ARRAY['b@y.example'], 1,
        'delivered', ARRAY['delivered'], false, 'complete', ARRAY[:key], 'b@y.example', :sender,
        '{}', '{}', '{}'
    FROM generate_series(1, :many) AS n,
        LATERAL (SELECT date_trunc('day', now(), 'UTC') - :days * interval '1 day' + n * interval '1 second'
            + :hour * interval '1 hour' AS at) AS moment"""
COUNTED = """
    INSERT INTO message_hours (hour, direction, final_status, is_spam, outcomes, n)
    SELECT date_trunc('hour', first_seen, 'UTC'), '', final_status, is_spam, outcomes, count(*)
    FROM messages GROUP BY 1, 2, 3, 4, 5"""


@pytest.fixture
def fill(viewer):
    """A function that stores messages: (sender, {days before today: how many}) for each, at an hour."""
    stored = 0

    def add(*senders, hour=0):
        nonlocal stored
        for sender, counts in senders:
            for days, many in counts.items():
                viewer.do(ADDED, id=stored, key=KEY, sender=sender, many=many, days=days, hour=hour)
                stored += many
        viewer.do("DELETE FROM message_hours")
        viewer.do(COUNTED)

    return add


def ask(viewer, **parameters):
    asked = {"by": "senders", **parameters}
    answer = viewer.app.test_client().get("/api/messages/groups", query_string=asked).get_json()
    return answer["days"], {row["group"]: row["usual_per_day"] for row in answer["data"]}


def test_it_is_the_median_with_the_days_that_have_none(viewer, fill):
    fill(
        ("busy@x.example", {0: 90, 1: 3, 2: 5, 3: 4, 4: 50}),
        ("half@x.example", {1: 7, 2: 9}),
        ("rare@x.example", {3: 9}),
    )
    assert ask(viewer) == (4, {"busy@x.example": 4.5, "half@x.example": 3.5, "rare@x.example": 0})


def test_an_odd_number_of_days_has_a_middle_one(viewer, fill):
    fill(("busy@x.example", {1: 3, 2: 5, 3: 40}), ("half@x.example", {1: 7, 2: 9}))
    assert ask(viewer) == (3, {"busy@x.example": 5, "half@x.example": 7})


def test_without_a_whole_day_it_is_not_known(viewer, fill):
    fill(("new@x.example", {0: 5}))
    assert ask(viewer) == (0, {"new@x.example": None})


def test_the_period_does_not_count_and_the_other_filters_do(viewer, fill):
    fill(("a@x.example", {1: 4, 2: 4, 3: 4}), ("b@x.example", {1: 2, 2: 2, 3: 2}))
    (start,) = (row["day"] for row in viewer.ask("SELECT (now() AT TIME ZONE 'UTC')::date - 1 AS day"))
    assert ask(viewer, start_date=start.isoformat()) == (3, {"a@x.example": 4, "b@x.example": 2})
    assert ask(viewer, by="recipients") == (3, {"b@y.example": 6})
    assert ask(viewer, by="recipients", sender="a@x.example") == (3, {"b@y.example": 4})
    assert ask(viewer, by="recipients", status="bounced") == (3, {})


@pytest.mark.parametrize("by", ["domains", "destinations"])
def test_counted_with_its_group_it_is_the_same_as_counted_alone(viewer, fill, by):
    fill(("a@x.example", {0: 8, 1: 3, 2: 5, 3: 9}), ("b@x.example", {1: 1}), ("c@z.example", {2: 2, 3: 2}))
    (start,) = (row["day"] for row in viewer.ask("SELECT (now() AT TIME ZONE 'UTC')::date - 9 AS day"))
    together, alone = ask(viewer, by=by), ask(viewer, by=by, start_date=start.isoformat())
    wanted = {"x.example": 5, "z.example": 2} if by == "domains" else {"y.example": 7}
    assert together == alone == (3, wanted)


def test_an_hours_usual_level_is_that_of_its_hour(viewer, fill):
    fill(("a@x.example", {1: 2, 2: 4, 3: 9}), hour=0)
    fill(("a@x.example", {1: 7, 2: 8}), hour=5)
    _, levels = ask(viewer, by="hours")
    assert sorted((hour[11:13], level) for hour, level in levels.items()) == [
        ("00", 4),
        ("00", 4),
        ("00", 4),
        ("05", 7),
        ("05", 7),
    ]


def test_older_mail_that_comes_later_changes_it(viewer, fill):
    fill(("a@x.example", {1: 2}))
    assert ask(viewer) == (1, {"a@x.example": 2})
    fill(("a@x.example", {2: 8}))
    viewer.app.extensions["redis"].delete(*viewer.app.extensions["redis"].keys("mlv:cache:*"))
    assert ask(viewer) == (2, {"a@x.example": 5})
