"""Periods in the URLs of pages: what a form gives in the pages' zone becomes moments in UTC by a redirect.

So a link shows others the same, and JSON and CSV take it as it is.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from webapp.web.page import link, settings
from webapp.web.times import Times

FIELDS = ("start_date", "end_date", "around")
MOST_AROUND = 7 * 1440  # minutes


def changes(asked: Mapping[str, str], times: Times) -> dict[str, str | None]:
    """The parameters of a period that have to be others; empty where all name their zone."""
    if around := times.absolute(asked.get("around", "")):
        middle, span = datetime.fromisoformat(around), timedelta(minutes=_minutes(asked.get("within", "")))
        bounds = {"start_date": times.iso(middle - span), "end_date": times.iso(middle + span)}
        return {**bounds, "around": None, "within": None}
    ends = {
        "start_date": times.absolute(asked.get("start_date", "")),
        "end_date": times.absolute(asked.get("end_date", ""), last=True),
    }
    return {name: moment for name, moment in ends.items() if moment}


def _minutes(typed: str) -> int:
    with suppress(ValueError):
        return min(max(int(typed), 1), MOST_AROUND)
    return 30


def make_absolute() -> ResponseReturnValue | None:
    """A redirect to the same page with moments in UTC, where its period is told in the pages' zone."""
    if request.method != "GET" or request.path.startswith("/api/") or request.args.keys().isdisjoint(FIELDS):
        return None
    changed = changes(request.args, Times(settings().tz))
    return redirect(link(changed)) if changed else None


def init_app(app: Flask) -> None:
    """Look at every request before it is answered."""
    app.before_request(make_absolute)
