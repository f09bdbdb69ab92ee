"""Where the parts of a chart lie."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.web.charts import HEIGHT, Bars, scale_top, stacked_columns

START = datetime(2026, 11, 20, tzinfo=UTC)


def _bars(*counts: dict[str, int]) -> Bars:
    return [(START + timedelta(days=number), count) for number, count in enumerate(counts)]


@pytest.mark.parametrize(
    ("most", "top"),
    [
        (0, 1),
        (1, 1),
        (2, 2),
        (3, 3),
        (5, 6),
        (7, 8),
        (9, 10),
        (11, 15),
        (16, 20),
        (35, 40),
        (99, 100),
        (101, 150),
        (1999, 2000),
    ],
)
def test_the_upper_edge_is_the_next_step(most: int, top: int) -> None:
    assert scale_top(most) == top


def test_parts_stand_on_each_other_from_zero() -> None:
    chart = stacked_columns(_bars({"a": 2, "b": 1}, {}), START + timedelta(days=2), ["a", "b"])
    assert chart.top == 3
    assert [(part.name, part.y, part.height) for part in chart.columns[0].parts] == [
        ("a", 33.33, 66.67),
        ("b", 0.0, 33.33),
    ]
    assert chart.columns[1].parts == []


def test_columns_end_where_the_next_begins_and_the_last_at_the_end() -> None:
    end = START + timedelta(days=1, hours=5)
    assert [column.end for column in stacked_columns(_bars({}, {}), end, ["a"]).columns] == [
        START + timedelta(days=1),
        end,
    ]


def test_little_is_seen_and_nothing_leaves_the_drawing() -> None:
    column = stacked_columns(_bars({"a": 100_000, "b": 1, "c": 1}), START, ["a", "b", "c"]).columns[0]
    assert all(part.height >= 1 and 0 <= part.y <= HEIGHT for part in column.parts)


def test_no_more_labels_than_fit() -> None:
    columns = stacked_columns(_bars(*[{}] * 73), START, ["a"], labels=4).columns
    assert sum(column.labelled for column in columns) == 4
    assert sum(column.labelled and not column.minor for column in columns) == 2


def test_an_empty_period_has_no_columns() -> None:
    assert stacked_columns([], START, ["a"]).columns == []
