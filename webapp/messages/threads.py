"""Which messages of a list fold under another one: notices, refused attempts, BCC copies, redirects.

A page of a folded list holds the same messages as that of a flat one: what is folded is left out as a row
only where its mail is in the list too, so that nothing is out of reach. Derived when asked for, as relations.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.messages.notice import notice_title, notice_words
from webapp.messages.related import SAME_ID, SAME_SESSION, derived
from webapp.parse.words import Kind, Outcome
from webapp.tables.messages import key_of

WORDS = {
    "retried_as": "earlier attempt",
    "copy_of": "BCC copy",
    "redirect_of": "forwarded copy",
    "same_session": "refused recipient",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One message that folds under another one, `relation` as in `related` of a message."""

    correlation_key: str
    relation: str
    words: str
    sender: str | None
    recipients: list[str]
    recipient_count: int
    final_status: str | None
    outcomes: list[str]
    first_seen: Any


@dataclass(frozen=True, slots=True)
class Threads:
    """`members` of each mail of a page, oldest first, wherever they stand; `heads` names for each message of
    the page that is folded the mail that it is folded under; `titles` are those of notices."""

    members: Mapping[str, Sequence[Member]] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


class Family:
    """Messages that may belong together, by what they know each other."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.rows = {row.id: row for row in rows}
        self.by_notice: dict[str, list[Any]] = defaultdict(list)
        self.by_key: dict[int, list[Any]] = defaultdict(list)
        self.by_client: dict[tuple[str, str | None], list[Any]] = defaultdict(list)
        for row in self.rows.values():
            for queue_id in row.notices or ():
                self.by_notice[queue_id].append(row)
            for key in row.mid_keys:
                self.by_key[key].append(row)
            if row.ip:
                self.by_client[row.ip, row.sender].append(row)

    def mail_of_notice(self, notice: Any) -> Any | None:
        """The mail that a notice is about."""
        if notice.service != "notice" or not notice.queue_id:
            return None
        return _nearest(notice, self.by_notice[notice.queue_id])

    def head(self, row: Any) -> tuple[Any, str] | None:
        """(the mail that a message folds under, what it is to it); None where it stands for itself."""
        if (mail := self.mail_of_notice(row)) is not None:
            return (mail, "notice_of") if _stands(mail) else None
        if row.kind == Kind.REFUSED:
            mail = self._of_session(row) if row.ip else None
            return (mail, "same_session") if mail is not None else None
        if row.final_status == Outcome.REJECTED:
            later = self._accepted_later(row)
            return (later, "retried_as") if later is not None else None
        return self._origin(row)

    def _of_session(self, refused: Any) -> Any | None:
        """What the client got through in the session, else what it was refused first in this second."""
        others = self.by_client[refused.ip, refused.sender]
        accepted = [other for other in others if _accepted_with(refused, other)]
        if accepted:
            return _nearest(refused, accepted)
        same = [
            other for other in others if (other.kind, other.first_seen) == (Kind.REFUSED, refused.first_seen)
        ]
        first = min(same, key=_place)
        return first if first.id != refused.id else None

    def _same_id(self, row: Any) -> list[Any]:
        found = {other.id: other for key in row.mid_keys for other in self.by_key[key]}
        return [other for other in found.values() if abs(other.first_seen - row.first_seen) <= SAME_ID]

    def _accepted_later(self, row: Any) -> Any | None:
        """The attempt that got through, or the last of those that were refused."""
        later = [other for other in self._same_id(row) if derived(other, row) == "retry_of"]
        through = [other for other in later if _stands(other)]
        if through or not later:
            return min(through, key=_place, default=None)
        last = max(later, key=_place)
        again = [other for other in self._same_id(last) if derived(other, last) == "retry_of"]
        return None if again else last

    def _origin(self, row: Any) -> tuple[Any, str] | None:
        for relation in ("copy_of", "redirect_of"):
            mails = [mail for mail in self._same_id(row) if _stands(mail) and derived(row, mail) == relation]
            if mails:
                return _nearest(row, mails), relation
        return None


def _stands(mail: Any) -> bool:
    """True for a mail that folds under no other one, whatever else there is."""
    is_redirect = mail.service == "sogo" and not mail.username
    return (
        mail.kind == Kind.QUEUE
        and mail.service not in ("notice", "bcc")
        and not is_redirect
        and mail.final_status != Outcome.REJECTED
    )


def _accepted_with(refused: Any, other: Any) -> bool:
    return _stands(other) and abs(other.first_seen - refused.first_seen) <= SAME_SESSION


def _place(row: Any) -> tuple[Any, int]:
    return row.first_seen, row.id


def _nearest(row: Any, others: Sequence[Any]) -> Any | None:
    return min(others, key=lambda other: (abs(other.first_seen - row.first_seen), other.id), default=None)


def fold(page: Sequence[Any], others: Iterable[Any]) -> Threads:
    """The threads of a page's rows, with other rows that may belong to them; `matches` of another one says
    whether the list holds it."""
    family = Family([*page, *others])
    shown = {row.id for row in page}
    members: dict[str, list[Member]] = defaultdict(list)
    heads, titles = {}, {}
    for row in family.rows.values():
        mail = family.mail_of_notice(row) if row.id in shown else None
        if mail is not None:
            titles[key_of(row)] = notice_title(row, mail)
        found = family.head(row)
        if found is None:
            continue
        head, relation = found
        if head.id in shown:
            members[key_of(head)].append(_member(row, head, relation))
        if row.id in shown and (head.id in shown or head.matches):
            heads[key_of(row)] = key_of(head)
    ordered = {key: sorted(each, key=lambda one: one.first_seen) for key, each in members.items()}
    return Threads(ordered, heads, titles)


def _member(row: Any, head: Any, relation: str) -> Member:
    return Member(
        key_of(row),
        relation,
        notice_words(row, head) if relation == "notice_of" else WORDS[relation],
        row.sender,
        row.recipients,
        row.recipient_count,
        row.final_status,
        row.outcomes,
        row.first_seen,
    )
