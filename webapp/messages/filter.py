"""What the messages list can be filtered by: one object for the page, its fragment, the API and the CSV."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from webapp.lists.conditions import Conditions
from webapp.lists.params import ListFilter, Text, one_of
from webapp.lists.terms import by_ip, by_part
from webapp.messages import exact, terms
from webapp.messages.asked import chips_of
from webapp.messages.reasons import REASONS
from webapp.messages.terms import OUTCOMES, STATUSES
from webapp.parse.address import a_label, untagged
from webapp.parse.words import Direction

FOLDED, FLAT = "folded", "flat"


def _readable(typed: str | None) -> str | None:
    if typed is not None:
        terms.search_terms(typed)
    return typed


Search = Annotated[Text, AfterValidator(_readable)]


class MessageFilter(ListFilter):
    """The query parameters of GET /api/messages and of the Messages page."""

    search: Search = Field(
        None,
        title="Search",
        description="Search in sender, recipient, subject, message_id, queue_id. All words have to match, "
        'each in any of them; "quoted text" as it stands, -word not at all; from: to: status: ip: subject: '
        "domain: folder: id: look in one place, before: and after: (ISO 8601; without zone: UTC) in time",
    )
    sender: Text = Field(
        None,
        title="From",
        description="Filter by sender; <> is the null sender, and <anna@example.org> just this one",
    )
    recipient: Text = Field(
        None,
        title="To",
        description="Filter by recipient, also by the alias it came through; in angle brackets just this one",
    )
    direction: Annotated[str | None, one_of(*Direction)] = Field(
        None, title="Direction", description="inbound, outbound, internal"
    )
    status: Annotated[str | None, one_of(*STATUSES)] = Field(
        None,
        title="Outcome",
        description="delivered, bounced, deferred, rejected, spam, expired, discarded, mixed, failed "
        "(bounced or expired), junk (delivered as spam), pending (no outcome yet); finds mixed messages with "
        "such a recipient too, and spam also by Rspamd's verdict",
    )
    user: Text = Field(None, title="Signed-in user", description="Filter by authenticated user")
    ip: Text = Field(
        None,
        title="Client IP",
        description="Filter by source IP address, its beginning, or a network such as 192.0.2.0/24",
    )

    account: Text = Field(
        None,
        title="Sent by account",
        description="Sent by this account: the authenticated user, else the envelope sender of ours",
    )
    received_by: Text = Field(
        None,
        title="Received by mailbox or alias",
        description="Delivered to this mailbox or through this alias (@domain: a catch-all)",
    )
    domain: Text = Field(
        None, title="Domain of yours", description="Sent by or addressed to this domain of yours"
    )
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
        title="Recipient's domain",
        description="Filter by the domain of a recipient or of the alias it came through",
    )
    reason: Annotated[str | None, one_of(*REASONS)] = Field(
        None,
        title="Reason",
        description="Filter by why a recipient did not get it, as in /api/messages/groups?by=reasons: "
        + ", ".join(REASONS),
    )

    folder: Text = Field(
        None,
        title="Folder",
        description="Filter by the folder of a mailbox that it was put into, as Dovecot's log tells",
    )

    @classmethod
    def chips(cls, name: str, label: str, typed: str) -> Sequence[tuple[str, str, str | None]]:
        """A chip for each term of the search."""
        if name == "reason" and typed in REASONS:
            return [(label, REASONS[typed].label, None)]
        return chips_of(typed) if name == "search" else super().chips(name, label, typed)

    @property
    def is_short(self) -> bool:
        """True where nothing of the search is long enough to be looked for inside of words."""
        return self.search is not None and terms.is_all_short(self.search)

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        found = super().conditions()
        if self.search is not None:
            terms.by_search(found, self.search)
        if self.sender is not None:
            terms.by_sender(found, self.sender)
        if self.recipient is not None:
            terms.by_recipient(found, self.recipient)
        if self.user is not None:
            by_part(found, "username", self.user.lower(), "lower(username) LIKE", "search_text", "LIKE")
        if self.direction is not None:
            found.plain.append(f"direction = '{self.direction}'")
        if self.status is not None:
            terms.status(found, self.status)
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
            terms.by_receiver(found, untagged(self.received_by))
        if self.domain is not None:
            found.plain.append(terms.concerning(":domain"))
            found.values["domain"] = a_label(self.domain)
        if self.outcome is not None:
            found.plain.append(terms.by_outcome(self.outcome))

    def _add_exact(self, found: Conditions) -> None:
        """What groups of messages are told apart by, besides accounts."""
        if self.sender_domain is not None:
            exact.by_sender_domain(found, self.sender_domain)
        if self.recipient_domain is not None:
            exact.by_recipient_domain(found, self.recipient_domain)
        if self.folder is not None:
            terms.by_folder(found, self.folder)
        if self.reason is not None:
            exact.by_reason(found, self.reason)


class MessageListFilter(MessageFilter):
    """The same for the list itself: whether what belongs to a mail is folded under it."""

    threads: Annotated[str | None, one_of(FOLDED, FLAT)] = Field(
        None,
        description="folded: `folded` and `threads` of the answer say which messages of the page are "
        "notices, earlier attempts, copies and redirects of others, and what belongs to each; a page holds "
        "the same messages either way",
    )
