"""The nightly job: whole days go, but for what a living message still needs; partitions are ready ahead of
time."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.tables.db import db
from webapp.tables.partitions import existing_days
from webapp.trace import reckoning, retention

KEEP = 3  # days


def midnight():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


CUTOFF = timedelta(days=-KEEP)


def line(moment, program, message):
    return {
        "time": int(moment.timestamp()),
        "priority": "info",
        "program": f"postfix/{program}",
        "message": message,
    }


def mail(queue_id, began, *endings):
    """The lines of a mail; `endings` are (moment, status)."""
    lines = [
        line(began, "smtpd", f"{queue_id}: client=mail.x.example[203.0.113.7]"),
        line(began, "cleanup", f"{queue_id}: message-id=<{queue_id}@x.example>"),
        line(began, "qmgr", f"{queue_id}: from=<s@x.example>, size=1000, nrcpt=1 (queue active)"),
    ]
    for moment, status in endings:
        lines.append(
            line(
                moment,
                "smtp",
                f"{queue_id}: to=<r@y.example>, relay=mx.y.example[198.51.100.4]:25, delay=1, "
                f"delays=0/0/0/1, "
                f"dsn={'2.0.0' if status == 'sent' else '4.4.1'}, status={status} (it said so)",
            )
        )
        if status == "sent":
            lines.append(line(moment, "qmgr", f"{queue_id}: removed"))
    return lines


def scan(queue_id, moment):
    return {
        "unix_time": int(moment.timestamp()),
        "action": "no action",
        "score": 1.0,
        "required_score": 15.0,
        "symbols": {},
        "size": 1000,
        "message-id": f"{queue_id}@x.example",
        "ip": "203.0.113.7",
        "user": "unknown",
        "sender_smtp": "s@x.example",
        "rcpt_smtp": ["r@y.example"],
        "subject": "Hello",
    }


@pytest.fixture
def aged(make_viewer, replay):
    """A viewer with mails of five days; retention 7 while they are read."""
    base, hour = midnight() + CUTOFF, timedelta(hours=1)
    old, minute = base - timedelta(days=2), timedelta(minutes=1)
    mails = {
        "4jXdyZ4nJkzQvF1": mail("4jXdyZ4nJkzQvF1", old, (old + minute, "sent")),
        "4jXdyZ4nJkzQvF2": mail("4jXdyZ4nJkzQvF2", old, (old + minute, "deferred")),
        "4jXdyZ4nJkzQvF3": mail("4jXdyZ4nJkzQvF3", base - minute, (base + minute, "sent")),
        "4jXdyZ4nJkzQvF4": mail("4jXdyZ4nJkzQvF4", base + hour, (base + 2 * hour, "sent")),
    }
    rows = [row for lines in mails.values() for row in lines]
    rows += [line(midnight() - timedelta(days=n), "anvil", "statistics: cache size 1") for n in (0, 1)]
    replay.lists["postfix"] = sorted(rows, key=lambda row: row["time"])
    replay.lists["rspamd-history"] = sorted(
        (scan(queue_id, datetime.fromtimestamp(lines[0]["time"], UTC)) for queue_id, lines in mails.items()),
        key=lambda row: row["unix_time"],
    )
    replay.lists["netfilter"] = [
        {
            "time": int(moment.timestamp()),
            "priority": "warn",
            "message": "Banning 203.0.113.9/32 for 30 minutes",
        }
        for moment in (old, base + hour)
    ]
    viewer = make_viewer(retention_days=7)
    viewer.fetch()
    assert viewer.count("messages") == 4
    return viewer


def clean_up(viewer, days=KEEP):
    with viewer.app.app_context():
        figures = retention.cleanup(
            db.session.connection(), viewer.settings.model_copy(update={"retention_days": days})
        )
        db.session.commit()
    return figures


def names(viewer, column, table):
    return sorted(
        row[column] for row in viewer.ask(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")
    )


LIVING = ["4jXdyZ4nJkzQvF2", "4jXdyZ4nJkzQvF3", "4jXdyZ4nJkzQvF4"]


def test_old_days_go_but_a_mail_in_the_queue_and_one_that_ended_later_stay_whole(aged):
    before = aged.count("postfix_logs")
    figures = clean_up(aged)
    assert figures["days_dropped"] >= 1
    assert names(aged, "queue_id", "messages") == LIVING
    assert names(aged, "queue_id", "postfix_logs") == LIVING
    assert aged.count("postfix_logs") == before - 5
    assert aged.count("deliveries") == len(LIVING)
    assert [name[:15] for name in names(aged, "message_id", "rspamd_logs")] == LIVING
    assert aged.count("netfilter_logs") == 1
    assert aged.miscounted() == []


def test_what_stays_is_still_shown_with_its_lines(aged):
    clean_up(aged)
    client = aged.app.test_client()
    for queue_id, lines in zip(LIVING, (4, 5, 5), strict=True):
        row = client.get("/api/messages", query_string={"search": queue_id}).get_json()["data"][0]
        detail = client.get(f"/api/message/{row['correlation_key']}/details").get_json()
        assert (len(detail["postfix"]), detail["rspamd"]["subject"]) == (lines, "Hello")
        found = client.get("/api/logs/postfix", query_string={"search": queue_id[3:-1]}).get_json()
        assert len([line for line in found["data"] if line["queue_id"] == queue_id]) == lines


def test_a_mail_that_stayed_goes_once_it_has_ended_and_grown_old(aged, replay):
    clean_up(aged)
    later = midnight() + CUTOFF + timedelta(hours=5)
    replay.lists["postfix"] += [
        line(
            later,
            "smtp",
            "4jXdyZ4nJkzQvF2: to=<r@y.example>, relay=mx.y.example[198.51.100.4]:25, delay=1, "
            "delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)",
        ),
        line(later, "qmgr", "4jXdyZ4nJkzQvF2: removed"),
    ]
    aged.fetch()
    told = aged.ask("SELECT final_status FROM messages WHERE queue_id = '4jXdyZ4nJkzQvF2'")
    assert told == [{"final_status": "delivered"}]
    clean_up(aged, KEEP - 1)
    assert names(aged, "queue_id", "messages") == []
    assert names(aged, "queue_id", "postfix_logs") == []
    assert aged.miscounted() == []


def test_nothing_goes_before_its_time(aged):
    told = aged.told()
    assert clean_up(aged, 30)["days_dropped"] == 0
    assert aged.told() == told


def test_coming_days_are_made_ahead(aged):
    with aged.app.app_context():
        days = existing_days(db.session.connection(), "postfix_logs")
    today = datetime.now(UTC).date()
    assert {today + timedelta(days=n) for n in range(4)} <= set(days)


def test_a_clock_far_off_lands_in_the_default_partition_is_shown_and_goes_in_time(make_viewer, replay):
    past = midnight() - timedelta(days=400)
    replay.lists["postfix"] = mail("4jXdyZ4nJkzQvF1", past, (past, "sent"))
    replay.lists["postfix"].append(line(midnight(), "anvil", "statistics: cache size 1"))
    viewer = make_viewer(retention_days=7)
    viewer.fetch()
    assert viewer.ask("SELECT count(*) AS n FROM postfix_logs_default") == [{"n": 5}]
    assert viewer.app.test_client().get("/api/logs/postfix").get_json()["total"] == 6
    assert viewer.miscounted() == []
    assert clean_up(viewer, 7)["strays_removed"] >= 5
    assert viewer.count("messages") == 0
    assert viewer.miscounted() == []


def with_clock(monkeypatch, ahead):
    """Set the machine's clock ahead."""
    for module in ("retention", "reckoning"):
        monkeypatch.setattr(f"webapp.trace.{module}.now", lambda: datetime.now(UTC) + ahead)


def test_a_clock_that_runs_ahead_drops_nothing_that_mailcow_still_counts_as_new(aged, monkeypatch):
    with_clock(monkeypatch, timedelta(days=60))
    figures = clean_up(aged, days=7)
    assert figures["days_dropped"] == 0
    assert aged.count("messages") == 4


def test_not_everything_goes_at_once_and_the_refusal_says_why(aged, replay, monkeypatch):
    later = datetime.now(UTC) + timedelta(days=60)
    replay.lists["postfix"] += mail("4jXdyZ4nJkzQvF9", later, (later, "sent"))
    with_clock(monkeypatch, timedelta(days=60))
    monkeypatch.setattr("webapp.ingest.store.now", lambda: later)
    aged.fetch()
    before = aged.count("messages")
    for _ in range(reckoning.PATIENCE):
        with pytest.raises(reckoning.RetentionRefused, match="Is this machine's clock right") as refused:
            clean_up(aged)
        assert aged.count("messages") == before
        aged.do(
            "INSERT INTO job_runs (name, started_at, finished_at, status, error) "
            "VALUES ('cleanup_logs', now(), now(), 'failed', :error)",
            error=str(refused.value),
        )
    assert clean_up(aged)["days_dropped"] > 1
