"""The lines of one queue id -> its lives: short ids are used again, within days or at once. Pure.

A mail can be quiet for days, and the server's clock can be set forward or back between its lines, so neither
a silence nor the order of times ends a life: only an end, or another beginning, does.
"""

from collections import defaultdict
from collections.abc import Iterable

from webapp.trace.story import Event

STARTS = ("client", "pickup")
REOPENS = ("client", "pickup", "message_id", "queued")
SECOND_ID_AFTER = 60  # seconds: two Message-ID headers of one mail are logged closer together
GONE = ("removed", "canceled", "discarded", "deleted", "requeued")  # the queue file is there no longer
ENDS = (*GONE, "refused_all")
ONCE = (STARTS, ("message_id",), GONE)  # a mail has one of each of these
LONGEST_JUMP = 2 * 86_400 + 3600  # seconds by which a clock is set back at the most, at once or by and by


def split_lives(events: Iterable[Event], reusable: bool) -> list[list[Event]]:
    """The lives, oldest first, each from its first line to its last; one where the id is used only once."""
    seconds: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        seconds[event.time].append(event)
    if not reusable:
        return [[event for second in sorted(seconds) for event in seconds[second]]] if seconds else []
    lives: list[list[Event]] = []
    for second in sorted(seconds):
        if lives and not _begins_anew(lives[-1], second, {event.line.kind for event in seconds[second]}):
            lives[-1].extend(seconds[second])
        else:
            lives.append(seconds[second])
    return _rejoined(lives) if len(lives) > 1 else lives


def _begins_anew(life: list[Event], second: int, kinds: set[str]) -> bool:
    known = {event.line.kind for event in life}
    if not known.isdisjoint(ENDS):
        return not kinds.isdisjoint(REOPENS)
    if not known.isdisjoint(STARTS) and not kinds.isdisjoint(STARTS):
        return True
    is_second_id = "message_id" in known and "message_id" in kinds
    return is_second_id and second - life[-1].time > SECOND_ID_AFTER


def _rejoined(lives: list[list[Event]]) -> list[list[Event]]:
    """The lives, where a clock that was set back has put the end of a mail before other lines of it."""
    joined = lives[:1]
    for life in lives[1:]:
        if _is_one_mail(joined[-1], life):
            joined[-1].extend(life)
        else:
            joined.append(life)
    return joined


def _is_one_mail(earlier: list[Event], life: list[Event]) -> bool:
    """True where the two have nothing twice that a mail has once, and tell of the same sender and size."""
    if life[0].time - earlier[-1].time > LONGEST_JUMP:
        return False
    first, second = _kinds(earlier), _kinds(life)
    if any(not first.isdisjoint(once) and not second.isdisjoint(once) for once in ONCE):
        return False
    if first.isdisjoint(ENDS) or ("refused_all" in second and "removed" in first):
        return False
    ours, theirs = _queued(earlier), _queued(life)
    return not ours or not theirs or ours == theirs


def _kinds(life: list[Event]) -> set[str]:
    return {event.line.kind for event in life}


def _queued(life: list[Event]) -> set[tuple[str | None, int | None]]:
    return {(event.line.sender, event.line.size) for event in life if event.line.kind == "queued"}
