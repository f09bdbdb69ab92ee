"""Sending the summary: once in each week of the administrator's zone, whoever asks and however often."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from webapp.alerts.channels import SUMMARY
from webapp.alerts.inert import for_mail
from webapp.alerts.notice import Notice, Severity
from webapp.alerts.outbox import Letter, put_letter
from webapp.config import Settings
from webapp.tables.db import now
from webapp.web.filters import Times
from webapp.web.letters import letter
from webapp.weekly.flow import kept
from webapp.weekly.present import headline, sections
from webapp.weekly.sections import Section, as_text
from webapp.weekly.summary import Summary, summarise
from webapp.weekly.week import week_until

PAGE = "/alerts/summary"
TOLD = 4  # figures that a chat is told


def put_summary(session: Session, settings: Settings) -> dict[str, int]:
    """Put the summary of the last seven days into the outbox; returns the figures of the run. Nothing is put
    before there is any record, or where this week's is there already."""
    if kept(session).first_day is None:
        return {"summaries": 0}
    moment = now()
    found = summarise(session, week_until((moment - timedelta(days=1)).date()))
    year, number, _ = moment.astimezone(ZoneInfo(settings.tz)).isocalendar()
    parts = sections(found, Times(settings.tz))
    notice = _notice(found, f"{SUMMARY}:{year}-W{number:02}")
    return {
        "summaries": int(put_letter(session.connection(), notice, _letter(settings, found, notice, parts)))
    }


def _notice(found: Summary, key: str) -> Notice:
    figures = [f"{one.label}: {one.value:,}" for one in found.flow.messages[1 : 1 + TOLD]]
    return Notice(
        key,
        (SUMMARY,),
        Severity.INFO,
        f"Week of {found.week.words}",
        (headline(found), "; ".join(figures)),
        f"{PAGE}?last={found.week.days.last.isoformat()}",
    )


def _letter(settings: Settings, found: Summary, notice: Notice, parts: list[Section]) -> Letter:
    def address(path: str) -> str:
        return settings.app_url + path if settings.app_url else f"In the viewer: {path}"

    text = as_text(notice.title, headline(found), [*parts], address, for_mail)
    html = letter(
        "mail/summary.html",
        title=notice.title,
        head=headline(found),
        sections=parts,
        clean=for_mail,
        page=notice.link,
        app_title=settings.app_title,
        app_url=settings.app_url,
    )
    return Letter(text, html)
