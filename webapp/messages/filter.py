"""What the messages list can be filtered by: one object for the page, its fragment, the API and the CSV."""

from typing import Annotated

from pydantic import Field

from webapp.lists.conditions import Conditions, literal
from webapp.lists.params import Paging, Period, Text, one_of
from webapp.logs.filter import by_ip
from webapp.parse.address import address_key, bare_address, full_address

STATUSES = ("delivered", "bounced", "deferred", "rejected", "spam", "expired", "discarded", "mixed", "failed")
NO_OUTCOME = "pending"
DIRECTIONS = ("inbound", "outbound", "internal")
SHORTEST_SUBSTRING = 3  # characters: shorter ones cannot use the trigram index


class MessageFilter(Paging, Period):
    """The query parameters of GET /api/messages and of the Messages page."""

    search: Text = Field(None, description="Search in sender, recipient, subject, message_id, queue_id")
    sender: Text = Field(None, description="Filter by sender; <> is the null sender")
    recipient: Text = Field(None, description="Filter by recipient, also by the alias it came through")
    direction: Annotated[str | None, one_of(*DIRECTIONS)] = Field(
        None, description="inbound, outbound, internal"
    )
    status: Annotated[str | None, one_of(*STATUSES, NO_OUTCOME)] = Field(
        None,
        description="delivered, bounced, deferred, rejected, spam, expired, discarded, mixed, failed "
        "(bounced or expired), "
        "pending (no outcome yet); finds mixed messages with such a recipient too, and spam also by Rspamd's "
        "verdict",
    )
    user: Text = Field(None, description="Filter by authenticated user")
    ip: Text = Field(
        None, description="Filter by source IP address, its beginning, or a network such as 192.0.2.0/24"
    )

    @property
    def is_short(self) -> bool:
        """True where the search term is too short for a substring search."""
        return self.search is not None and len(self.search) < SHORTEST_SUBSTRING

    @property
    def is_plain(self) -> bool:
        """True where nothing is filtered."""
        return all(
            value is None
            for value in (
                self.search,
                self.sender,
                self.recipient,
                self.direction,
                self.status,
                self.user,
                self.ip,
                self.start_date,
                self.end_date,
            )
        )


def conditions(chosen: MessageFilter) -> Conditions:
    """The filter in SQL."""
    found = Conditions(start=chosen.start_date, end=chosen.end_date)
    if chosen.search is not None:
        _search(found, chosen.search)
    if chosen.sender is not None:
        _sender(found, chosen.sender)
    if chosen.recipient is not None:
        _recipient(found, chosen.recipient)
    if chosen.user is not None:
        _text(found, "username", chosen.user.lower(), "lower(username)")
    if chosen.direction is not None:
        found.plain.append(f"direction = '{chosen.direction}'")
    if chosen.status is not None:
        found.plain.append(_status(chosen.status))
    if chosen.ip is not None:
        by_ip(found, chosen.ip)
    return found


def _search(found: Conditions, term: str) -> None:
    if len(term) >= SHORTEST_SUBSTRING:
        found.contains("search_text", "search", term.lower())
        return
    found.texts.append("(search_text LIKE :search OR search_text LIKE :search_line)")
    found.values.update(search=literal(term.lower()) + "%", search_line="%\n" + literal(term.lower()) + "%")


def _sender(found: Conditions, typed: str) -> None:
    """A whole address by its index, a part of one as a substring; <> is the null sender."""
    address = full_address(typed)
    if typed in ("<>", '""'):
        found.plain.append("sender = ''")
    elif address:
        found.equals(
            "left(lower(sender), 320)", "sender", address[:320], typed.strip().strip("<>").lower()[:320]
        )
    else:
        _text(found, "sender", bare_address(typed), "replace(lower(sender), '\"', '')")


def _recipient(found: Conditions, typed: str) -> None:
    """A whole address by its key, a part of one as a substring; aliases and their targets count."""
    address = full_address(typed)
    if address:
        found.plain.append("recipient_keys @> ARRAY[CAST(:recipient_key AS bigint)]")
        found.values["recipient_key"] = address_key(address)
    else:
        _text(found, "recipient", bare_address(typed), "recipient_text")


def _text(found: Conditions, name: str, term: str, column: str) -> None:
    """A substring of one column; the trigram index over all searched text narrows it down first."""
    found.values[name] = f"%{literal(term)}%"
    found.plain.append(f"{column} LIKE :{name}")
    if len(term) >= SHORTEST_SUBSTRING:
        found.contains("search_text", name, term)


def _status(word: str) -> str:
    if word == "failed":
        return "outcomes && ARRAY['bounced', 'expired']"
    if word == NO_OUTCOME:
        return "final_status IS NULL"
    if word == "mixed":
        return "final_status = 'mixed'"
    if word == "spam":
        return "is_spam"
    anyone = f"(final_status = '{word}' OR '{word}' = ANY(outcomes))"
    if word == "delivered":
        return f"final_status IN ('{word}', 'mixed') AND {anyone}"
    return f"final_status <> 'delivered' AND final_status IN ('{word}', 'mixed') AND {anyone}"
