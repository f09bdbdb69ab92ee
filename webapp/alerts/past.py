"""In a demo, the trouble of the day before it was started, by the rules that judge stored lines.

It is kept without a word: nobody is told of what was over before there was anybody to tell.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.alerts.events import Look, keep
from webapp.alerts.finding import DAY, MINUTE
from webapp.alerts.rules.table import RULES
from webapp.alerts.words import RuleName
from webapp.config import Settings
from webapp.parse.words import LogSource

STEP = 5 * MINUTE
OF_LINES = (RuleName.BOUNCES, RuleName.SIGN_INS)
MARK = text(
    "INSERT INTO alert_looks (rule, judged_at) SELECT 'past', :moment WHERE "
    "(SELECT count(*) FROM log_cursors WHERE fetched_at IS NOT NULL AND source = ANY(:sources)) >= :all "
    "ON CONFLICT (rule) DO NOTHING RETURNING rule"
)


def look_back(session: Session, settings: Settings, moment: datetime) -> Iterator[dict[str, int]]:
    """Judge the past day once, as soon as all logs are read; yields where the caller should commit."""
    asked = {"moment": moment, "sources": list(LogSource), "all": len(LogSource)}
    if settings.demo_mode and session.scalar(MARK, asked):
        at = moment - DAY
        while at < moment - STEP:
            found = {name: RULES[name].load(session, settings, at) for name in OF_LINES}
            judged = {name: RULES[name].judge(facts, settings, at) for name, facts in found.items()}
            keep(session.connection(), Look(at, settings, RULES), {**dict.fromkeys(RULES), **judged})
            at += STEP
    yield {}
