"""What is told of a group of messages: for page, API and CSV."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from webapp.lists.answer import CsvColumn
from webapp.lists.daylist import Found
from webapp.lists.plainlist import orders
from webapp.lists.rules import word_of
from webapp.messages.filter import MessageFilter
from webapp.messages.grouping import GROUPINGS
from webapp.web.openapi import described

SORTS = (
    "group",
    "messages",
    "recipients",
    "delivered",
    "bounced",
    "deferred",
    "rejected",
    "spam",
    "failure_rate",
    "last_seen",
)


class GroupFilter(MessageFilter):
    """The query parameters of the Messages page's other tabs: which messages, in which order their groups."""

    sort: orders(*SORTS) = Field(  # type: ignore[valid-type]
        None,
        description="Order of the groups, descending with a minus sign before it: "
        + ", ".join(SORTS)
        + "; without it the largest come first, and the newest hours",
    )


class GroupQuery(GroupFilter):
    """The query parameters of GET /api/messages/groups."""

    by: Annotated[str, word_of(*GROUPINGS)] = Field(description=f"What to group by: {', '.join(GROUPINGS)}")


@dataclass(slots=True)
class GroupRow:
    """The messages of one group, counted as the list's filter `status` finds them.

    A message with several recipients can count under several outcomes, and in several groups of recipients,
    destinations and reasons; `recipients` are those of this group. `failed` are bounced or expired,
    `failure_rate` is their share in per cent. `usual_per_day` is the median of the messages a day over the
    whole days kept before today (of an hour: in that hour), with the same filter at any time; null where no
    whole day is kept. `filter` are the parameters of /api/messages that find the group. `reply` is what one
    of the servers said, without names and numbers (reasons only).
    """

    group: str
    label: str
    messages: int
    recipients: int
    delivered: int
    bounced: int
    deferred: int
    rejected: int
    spam: int
    failed: int
    failure_rate: float
    last_seen: datetime
    usual_per_day: float | None
    reply: str | None
    filter: dict[str, str]

    @property
    def hour(self) -> datetime | None:
        """The beginning of an hour; None for all other groups."""
        return datetime.fromisoformat(self.group) if "start_date" in self.filter else None

    @property
    def hour_end(self) -> datetime | None:
        """The end of an hour."""
        return self.hour + timedelta(hours=1) if self.hour else None


@dataclass(slots=True)
class GroupAnswer:
    """One page of groups. `days` are the whole days that usual levels are taken from."""

    by: str
    days: int
    total: int
    page: int
    limit: int
    pages: int
    data: list[GroupRow]


@dataclass(frozen=True)
class Groups:
    """One page of groups, and from how many whole days their usual levels are."""

    found: Found[GroupRow]
    days: int


def group_answer(by: str, groups: Groups) -> GroupAnswer:
    """The page as the API gives it."""
    found = groups.found
    return GroupAnswer(by, groups.days, found.total, found.page, found.limit, found.pages, list(found.rows))


@dataclass(frozen=True)
class Tab:
    """What a tab says besides its rows: its words, its order without `sort`, and what its usual level is."""

    noun: str
    a_noun: str
    head: str
    path: str
    order: str
    rule: str
    usual: str
    news_every: int = 0


def tab_of(by: str, days: int) -> Tab:
    """The tab that groups `by`, whose usual levels are from so many whole days."""
    grouping = GROUPINGS[by]
    kept = f"of the {days} whole days kept" if days else "(no whole day is kept yet)"
    return Tab(
        grouping.one,
        grouping.a_one,
        grouping.head,
        f"/messages/by/{by}",
        grouping.order,
        grouping.rule,
        f"{grouping.usual_words} {kept}",
    )


EXAMPLE: dict[str, Any] = {
    "by": "accounts",
    "days": 7,
    "total": 1,
    "page": 1,
    "limit": 50,
    "pages": 1,
    "data": [
        {
            "group": "user@example.com",
            "label": "user@example.com",
            "messages": 120,
            "recipients": 131,
            "delivered": 112,
            "bounced": 5,
            "deferred": 3,
            "rejected": 0,
            "spam": 0,
            "failed": 5,
            "failure_rate": 4.17,
            "last_seen": "2026-01-25T10:30:00Z",
            "usual_per_day": 15.5,
            "reply": None,
            "filter": {"account": "user@example.com"},
        }
    ],
}
GroupPage = described(GroupAnswer, EXAMPLE)
GROUP_CSV = (
    CsvColumn("Group", "label"),
    CsvColumn("Messages", "messages"),
    CsvColumn("Recipients", "recipients"),
    CsvColumn("Delivered", "delivered"),
    CsvColumn("Bounced", "bounced"),
    CsvColumn("Deferred", "deferred"),
    CsvColumn("Rejected", "rejected"),
    CsvColumn("Spam", "spam"),
    CsvColumn("Failed", "failed"),
    CsvColumn("Failure Rate", "failure_rate"),
    CsvColumn("Last Seen", "last_seen"),
    CsvColumn("Usual Per Day", "usual_per_day"),
    CsvColumn("Reply", "reply"),
)
