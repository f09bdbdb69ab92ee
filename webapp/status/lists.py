"""The list of a job's runs, declared once."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement

from webapp.lists.params import Text
from webapp.lists.plainlist import PlainFilter, PlainList, orders
from webapp.tables.jobs import JobRun


class RunFilter(PlainFilter):
    """Which runs: those of one job, the newest first."""

    usual_order: ClassVar[str] = "-started"
    sort: orders("started") = Field(None, description="Order of the runs")  # type: ignore[valid-type]
    name: Text = Field(None, description="The job's name")

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions in SQL."""
        return [JobRun.name == self.name]


@dataclass(slots=True)
class RunRow:
    """One run of a job: `result` are its figures, `error` is one sentence."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    status: str
    result: dict[str, int] | None
    error: str | None


RUNS = PlainList(
    noun="run",
    path="/status/jobs",
    template="status/job.html",
    source=JobRun.__table__,
    filter=RunFilter,
    shape=RunRow,
    order={"started": JobRun.id},
    key=JobRun.id,
)
