"""What rules make of several sources, and of very many subjects at once."""

from sqlalchemy import text

from tests.alerts.recorded_server import HOUR, MINUTE
from webapp.alerts.words import RuleName
from webapp.dnscheck import save as dns
from webapp.dnscheck.check import DomainCheck
from webapp.dnscheck.findings import Grade, Status
from webapp.mailcow.connection import Answering


def test_sign_ins_that_netfilter_does_not_know_are_told_by_dovecot(server):
    """The attempts of its lines are added up; what both know is counted once."""
    server.guess(20)
    server.do(
        "INSERT INTO dovecot_logs (time, id, digest, ordinal, event, username, by_rule, ip, attempts, "
        "message) SELECT CAST(:now AS timestamptz) - n * interval '10 seconds', -n, n, 0, 'refused', "
        "CASE WHEN n <= 10 THEN 'anna@example.org' ELSE 'eva@example.org' END, false, '192.0.2.9', 3, '' "
        "FROM generate_series(1, 18) AS n"
    )
    assert server.look()[RuleName.SIGN_INS] == 2
    rows = server.session.execute(text("SELECT subject, numbers FROM alert_events WHERE rule = 'sign_ins'"))
    assert {row.subject: (row.numbers["refused"], row.numbers["source"]) for row in rows} == {
        "anna@example.org": (30, "dovecot"),
        "eva@example.org": (24, "dovecot"),
    }


def test_500_domains_whose_records_are_gone_are_one_notice_and_their_return_another(server):
    """From the check of DNS to the outbox."""

    def checked(status: Status, record: str | None, domains: range) -> None:
        grade = Grade(status=status, message="There is no SPF record", record=record)
        names = [f"d{number:03}.example" for number in domains]
        save([DomainCheck(domain=name, checked_at=server.moment, grades={"spf": grade}) for name in names])

    def save(checks: list[DomainCheck]) -> None:
        dns.save(server.session.connection(), checks, full=True)

    def told() -> list[tuple[str, str]]:
        asked = text("SELECT key, title FROM notices WHERE kinds && '{dns}' ORDER BY made_at")
        return [(row.key.partition(":")[0], row.title) for row in server.session.execute(asked)]

    others = tuple(name.value for name in RuleName if name is not RuleName.DNS)
    server.settings = server.settings.model_copy(update={"alert_rules_off": others})
    checked(Status.SUCCESS, "v=spf1 mx -all", range(500))
    server.pass_by(6 * HOUR)
    server.look()
    assert told() == []
    server.pass_by(6 * HOUR)
    checked(Status.ERROR, None, range(500))
    assert server.look()[RuleName.DNS] == 500
    server.pass_by(6 * HOUR)
    server.look()
    checked(Status.SUCCESS, "v=spf1 mx -all", range(500))
    server.look()
    server.look()
    assert told() == [
        ("begin", "A domain's DNS turned worse (500)"),
        ("end", "Over: A domain's DNS turned worse (500)"),
    ]


def test_a_job_that_failed_only_while_mailcow_was_away_is_not_told(server):
    """Not while it is away, nor in the minutes after its return in which the outage is still open."""
    server.answers(Answering.FAILING)
    for _ in range(12):
        server.do(
            "INSERT INTO job_runs (name, started_at, finished_at, status, error) VALUES "
            "('collect_status', :now, :now, 'failed', 'mailcow cannot be reached')"
        )
        server.pass_by(MINUTE)
        server.look()
    server.answers(Answering.CONNECTED)
    assert server.look().keys() >= {RuleName.MAILCOW}
    assert RuleName.JOB not in server.look()
    server.pass_by(3 * MINUTE)
    assert {RuleName.MAILCOW, RuleName.JOB}.isdisjoint(server.look())
    kinds = set(server.session.scalars(text("SELECT DISTINCT unnest(kinds) FROM notices")))
    assert RuleName.JOB not in kinds
