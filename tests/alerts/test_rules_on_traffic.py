"""Every rule is quiet on the recorded set, and begins and ends with the trouble that it is for.

All of it happens in transactions that are rolled back, so that one import serves every rule.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.alerts.recorded_server import IN_TROUBLE, Server
from tests.samples import recorded
from webapp.alerts.rules.table import RULES
from webapp.alerts.words import RuleName
from webapp.config import VERSION
from webapp.mailcow.connection import Answering
from webapp.mailcow.live import QUARANTINE, QUEUE
from webapp.mailcow.server import APP_RELEASES, MAILCOW_RELEASES
from webapp.status.collect import ROUTES

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def queue_of(server: Server, count: int, age: timedelta) -> list[dict[str, Any]]:
    arrived = int((server.moment - age).timestamp())
    return [
        {"queue_name": "deferred", "queue_id": f"{n:010X}", "arrival_time": arrived} for n in range(count)
    ]


def _outage(server: Server) -> None:
    server.answers(Answering.FAILING)
    server.pass_by(4 * MINUTE)


def _recovery(server: Server) -> None:
    server.answers(Answering.CONNECTED)
    server.pass_by(3 * MINUTE)


def _gap(server: Server) -> None:
    server.do(
        'INSERT INTO log_gaps (source, start, "end", detected_at) VALUES '
        "('postfix', CAST(:now AS timestamptz) - interval '3 minutes', :now, :now)"
    )


def _jump(server: Server) -> None:
    server.do(
        "INSERT INTO clock_jumps (source, before, after, detected_at) VALUES "
        "('postfix', CAST(:now AS timestamptz) + interval '1 hour', :now, :now)"
    )


def _runs(*states: str) -> Callable[[Server], None]:
    """Runs of a job, a minute apart, oldest first."""

    def happen(server: Server) -> None:
        for state in states:
            server.do(
                "INSERT INTO job_runs (name, started_at, finished_at, status, error) VALUES "
                "('update_geoip', :now, :now, :state, 'MaxMind refuses the key')",
                state=state,
            )
            server.pass_by(4 * MINUTE)

    return happen


def _container(state: str) -> Callable[[Server], None]:
    def happen(server: Server) -> None:
        found = dict(recorded.objects()["get/status/containers"])
        found["sogo-mailcow"] = {**found["sogo-mailcow"], "state": state}
        server.snapshot("containers", ROUTES["containers"].read(found))
        server.look()
        server.pass_by(5 * MINUTE)

    return happen


def _disk(percent: str) -> Callable[[Server], None]:
    told = {**recorded.objects()["get/status/vmail"], "used_percent": percent}
    return lambda server: server.snapshot("storage", ROUTES["storage"].read(told))


def _queued(count: int, age: timedelta, wait: timedelta) -> Callable[[Server], None]:
    def happen(server: Server) -> None:
        server.snapshot(QUEUE.name, queue_of(server, count, age))
        server.look()
        server.pass_by(wait)

    return happen


def _bounced(server: Server) -> None:
    server.do(
        "INSERT INTO message_hours VALUES (date_trunc('hour', CAST(:now AS timestamptz)), 'outbound', "
        "'bounced', false, '{bounced}', 60) ON CONFLICT (hour, direction, final_status, is_spam, outcomes) "
        "DO UPDATE SET n = 60"
    )


def _acted(server: Server) -> None:
    server.snapshot(QUARANTINE.name, [])
    server.do(
        "INSERT INTO rspamd_logs (time, id, digest, ordinal, recipients, action, is_spam, has_auth, "
        "direction, symbols, raw, search_text) SELECT CAST(:now AS timestamptz) - n * interval '1 second', "
        "-n, n, 0, '{}', 'reject', true, false, 'inbound', '||', '', '' FROM generate_series(1, 20) AS n"
    )


def _gained(server: Server) -> None:
    server.snapshot(QUARANTINE.name, [{"id": 1, "created": int(server.moment.timestamp())}])


def _sign(server: Server) -> None:
    server.do(
        "INSERT INTO mailbox_signs (username, kind, since, seen_at, figures) VALUES "
        """('anna@example.org', 'quota', :now, :now, '{"percent": 95}')"""
    )


def _guesses(server: Server) -> None:
    server.guess(20)


def _turn(server: Server) -> None:
    server.do(
        "INSERT INTO domain_dns_turns VALUES "
        "('example.org', 'spf', 'success', 'error', 'There is no SPF record', :now)"
    )


def _changed(server: Server) -> None:
    server.do(
        "INSERT INTO domain_dns_records (domain_name, check_name, value, seen_at) VALUES "
        "('example.org', 'spf', 'v=spf1 mx -all', CAST(:now AS timestamptz) - interval '9 days'), "
        "('example.org', 'spf', 'v=spf1 +all', :now), ('new.example', 'spf', 'v=spf1 mx', :now)"
    )


def _listed(server: Server) -> None:
    server.do(
        "INSERT INTO blocklist_entries (address, zone, state, codes, why, reason, checked_at, known, "
        "known_since, bounced) VALUES ('192.0.2.1', 'zen.spamhaus.org', 'listed', '{127.0.0.2}', 'SBL', '', "
        ":now, 'listed', :now, 3)"
    )


def _certificate(days: int) -> Callable[[Server], None]:
    return lambda server: server.do(
        "INSERT INTO certificates VALUES ('mail.example.org', 25, :ends, 'Example CA', :now, :now, '') "
        "ON CONFLICT (host, port) DO UPDATE SET not_after = excluded.not_after",
        ends=server.moment + days * DAY,
    )


def _report(days_ago: int, messages: int, failed: int) -> Callable[[Server], None]:
    """A day of reports of a domain; when it is there, an hour has passed since the last look."""

    def happen(server: Server) -> None:
        server.do(
            "INSERT INTO dmarc_reports (domain, organisation, report_id, begin_at, end_at, day, spans, "
            "email, contact, schema, namespace, generator, policy, errors, slips, records, received_at, "
            "messages, said_spf, said_dkim, said_both, said_either, spf_aligned, dkim_aligned, passed) "
            "VALUES ('example.org', 'net', :id, :now, :now, :day, false, '', '', '', '', '', '{}', '{}', "
            "'{}', 1, :now, :messages, 0, 0, 0, :good, 0, 0, 0)",
            id=str(days_ago),
            day=server.moment.date() - days_ago * DAY,
            messages=messages,
            good=messages - failed,
        )
        server.pass_by(HOUR)

    return happen


def _released(version: str) -> Callable[[Server], None]:
    def happen(server: Server) -> None:
        release = {"version": version, "changelog": "", "published_at": None, "url": None}
        server.snapshot(APP_RELEASES, {"repository": "a/b", "releases": [release]})
        server.snapshot(
            MAILCOW_RELEASES, {"repository": "a/b", "releases": [{**release, "version": "2026-08"}]}
        )

    return happen


def _synced(*states: str) -> Callable[[Server], None]:
    """Fetches of reports, an hour apart, oldest first."""

    def happen(server: Server) -> None:
        for state in states:
            server.do(
                "INSERT INTO imap_syncs (sync_type, status, started_at, completed_at, account, folder, "
                "total, seen, emails_found, emails_processed, reports_created, reports_duplicate, "
                "reports_failed, resumed, error_message) VALUES "
                "('auto', :state, :now, :now, '', '', 0, 0, 0, 0, 0, 0, 0, 0, 'wrong password')",
                state=state,
            )
            server.pass_by(HOUR)

    return happen


def _wait(time: timedelta) -> Callable[[Server], None]:
    return lambda server: server.pass_by(time)


def _clear(statement: str, wait: timedelta = 16 * MINUTE) -> Callable[[Server], None]:
    def happen(server: Server) -> None:
        server.do(statement)
        server.pass_by(wait)

    return happen


TROUBLE: dict[RuleName, tuple[Callable[[Server], None], Callable[[Server], None]]] = {
    RuleName.MAILCOW: (_outage, _recovery),
    RuleName.LOG_GAP: (_gap, _wait(61 * MINUTE)),
    RuleName.CLOCK: (_jump, _wait(61 * MINUTE)),
    RuleName.JOB: (_runs("success", "failed", "failed", "failed"), _runs("success")),
    RuleName.CONTAINER: (_container("exited"), _container("running")),
    RuleName.DISK: (_disk("91%"), _disk("87%")),
    RuleName.QUEUE_LENGTH: (_queued(31, HOUR, 15 * MINUTE), _queued(22, HOUR, MINUTE)),
    RuleName.QUEUE_AGE: (_queued(1, 6 * HOUR, 5 * MINUTE), _queued(1, 4 * HOUR, MINUTE)),
    RuleName.QUEUE_GROWTH: (_queued(50, 9 * MINUTE, 2 * MINUTE), _queued(3, HOUR, 16 * MINUTE)),
    RuleName.BOUNCES: (_bounced, _wait(7 * HOUR)),
    RuleName.NO_MAIL: (
        _wait(2 * HOUR),
        lambda server: server.do(
            "UPDATE messages SET first_seen = :now WHERE id = (SELECT min(id) FROM messages)"
        ),
    ),
    RuleName.QUARANTINE: (_acted, _gained),
    RuleName.MAILBOX: (_sign, _clear("UPDATE mailbox_signs SET ended_at = :now")),
    RuleName.SIGN_INS: (_guesses, _wait(31 * MINUTE)),
    RuleName.DNS: (_turn, _clear("DELETE FROM domain_dns_turns")),
    RuleName.DNS_CHANGE: (_changed, _wait(25 * HOUR)),
    RuleName.BLOCKLIST: (_listed, _clear("UPDATE blocklist_entries SET known = 'clean'")),
    RuleName.CERTIFICATE: (_certificate(6), _certificate(90)),
    RuleName.IMAP: (_synced("success", "error", "error", "error"), _synced("success")),
    RuleName.DMARC: (_report(2, 100, 50), _report(1, 100, 0)),
    RuleName.UPDATE: (_released("999.1.0"), _released(VERSION)),
}
SET = {RuleName.NO_MAIL: {"alert_no_mail_hours": 2}, RuleName.IMAP: {"dmarc_imap_enabled": True}}


def test_every_rule_has_its_trouble_here():
    assert set(TROUBLE) == set(RULES)


def test_all_rules_are_quiet_on_the_recorded_set_but_for_what_is_wrong_there(server):
    _report(1, 100, 0)(server)
    _certificate(60)(server)
    server.moment -= HOUR
    _released(VERSION)(server)
    for _ in range(3):
        server.pass_by(5 * MINUTE)
        server.look(alert_no_mail_hours=1, dmarc_imap_enabled=True)
    told = server.session.execute(text("SELECT rule, subject, text FROM alert_events")).all()
    assert {tuple(row) for row in told} == IN_TROUBLE
    known = "SELECT rule FROM alert_looks WHERE judged_at IS NOT NULL AND unknown_since IS NULL"
    assert set(server.session.scalars(text(known))) == {rule.value for rule in RULES}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_rule_begins_and_ends_with_its_trouble(server, name):
    begin, end = TROUBLE[name]
    begin(server)
    server.look(**SET.get(name, {}))
    assert server.look(**SET.get(name, {})).get(name) == 1
    server.pass_by(timedelta())
    end(server)
    server.look(**SET.get(name, {}))
    assert name not in server.look(**SET.get(name, {}))
    asked = {"rule": name, "wrong": [subject for _, subject, _ in IN_TROUBLE]}
    of_rule = text("SELECT * FROM alert_events WHERE rule = :rule AND subject <> ALL(:wrong)")
    row = server.session.execute(of_rule, asked).one()
    assert row.ended_by == "over"
    assert row.ended_at >= row.began_at
    assert row.text
    told = {row.key.partition(":")[0] for row in server.session.execute(text("SELECT key FROM notices"))}
    assert told >= ({"begin"} if RULES[name].is_momentary else {"begin", "end"})


@pytest.mark.parametrize("name", TROUBLE)
def test_a_rule_that_is_switched_off_finds_nothing(server, name):
    TROUBLE[name][0](server)
    off = {"alert_rules_off": (name.value,)}
    assert name not in {**server.look(**SET.get(name, {}), **off), **server.look(**SET.get(name, {}), **off)}
