"""The list of events, declared once."""

from sqlalchemy import func, literal

from webapp.alerts.answers import EventRow
from webapp.alerts.filter import EventFilter
from webapp.lists.plainlist import PlainList
from webapp.tables.alerts import AlertEvent
from webapp.tables.db import Moment

EVENTS = PlainList(
    noun="event",
    path="/alerts",
    template="alerts/list.html",
    source=AlertEvent.__table__,
    filter=EventFilter,
    shape=EventRow,
    order={
        "ended": func.coalesce(AlertEvent.ended_at, literal("infinity", Moment)),
        "began": AlertEvent.began_at,
        "rule": AlertEvent.rule,
        "subject": AlertEvent.subject,
    },
    key=AlertEvent.id,
)
