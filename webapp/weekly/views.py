"""The summary of a week as JSON and as a page that can be printed."""

from datetime import date, timedelta

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.alerts.channels import SUMMARY, channels
from webapp.lists.page import given
from webapp.tables.db import db, now
from webapp.web.filters import Times
from webapp.web.openapi import documented
from webapp.web.page import settings
from webapp.weekly.answers import SummaryAnswer, SummaryFilter, week_answer
from webapp.weekly.present import headline, sections, sent_words
from webapp.weekly.summary import Summary, summarise
from webapp.weekly.week import LENGTH, asked_week

api = Blueprint("weekly_api", __name__)
pages = Blueprint("weekly_pages", __name__)


def _summary() -> Summary:
    return summarise(db.session(), asked_week(given(SummaryFilter).last_day, now().date()))


@api.get("/api/alerts/summary")
@documented("Alerts", query=SummaryFilter, answer=SummaryAnswer)
def summary_answer() -> ResponseReturnValue:
    """The summary of seven days against the seven before

    Each figure is that of the list at its `url`. Nothing is compared with days that were not recorded.
    """
    return jsonify(week_answer(_summary()))


def _later(last: date) -> str | None:
    """The last day of the week after, or of the latest one; None where this is it."""
    latest = now().date() - timedelta(days=1)
    return min(last + timedelta(days=LENGTH), latest).isoformat() if last < latest else None


@pages.get("/alerts/summary")
def summary() -> ResponseReturnValue:
    """The same for people, on screen and on paper."""
    found, config = _summary(), settings()
    taking = [one.service for one in channels(config) if one.takes((SUMMARY,))]
    return render_template(
        "weekly/summary.html",
        week=found.week,
        head=headline(found),
        sections=sections(found, Times(config.tz)),
        later=_later(found.week.days.last),
        sent=sent_words(taking, on=config.enable_weekly_summary),
    )
