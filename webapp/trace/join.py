"""Which Rspamd row belongs to which story. Pure and independent of order: the same sets give the same
pairs."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable

from webapp.parse.address import original_sender, untagged
from webapp.parse.words import Kind, Outcome, RspamdAction
from webapp.trace.story import Scan, Story

CLOCK_SLACK = 5  # seconds between the clocks of Postfix and Rspamd
UNSCANNED = ("bcc", "quarantine", "quarantine_notice", "notice")  # services without a milter
REFUSING = (RspamdAction.REJECT, RspamdAction.SOFT_REJECT, RspamdAction.GREYLIST)
UNKNOWN = ("", "unknown")


def expects_scan(story: Story) -> bool:
    """True where Rspamd must have logged a row for this mail."""
    if story.kind != Kind.QUEUE or story.service in UNSCANNED or story.aborted:
        return False
    if story.queued_at is None and story.refusal is None:
        return False
    refusal = story.refusal.line if story.refusal else None
    if refusal is None:
        return True
    reason = (refusal.reply or "").lower()
    scanned = refusal.kind == "refused_all" and refusal.stage == "END-OF-MESSAGE"
    return scanned and "gtube" not in reason and "service unavailable" not in reason


def pair(stories: Iterable[Story], scans: Iterable[Scan], window: int) -> list[Scan]:
    """Give every story its scan; returns the scans that no story claims. `window` in seconds.

    Within the stories and scans that share a Message-ID, the closest pairs are made first: same sender, same
    client address, most common recipients, a verdict as Postfix took it, least distance in time.
    """
    by_key: dict[int, list[Scan]] = defaultdict(list)
    left = {scan.identity: scan for scan in scans}
    for scan in left.values():
        if scan.mid_key is not None:
            by_key[scan.mid_key].append(scan)
    for sharing in by_key.values():
        sharing.sort(key=_time)
    candidates = []
    for story in stories:
        story.scan = None
        if story.kind != Kind.QUEUE or story.service in UNSCANNED:
            continue
        for scan in (scan for key in story.mid_keys for scan in _within(by_key[key], *_span(story, window))):
            distance = _distance(story, scan)
            if distance is not None:
                candidates.append(
                    (distance, scan.identity, story.first_seen, story.queue_id or "", story, scan)
                )
    candidates.sort(key=lambda candidate: candidate[:4])
    for *_, story, scan in candidates:
        if story.scan is None and scan.identity in left:
            story.scan = left.pop(scan.identity)
    return list(left.values())


def _time(scan: Scan) -> int:
    return scan.time


def _within(scans: list[Scan], start: int, end: int) -> list[Scan]:
    """Those between two Unix seconds, of scans in the order of their times."""
    return scans[bisect_left(scans, start, key=_time) : bisect_right(scans, end, key=_time)]


def _data_end(story: Story) -> int | None:
    return story.queued_at or (story.refusal.time if story.refusal else None)


def _span(story: Story, window: int) -> tuple[int, int]:
    """The Unix seconds between which its scan must have begun."""
    data_end = _data_end(story)
    latest = max(data_end, story.arrived_at or 0) if data_end else story.first_seen + window
    return story.first_seen - CLOCK_SLACK, latest + CLOCK_SLACK


def _distance(story: Story, scan: Scan) -> tuple[int, ...] | None:
    """How badly the two fit (smaller is better), or None where they cannot be the same mail.

    Maps that rewrite the sender (SRS, canonical) run after Rspamd has heard it: where the client is the same,
    another sender is a distance.
    """
    address_known = scan.ip is not None and scan.ip not in UNKNOWN and story.client_ip is not None
    if address_known and scan.ip not in (story.client_ip, story.hop_ip):
        return None
    sender_known = story.sender is not None and scan.sender is not None
    is_other = sender_known and not same_sender(story.sender, scan.sender)
    if is_other and not address_known:
        return None
    strangers = (
        len(_people(story) - {untagged(address) for address in scan.recipients}) if story.recipients else 0
    )
    doubt = (not address_known) + (not sender_known)
    data_end = _data_end(story)
    contrary = data_end is not None and (story.queued_at is None) != (scan.action in REFUSING)
    distance = abs(scan.time - (data_end or story.first_seen))
    return int(is_other), doubt, strangers, int(contrary), distance


def same_sender(logged: str | None, scanned: str | None) -> bool:
    """True where both programs mean the same envelope sender; Rspamd writes `unknown` for the null sender at
    times, without a `+tag`, and an address without a domain as it came."""
    a, b = original_sender(logged), original_sender(scanned)
    if a == b or (a == "" and b == "unknown"):
        return True
    return bool(b) and b.endswith("@") and a.startswith(b)


def _people(story: Story) -> set[str]:
    return {untagged(person.envelope) for person in story.recipients if person.status != Outcome.REJECTED}
