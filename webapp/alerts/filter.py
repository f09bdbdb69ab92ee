"""What events can be filtered by: for the page and the API."""

from typing import Annotated, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, or_

from webapp.alerts.answers import EventState
from webapp.alerts.events import OFF, OVER
from webapp.alerts.notice import Severity
from webapp.alerts.words import TITLES, RuleName
from webapp.lists.conditions import literal
from webapp.lists.params import Period, Text, one_of
from webapp.lists.plainlist import PlainFilter, orders
from webapp.tables.alerts import AlertEvent

STATES = {
    EventState.OPEN: AlertEvent.ended_at.is_(None),
    EventState.OVER: AlertEvent.ended_by == OVER,
    EventState.OFF: AlertEvent.ended_by == OFF,
}


class EventFilter(PlainFilter, Period):
    """The query parameters of GET /api/alerts and of the page Alerts."""

    usual_order: ClassVar[str] = "-ended"
    rule_choices: ClassVar[list[tuple[str, str]]] = [(name.value, TITLES[name]) for name in RuleName]
    search: Text = Field(None, title="Search", description="Search in what it is about and in the sentence")
    rule: Annotated[str | None, one_of(*RuleName)] = Field(
        None, title="Rule", description="Events of one rule, by its name"
    )
    state: Annotated[str | None, one_of(*EventState)] = Field(
        None, title="State", description="open, over, or off (the rule was switched off)"
    )
    severity: Annotated[str | None, one_of(*Severity)] = Field(
        None, title="Severity", description="info, warning, critical"
    )
    sort: orders("ended", "began", "rule", "subject") = Field(  # type: ignore[valid-type]
        None, description="Order; without it open events first, then those that ended last"
    )

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions in SQL; what has not lasted long enough yet is no event."""
        event = AlertEvent
        found: list[ColumnElement[bool]] = [event.confirmed_at.is_not(None)]
        if self.search:
            like = f"%{literal(self.search)}%"
            found.append(or_(event.subject.ilike(like), event.aspect.ilike(like), event.text.ilike(like)))
        if self.rule:
            found.append(event.rule == self.rule)
        if self.state:
            found.append(STATES[EventState(self.state)])
        if self.severity:
            found.append(event.severity == self.severity)
        if self.start_date:
            found.append(or_(event.ended_at.is_(None), event.ended_at >= self.start_date))
        if self.end_date:
            found.append(event.began_at <= self.end_date)
        return found
