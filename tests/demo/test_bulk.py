"""Prepared rows in bulk are as good as live ones: in order of time, with ids that are never used twice."""

import re
from collections import Counter

from webapp.demo.bulk import bulk_rows

END = 1_795_374_576.0


def test_rows_are_in_order_of_time_and_end_before_the_end():
    times = [int(row["time"]) for name, row in bulk_rows(30_000, 1, END) if name == "postfix"]
    assert len(times) == 30_000
    assert times == sorted(times)
    assert times[0] >= END - 86_401
    assert END - 3600 < times[-1] <= END


def test_a_dense_stream_ends_before_the_end_too():
    times = [int(row["time"]) for name, row in bulk_rows(20_000, 0.002, END) if name == "postfix"]
    assert len(times) == 20_000
    assert times == sorted(times)
    assert times[-1] <= END


def test_queue_ids_and_message_ids_are_unique():
    messages = [row["message"] for name, row in bulk_rows(50_000, 2, END) if name == "postfix"]
    begun = [match[1] for text in messages if (match := re.match(r"(\w+): (?:client|message-id)=", text))]
    assert max(Counter(begun).values()) == 2
    ids = [text.partition("message-id=")[2] for text in messages if ": message-id=" in text]
    assert len(ids) == len(set(ids))


def test_rspamd_rows_go_with_the_mail():
    rows = list(bulk_rows(5_000, 1, END))
    messages = [row["message"] for name, row in rows if name == "postfix"]
    logged = {text.partition("message-id=<")[2][:-1] for text in messages if "message-id=<" in text}
    scanned = {row["message-id"] for name, row in rows if name == "rspamd-history"}
    assert len(scanned) > 300
    assert len(scanned - logged) <= 2
    assert {name for name, _ in rows} == {"postfix", "rspamd-history", "netfilter", "dovecot"}


def test_the_seed_decides():
    assert list(bulk_rows(500, 1, END, 3)) == list(bulk_rows(500, 1, END, 3))
    assert list(bulk_rows(500, 1, END, 3)) != list(bulk_rows(500, 1, END, 4))
