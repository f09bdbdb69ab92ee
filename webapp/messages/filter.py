"""What the messages list can be filtered by: one object for the page, its fragment, the API and the CSV."""

from typing import Annotated

from pydantic import Field

from webapp.lists.conditions import Conditions
from webapp.lists.params import ListFilter, Text, one_of
from webapp.lists.terms import NULL_SENDER, by_address, by_ip, by_part, by_words
from webapp.messages import exact
from webapp.messages.reasons import REASONS
from webapp.parse.address import a_label, address_key, bare_address, full_address, untagged
from webapp.parse.words import FAILED, FINAL, NOT_DELIVERED, UNDELIVERABLE, UNDELIVERED, Direction, Outcome

STATUSES = (
    Outcome.DELIVERED,
    Outcome.BOUNCED,
    Outcome.DEFERRED,
    Outcome.REJECTED,
    Outcome.SPAM,
    Outcome.EXPIRED,
    Outcome.DISCARDED,
    Outcome.MIXED,
    FAILED,
    Outcome.PENDING,
)
OUTCOMES = (*FINAL, Outcome.DEFERRED, UNDELIVERED)


class MessageFilter(ListFilter):
    """The query parameters of GET /api/messages and of the Messages page."""

    search: Text = Field(
        None, title="Search", description="Search in sender, recipient, subject, message_id, queue_id"
    )
    sender: Text = Field(
        None,
        title="Sender",
        description="Filter by sender; <> is the null sender, and <anna@example.org> just this one",
    )
    recipient: Text = Field(
        None,
        title="Recipient",
        description="Filter by recipient, also by the alias it came through; in angle brackets just this one",
    )
    direction: Annotated[str | None, one_of(*Direction)] = Field(
        None, title="Direction", description="inbound, outbound, internal"
    )
    status: Annotated[str | None, one_of(*STATUSES)] = Field(
        None,
        title="Status",
        description="delivered, bounced, deferred, rejected, spam, expired, discarded, mixed, failed "
        "(bounced or expired), pending (no outcome yet); finds mixed messages with such a recipient too, and "
        "spam also by Rspamd's verdict",
    )
    user: Text = Field(None, title="User", description="Filter by authenticated user")
    ip: Text = Field(
        None,
        title="IP",
        description="Filter by source IP address, its beginning, or a network such as 192.0.2.0/24",
    )

    account: Text = Field(
        None,
        title="Account",
        description="Sent by this account: the authenticated user, else the envelope sender of ours",
    )
    received_by: Text = Field(
        None,
        title="Received by",
        description="Delivered to this mailbox or through this alias (@domain: a catch-all)",
    )
    domain: Text = Field(None, title="Our domain", description="Sent by or addressed to this domain of yours")
    outcome: Annotated[str | None, one_of(*OUTCOMES)] = Field(
        None,
        title="A recipient",
        description="Has a recipient that was delivered, bounced, deferred, rejected, expired, discarded, or "
        "undelivered (bounced, deferred, rejected or expired)",
    )
    sender_domain: Text = Field(
        None,
        title="Sender's domain",
        description="Filter by the domain of the sender, without its subdomains",
    )
    recipient_domain: Text = Field(
        None,
        title="Destination",
        description="Filter by the domain of a recipient or of the alias it came through",
    )
    reason: Annotated[str | None, one_of(*REASONS)] = Field(
        None,
        title="Reason",
        description="Filter by why a recipient did not get it, as in /api/messages/groups?by=reasons: "
        + ", ".join(REASONS),
    )

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        found = super().conditions()
        if self.search is not None:
            by_words(found, "search_text", self.search.lower(), "LIKE", "\n")
        if self.sender in NULL_SENDER:
            found.plain.append("sender = ''")
        elif self.sender is not None and (address := exact.bracketed(self.sender)):
            exact.by_sender(found, address)
        elif self.sender is not None:
            part = "replace(lower(sender), '\"', '') LIKE"
            by_address(found, "sender", self.sender, part, "search_text", "LIKE")
        if self.recipient is not None:
            _by_recipient(found, self.recipient)
        if self.user is not None:
            by_part(found, "username", self.user.lower(), "lower(username) LIKE", "search_text", "LIKE")
        if self.direction is not None:
            found.plain.append(f"direction = '{self.direction}'")
        if self.status is not None:
            found.plain.append(by_status(self.status))
        if self.ip is not None:
            by_ip(found, self.ip)
        self._add_ours(found)
        self._add_exact(found)
        return found

    def _add_ours(self, found: Conditions) -> None:
        """What concerns an account, a mailbox or a domain of ours."""
        if self.account is not None:
            found.plain.append("account = :account")
            found.values["account"] = untagged(self.account)
        if self.received_by is not None:
            _by_receiver(found, untagged(self.received_by))
        if self.domain is not None:
            found.plain.append("domains @> ARRAY[:domain]")
            found.values["domain"] = a_label(self.domain)
        if self.outcome is not None:
            found.plain.append(_outcome(self.outcome))

    def _add_exact(self, found: Conditions) -> None:
        """What groups of messages are told apart by, besides accounts."""
        if self.sender_domain is not None:
            exact.by_sender_domain(found, self.sender_domain)
        if self.recipient_domain is not None:
            exact.by_recipient_domain(found, self.recipient_domain)
        if self.reason is not None:
            exact.by_reason(found, self.reason)


def _by_recipient(found: Conditions, typed: str) -> None:
    """A whole address by its key, a part of one as a substring; aliases and their targets count."""
    if address := exact.bracketed(typed):
        exact.by_recipient(found, address)
    elif address := full_address(typed):
        found.plain.append("recipient_keys @> ARRAY[CAST(:recipient_key AS bigint)]")
        found.values["recipient_key"] = address_key(address)
    else:
        by_part(found, "recipient", bare_address(typed), "recipient_text LIKE", "search_text", "LIKE")


def _by_receiver(found: Conditions, address: str) -> None:
    """Who got the mail, by the key of the address; a catch-all got what came to no known address."""
    found.values["receiver"] = address.removeprefix("@")
    if not address.startswith("@"):
        found.plain.append("recipient_keys @> ARRAY[CAST(:receiver_key AS bigint)]")
        found.plain.append("received_by @> ARRAY[:receiver]")
        found.values["receiver_key"] = address_key(address)
        return
    found.plain.append("domains @> ARRAY[:receiver]")
    found.plain.append(
        "EXISTS (SELECT 1 FROM unnest(received_by) AS got WHERE split_part(got, '@', 2) = :receiver AND got "
        "NOT IN "
        "(SELECT username FROM mailboxes UNION ALL SELECT counted_as FROM mailbox_aliases))"
    )


def _outcome(word: str) -> str:
    words = NOT_DELIVERED if word == UNDELIVERED else (word,)
    return f"outcomes && ARRAY[{', '.join(repr(str(each)) for each in words)}]"


def by_status(word: str) -> str:
    """SQL of what the filter `status` finds, over final_status, outcomes and is_spam."""
    if word == FAILED:
        return f"outcomes && ARRAY[{', '.join(repr(each) for each in UNDELIVERABLE)}]"
    if word == Outcome.PENDING:
        return "final_status IS NULL"
    if word == Outcome.MIXED:
        return "final_status = 'mixed'"
    if word == Outcome.SPAM:
        return "is_spam"
    anyone = f"(final_status = '{word}' OR '{word}' = ANY(outcomes))"
    if word == Outcome.DELIVERED:
        return f"final_status IN ('{word}', 'mixed') AND {anyone}"
    return f"final_status <> 'delivered' AND final_status IN ('{word}', 'mixed') AND {anyone}"
