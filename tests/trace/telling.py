"""Lines -> messages without a database, as linking does it."""

from dataclasses import dataclass

from webapp.ingest.postfix import POSTFIX, batch_of
from webapp.ingest.rspamd import RSPAMD, scan_of
from webapp.ingest.source import Context
from webapp.trace import beforehand
from webapp.trace.compose import compose
from webapp.trace.join import pair
from webapp.trace.link import scan_story
from webapp.trace.trace import trace_queue_id, trace_refusal
from webapp.trace.verdict import Surroundings

OURS = Surroundings(frozenset({"ours.example"}), ("172.22.1.0/24", "fd4d:6169:6c63:6f77::/64"))
START = 1_795_000_000


@dataclass
class Told:
    """One message: its content and its recipients."""

    content: object
    people: list

    def __getattr__(self, name):
        return getattr(self.content, name)

    @property
    def outcomes_by_recipient(self):
        return {person.envelope: str(person.status) for person in self.people}


def told(lines, scans=()):
    """The messages that these lines tell of, oldest first; each line is (seconds, program, message)."""
    rows = [
        {"time": str(START + second), "program": program, "priority": "info", "message": message}
        for second, program, message in lines
    ]
    batch = batch_of([POSTFIX.record(row) for row in rows], Context(OURS, 600))
    stories = []
    for queue_id, events in batch.events.items():
        stories += trace_queue_id(queue_id, events.values())
    beforehand.decide(stories, batch.acts)
    records = [RSPAMD.record({**scan, "unix_time": START + scan["unix_time"]}) for scan in scans]
    alone = pair(stories, [scan_of(record) for record in records], 600)
    stories += [trace_refusal(event) for event in batch.refusals] + [scan_story(scan) for scan in alone]
    found = [compose(story, OURS) for story in sorted(stories, key=lambda story: story.first_seen)]
    return [Told(one.content, one.people) for one in found]
