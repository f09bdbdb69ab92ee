"""What netfilter's events and refused connections can be filtered by: for pages, fragments, API and CSV."""

from typing import Annotated

from pydantic import Field

from webapp.lists.conditions import Conditions, literal
from webapp.lists.params import ListFilter, Text, one_of
from webapp.lists.terms import by_ip, by_part, by_words
from webapp.parse.refusal import TRANSACTION
from webapp.parse.words import NetfilterAction

# a mail transaction begins with MAIL: what was refused before or beside it is a refused connection
REFUSED = (
    "status = 'rejected' AND queue_id IS NULL AND "
    f"message !~ '^NOQUEUE: [a-z-]+: ({'|'.join(TRANSACTION)})[ :]'"
)
EVENTS = (*NetfilterAction, "attempt", "offence")
STATES = ("banned", "unbanned", "watched")  # of an address, see Attacker.state


class NetfilterFilter(ListFilter):
    """The query parameters of GET /api/logs/netfilter and of the Security page."""

    search: Text = Field(None, title="Search", description="Search in message, IP, username")
    ip: Text = Field(
        None,
        title="IP",
        description="Filter by IP address, its beginning, or a network such as 192.0.2.0/24",
    )
    username: Text = Field(None, title="User", description="Filter by username")
    action: Annotated[str | None, one_of(*EVENTS)] = Field(
        None,
        title="Action",
        description="warning, banned, unbanned, info; attempt: a warning that names a rule; offence: warning "
        "or banned",
    )

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        found = super().conditions()
        if self.search is not None:
            by_words(found, "message", self.search)
        if self.ip is not None:
            by_ip(found, self.ip)
        if self.username is not None:
            found.plain.append("username ILIKE :username")
            found.values["username"] = f"%{literal(self.username)}%"
        if self.action == "attempt":
            found.plain.append("action = 'warning' AND rule_id IS NOT NULL")
        elif self.action == "offence":
            found.plain.append("action IN ('warning', 'banned')")
        elif self.action is not None:
            found.plain.append(f"action = '{self.action}'")
        return found


class AttackerFilter(NetfilterFilter):
    """The parameters of the Security page: addresses with an event that fits, and in this state."""

    state: Annotated[str | None, one_of(*STATES)] = Field(None, title="State", description="; ".join(STATES))


class SignInFilter(ListFilter):
    """The query parameters of GET /api/logs/sign-ins and of the tab of refused sign-ins."""

    search: Text = Field(None, title="Search", description="Search in user, address and reason")
    ip: Text = Field(
        None,
        title="IP",
        description="Filter by IP address, its beginning, or a network such as 192.0.2.0/24",
    )
    username: Text = Field(None, title="User", description="Filter by the user that was signed in as")

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        found = super().conditions()
        found.plain.append("event = 'refused'")
        if self.search is not None:
            by_words(found, "message", self.search)
        if self.ip is not None:
            by_ip(found, self.ip)
        if self.username is not None:
            by_part(found, "username", self.username.lower(), "username LIKE", "message", "ILIKE")
        return found


class ConnectionFilter(ListFilter):
    """The query parameters of GET /api/logs/connections and of the tab of refused connections."""

    search: Text = Field(None, title="Search", description="Search in client, reason and address asked for")
    ip: Text = Field(None, title="IP", description="Filter by IP address or its beginning")

    def conditions(self) -> Conditions:
        """The filter in SQL; what Postfix refused without a mail stands in its lines only."""
        found = super().conditions()
        found.plain.append(REFUSED)
        if self.search is not None:
            by_words(found, "message", self.search)
        if self.ip is not None:
            found.contains("message", "ip", f"[{self.ip.strip('[]')}", "ILIKE")
        return found
