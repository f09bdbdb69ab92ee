"""What the lists of Postfix lines, Rspamd scans and Dovecot lines can be filtered by: for page, fragment, API
and CSV."""

from typing import Annotated

from pydantic import Field

from webapp.lists.conditions import Conditions
from webapp.lists.params import ListFilter, Number, Text, Truth, one_of
from webapp.lists.terms import NULL_SENDER, by_address, by_ip, by_key, by_part, by_words
from webapp.parse.address import bare_address
from webapp.parse.symbols import spellings
from webapp.parse.words import UNKNOWN_DIRECTION, Direction, DovecotEvent, RspamdAction

POSTFIX_STATUSES = ("sent", "bounced", "deferred", "rejected", "expired")
DOVECOT_EVENTS = tuple(word for word in DovecotEvent if word != DovecotEvent.SIGNED_IN)  # those kept as lines
DIRECTIONS = (*Direction, UNKNOWN_DIRECTION)


class PostfixFilter(ListFilter):
    """The query parameters of GET /api/logs/postfix and of the Postfix tab."""

    search: Text = Field(
        None, title="Search in lines", description="Search in message, sender, recipient, queue_id"
    )
    sender: Text = Field(None, title="From", description="Filter by sender; <> is the null sender")
    recipient: Text = Field(None, title="To", description="Filter by recipient")
    status: Annotated[str | None, one_of(*POSTFIX_STATUSES)] = Field(
        None, title="Status", description="sent, bounced, deferred, rejected, expired"
    )
    queue_id: Text = Field(None, title="Queue id", description="Filter by specific queue ID")

    def conditions(self) -> Conditions:
        """The filter in SQL; everything that is searched stands in the line itself."""
        found = super().conditions()
        if self.search is not None:
            by_words(found, "message", self.search)
        if self.sender in NULL_SENDER:
            by_key(found, "sender", "")
        elif self.sender is not None:
            by_address(found, "sender", self.sender, "sender ILIKE", "message", "ILIKE")
        if self.recipient is not None:
            by_address(found, "recipient", self.recipient, "recipient ILIKE", "message", "ILIKE")
        if self.status is not None:
            found.plain.append(f"status = '{self.status}'")
        if self.queue_id is not None:
            found.plain.append("queue_id = :queue_id")
            found.values["queue_id"] = self.queue_id
        return found


class RspamdFilter(ListFilter):
    """The query parameters of GET /api/logs/rspamd and of the Rspamd tab."""

    search: Text = Field(
        None, title="Search", description="Search in subject, sender, message_id, recipients"
    )
    sender: Text = Field(None, title="From", description="Filter by sender")
    direction: Annotated[str | None, one_of(*DIRECTIONS)] = Field(
        None, title="Direction", description="inbound, outbound, internal, unknown"
    )
    min_score: Number = Field(None, title="Score from", description="Minimum spam score")
    max_score: Number = Field(None, title="Score to", description="Maximum spam score")
    action: Annotated[str | None, one_of(*RspamdAction)] = Field(
        None, title="Action", description="no action, greylist, add header, reject ..."
    )
    is_spam: Truth = Field(None, title="Spam", description="true: spam only, false: clean only")
    symbol: Text = Field(
        None, title="Symbol", description="Filter by the name of a symbol that the scan found"
    )

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        found = super().conditions()
        if self.search is not None:
            by_words(found, "search_text", self.search.lower(), "LIKE")
        if self.sender is not None:
            sender = bare_address(self.sender).lower()
            by_part(found, "sender", sender, "sender ILIKE", "search_text", "LIKE")
        if self.direction is not None:
            found.plain.append(f"coalesce(direction, 'unknown') = '{self.direction}'")
        if self.action is not None:
            found.plain.append(f"action = '{self.action}'")
        if self.is_spam is not None:
            found.plain.append("is_spam" if self.is_spam else "NOT is_spam")
        if self.symbol is not None:
            names = {f"symbol_{n}": name for n, name in enumerate(spellings(self.symbol))}
            found.plain.append(f"({' OR '.join(f'strpos(symbols, :{name}) > 0' for name in names)})")
            found.values.update(names)
        self._scores(found)
        return found

    def _scores(self, found: Conditions) -> None:
        for name, bound, sign in (("min_score", self.min_score, ">="), ("max_score", self.max_score, "<=")):
            if bound is not None:
                found.plain.append(f"score {sign} :{name}")
                found.values[name] = bound
                found.is_skewed = True


class DovecotFilter(ListFilter):
    """The query parameters of GET /api/logs/dovecot and of the Dovecot tab."""

    search: Text = Field(
        None, title="Search", description="Search in user, folder, Message-ID, reason, address"
    )
    username: Text = Field(None, title="User", description="Filter by the mailbox, or the user signed in as")
    event: Annotated[str | None, one_of(*DOVECOT_EVENTS)] = Field(
        None,
        title="Event",
        description=", ".join(DOVECOT_EVENTS)
        + "; suppressed: not forwarded once more, unanswered: a vacation "
        "answer was not sent again, refused: a sign-in",
    )
    folder: Text = Field(None, title="Folder", description="Filter by the folder that a mail was put into")
    ip: Text = Field(
        None,
        title="IP",
        description="Filter by the IP address of a refused sign-in, its beginning, or a network",
    )

    def conditions(self) -> Conditions:
        """The filter in SQL; everything but the address stands in the line itself."""
        found = super().conditions()
        if self.search is not None:
            by_words(found, "message", self.search)
        if self.username is not None:
            by_part(found, "username", self.username.lower(), "username LIKE", "message", "ILIKE")
        if self.event is not None:
            found.plain.append(f"event = '{self.event}'")
        if self.folder is not None:
            by_part(found, "folder", self.folder, "folder ILIKE", "message", "ILIKE")
        if self.ip is not None:
            by_ip(found, self.ip)
        return found
