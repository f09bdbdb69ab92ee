"""Rules about reading mailcow's logs and about the background jobs."""

from collections.abc import Sequence
from datetime import datetime

from webapp.alerts.facts import flow
from webapp.alerts.facts import reading as facts
from webapp.alerts.finding import HOUR, MINUTE, AnyRule, Finding, Rule, plain
from webapp.alerts.notice import Severity
from webapp.alerts.words import RuleName
from webapp.config import Settings

FAILING_FOR = 10 * MINUTE  # at least, from the first run that failed
OF_ANOTHER_RULE = ("dmarc_imap_sync",)  # jobs whose failures are told by what they fail at
AROUND = MINUTE  # before and after an outage of mailcow in which a job may fail for it


def judge_gaps(found: Sequence[facts.Break], settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """Lines of a log were lost within the last hour."""
    lost = [one for one in found if seconds(one) >= settings.alert_log_gap_seconds]
    return [_lost(source, lost) for source in dict.fromkeys(one.source for one in lost)]


def _lost(source: str, lost: Sequence[facts.Break]) -> Finding:
    mine = [one for one in lost if one.source == source]
    total = sum(seconds(one) for one in mine)
    times = "once" if len(mine) == 1 else f"{len(mine)} times"
    text = f"Lines of the {source} log were lost {times} in the last hour, over {_span(total)}"
    numbers = {"gaps": len(mine), "seconds": total}
    return Finding(source, text, numbers, since=min(one.detected_at for one in mine), link="/status#gaps")


def judge_jumps(found: Sequence[facts.Break], settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """The mail server's clock jumped within the last hour."""
    wide = [one for one in found if seconds(one) >= settings.alert_clock_seconds]
    if not wide:
        return []
    widest = max(wide, key=seconds)
    way = "back" if widest.end < widest.start else "ahead"
    text = f"The mail server's clock jumped {way} by {_span(seconds(widest))}"
    numbers = {"jumps": len(wide), "seconds": seconds(widest)}
    return [Finding("", text, numbers, since=min(one.detected_at for one in wide), link="/status#jumps")]


def seconds(one: facts.Break) -> int:
    """How far its two times lie apart."""
    return int(abs((one.end - one.start).total_seconds()))


def _span(total: int) -> str:
    return f"{total} s" if total < 120 else f"{total // 60} minutes"


def judge_runs(found: facts.Runs, settings: Settings, moment: datetime) -> Sequence[Finding]:
    """A job whose last runs all failed; those while mailcow did not answer are its outage's."""
    findings = []
    for job, runs in found.by_job.items():
        if job in OF_ANOTHER_RULE:
            continue
        failed = []
        for run in runs:
            if _in_outage(run, found):
                continue
            if not run.failed:
                break
            failed.append(run)
        if len(failed) >= settings.alert_job_failures and moment - failed[-1].started_at >= FAILING_FOR:
            findings.append(_failing(job, failed))
    return findings


def _in_outage(run: facts.Run, found: facts.Runs) -> bool:
    return any(begin - AROUND <= run.started_at <= end + AROUND for begin, end in found.outages)


def _failing(job: str, failed: Sequence[facts.Run]) -> Finding:
    text = plain(f"The job {job} failed {len(failed)} times in a row: {failed[0].error}")
    return Finding(
        job, text, {"failures": len(failed)}, since=failed[-1].started_at, link=f"/status/jobs/{job}"
    )


def judge_newest(found: flow.Newest, settings: Settings, moment: datetime) -> Sequence[Finding]:
    """No mail for hours, although the log is read."""
    hours = (moment - found.at) / HOUR
    if hours < settings.alert_no_mail_hours:
        return []
    text = f"The log is read, and the last mail in it began {hours:.0f} hours ago"
    return [Finding("", text, {"hours": round(hours, 1)}, since=found.at, link="/messages")]


def judge_syncs(found: facts.Syncs, settings: Settings, _moment: datetime) -> Sequence[Finding]:
    """Fetching reports by IMAP failed again and again."""
    if found.failed < settings.alert_imap_failures:
        return []
    text = plain(f"Fetching reports by IMAP failed {found.failed} times in a row: {found.error}")
    return [Finding("", text, {"failures": found.failed}, since=found.since, link="/dmarc")]


RULES: tuple[AnyRule, ...] = (
    Rule(
        RuleName.LOG_GAP,
        Severity.WARNING,
        facts.gaps,
        judge_gaps,
        lambda s: f"{s.alert_log_gap_seconds} s or more are missing; over after an hour without another",
        ("alert_log_gap_seconds",),
    ),
    Rule(
        RuleName.CLOCK,
        Severity.WARNING,
        facts.jumps,
        judge_jumps,
        lambda s: f"by {s.alert_clock_seconds} s or more; over after an hour without another",
        ("alert_clock_seconds",),
    ),
    Rule(
        RuleName.JOB,
        Severity.WARNING,
        facts.runs,
        judge_runs,
        lambda s: f"{s.alert_job_failures} failures in a row, over ten minutes; over with a success",
        ("alert_job_failures",),
    ),
    Rule(
        RuleName.NO_MAIL,
        Severity.CRITICAL,
        flow.newest,
        judge_newest,
        lambda s: (
            f"none for {s.alert_no_mail_hours} hours; over with the next"
            if s.alert_no_mail_hours
            else "none for some hours, where they are set"
        ),
        ("alert_no_mail_hours",),
        is_wanted=lambda s: s.alert_no_mail_hours > 0,
    ),
    Rule(
        RuleName.IMAP,
        Severity.WARNING,
        facts.syncs,
        judge_syncs,
        lambda s: f"{s.alert_imap_failures} failures in a row; over with a success",
        ("alert_imap_failures",),
        is_wanted=lambda s: s.dmarc_imap_enabled,
    ),
)
