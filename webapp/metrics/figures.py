"""The figures for Prometheus: the same ones that the API and the pages tell, from the same queries."""

from collections.abc import Iterable, Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.alerts import queries as trouble
from webapp.alerts.answers import RuleState
from webapp.config import VERSION, Settings
from webapp.jobqueue import results, timetable
from webapp.mailcow import snapshots
from webapp.mailcow.live import QUARANTINE, QUEUE
from webapp.mailcow.server import CONTAINERS, STORAGE, server_state
from webapp.metrics.requests import latencies
from webapp.status import imports, queries, standing

NAME = "mailcow_viewer_"


class Figures(Collector):
    """All figures at one moment."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self.session, self.settings = session, settings

    def collect(self) -> Iterator[Metric]:
        """The families, one after the other."""
        yield InfoMetricFamily(NAME + "build", "The running version", value={"version": VERSION})
        yield from logs(imports.read_imports(self.session, self.settings))
        yield messages(standing.tally(self.session.connection()))
        yield from mailcow(self.session)
        yield from jobs(self.session, [timing.name for timing in timetable(self.settings)])
        yield alerts(self.session, self.settings)
        if self.settings.metrics_mailboxes:
            yield from mailboxes(self.session)
        yield requests()


def exposition(session: Session, settings: Settings) -> bytes:
    """The figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(session, settings))
    return generate_latest(registry)


def logs(read: Iterable[imports.Import]) -> Iterator[Metric]:
    """Per log: lag, lines, gaps, rows set aside."""
    lag = _gauge("ingest_lag_seconds", "Seconds since the log was last read to its head", "source")
    newest = _gauge("newest_line_timestamp_seconds", "Time of the newest stored line", "source")
    lines = _gauge("lines_stored", "Stored lines; an estimate above 10000", "source")
    lost = _gauge(
        "log_gaps",
        "Spans within the retention in which mailcow dropped lines before they were read",
        "source",
    )
    aside = _gauge("rows_set_aside", "Rows within the retention that could not be understood", "source")
    for one in read:
        if one.lag is not None:
            lag.add_metric([one.source], one.lag)
        if one.newest_entry:
            newest.add_metric([one.source], one.newest_entry.timestamp())
        lines.add_metric([one.source], one.total)
        lost.add_metric([one.source], one.lost)
        aside.add_metric([one.source], one.set_aside)
    return iter((lag, newest, lines, lost, aside))


def messages(tally: standing.Tally) -> Metric:
    """Stored messages by outcome and direction."""
    family = _gauge("messages", "Stored messages; pending: without an outcome so far", "outcome", "direction")
    counts = {(outcome, way): 0 for outcome, way, _ in sorted(tally.counts)}
    for (outcome, way, _), number in tally.counts.items():
        counts[outcome, way] += number
    for labels, number in counts.items():
        family.add_metric(labels, number)
    return family


def mailcow(session: Session) -> Iterator[Metric]:
    """mailcow's last word: its answer to the last question, the queue and quarantine, containers."""
    up = _gauge("mailcow_up", "1 while mailcow answers")
    up.add_metric([], queries.connection_state().connected)
    size = _gauge("queue_messages", "Messages in mailcow's queue, as of the snapshot")
    held = _gauge("quarantine_messages", "Rows in mailcow's quarantine, as of the snapshot")
    age = _gauge("snapshot_age_seconds", "Seconds since mailcow gave the snapshot", "snapshot")
    containers = _gauge("containers", "mailcow's containers", "state")
    lists, state = snapshots.load(session, QUEUE.name, QUARANTINE.name), server_state(session)
    for family, source in ((size, QUEUE), (held, QUARANTINE)):
        rows = lists[source.name].data
        if isinstance(rows, list):
            family.add_metric([], len(rows))
    for name, snapshot in {**lists, CONTAINERS: state.containers, STORAGE: state.storage}.items():
        if snapshot.age is not None:
            age.add_metric([name], snapshot.age)
    if state.containers.taken_at:
        counts = queries.running(state.containers)
        containers.add_metric(["running"], counts.running)
        containers.add_metric(["stopped"], counts.stopped)
    return iter((up, size, held, age, containers))


def jobs(session: Session, names: list[str]) -> Iterator[Metric]:
    """Per job: runs by result, when and for how long it ran last, when it last succeeded."""
    runs = CounterMetricFamily(NAME + "job_runs", "Finished runs by result", labels=["job", "result"])
    for (name, result), times in sorted(results().items()):
        runs.add_metric([name, result], times)
    started = _gauge("job_last_run_timestamp_seconds", "When the last finished run began", "job")
    took = _gauge("job_last_duration_seconds", "How long the last finished run took", "job")
    succeeded = _gauge("job_last_success_timestamp_seconds", "When the last successful run began", "job")
    for row in session.execute(text(LAST_RUNS), {"names": names}):
        if row.started_at:
            started.add_metric([row.name], row.started_at.timestamp())
            took.add_metric([row.name], row.seconds)
        if row.succeeded_at:
            succeeded.add_metric([row.name], row.succeeded_at.timestamp())
    return iter((runs, started, took, succeeded))


def alerts(session: Session, settings: Settings) -> Metric:
    """Open events of each rule that is not switched off."""
    family = _gauge("alerts_open", "Events of trouble that are open", "rule")
    for rule in trouble.rules(session, settings).rules:
        if rule.state is not RuleState.OFF:
            family.add_metric([rule.name], rule.open)
    return family


LAST_RUNS = """
    SELECT names.name, last.started_at, extract(epoch FROM last.finished_at - last.started_at)::float AS
        seconds,
           good.started_at AS succeeded_at
    FROM unnest(CAST(:names AS text[])) AS names (name)
    LEFT JOIN LATERAL (SELECT * FROM job_runs WHERE name = names.name AND finished_at IS NOT NULL ORDER BY id
        DESC LIMIT 1) AS last ON true
    LEFT JOIN LATERAL (SELECT * FROM job_runs WHERE name = names.name AND status = 'success' ORDER BY id DESC
        LIMIT 1) AS good ON true"""


def mailboxes(session: Session) -> Iterator[Metric]:
    """What each mailbox sent today (UTC), and what of it was not delivered: those that sent most, 500 at
    most."""
    sent = _gauge("mailbox_sent_recipients", "Recipients to whom the mailbox sent today (UTC)", "mailbox")
    failed = _gauge(
        "mailbox_failed_recipients",
        "Of these, bounced, deferred, rejected or expired",
        "mailbox",
    )
    for row in session.execute(text(SENDERS), {"most": MOST_MAILBOXES}):
        sent.add_metric([row.username], row.sent)
        failed.add_metric([row.username], row.failed)
    return iter((sent, failed))


MOST_MAILBOXES = 500  # each is a time series of its own in Prometheus
SENDERS = """
    SELECT username, sent_total AS sent, sent_bounced + sent_deferred + sent_rejected + sent_expired AS failed
    FROM address_days JOIN mailboxes ON username = address
    WHERE day = (now() AT TIME ZONE 'UTC')::date AND sent_total > 0 ORDER BY 2 DESC, 1 LIMIT :most"""


def requests() -> Metric:
    """How long requests took, by endpoint, method and class of the status."""
    family = HistogramMetricFamily(
        NAME + "request_duration_seconds",
        "Time until the answer began",
        labels=["endpoint", "method", "status"],
    )
    for labels, (buckets, seconds) in latencies().items():
        family.add_metric(list(labels), buckets, seconds)
    return family


def _gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(NAME + name, meaning, labels=labels)
