"""What the log lists can be filtered by: one object a list for the page, its fragment, the API and the
CSV."""

from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import takewhile
from typing import Annotated

from pydantic import BeforeValidator, Field

from webapp.lists.conditions import Conditions, literal
from webapp.lists.params import Paging, Period, Text, one_of
from webapp.parse.address import bare_address, full_address

SHORTEST_SUBSTRING = 3  # characters: shorter ones cannot use the trigram index
POSTFIX_STATUSES = ("sent", "bounced", "deferred", "rejected", "expired")
DIRECTIONS = ("inbound", "outbound", "internal", "unknown")
ACTIONS = (
    "no action",
    "greylist",
    "add header",
    "rewrite subject",
    "soft reject",
    "reject",
    "discard",
    "quarantine",
)
EVENTS = ("warning", "banned", "unbanned", "info", "attempt", "offence")


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if value is None or abs(number) <= 1_000_000:
        return None if value is None else number
    raise ValueError("must be a number")


def _truth(value: object) -> bool | None:
    word = str(value).lower()
    if value is None or word in ("true", "1", "yes", "false", "0", "no"):
        return None if value is None else word in ("true", "1", "yes")
    raise ValueError("must be true or false")


Score = Annotated[float | None, BeforeValidator(_number)]
Truth = Annotated[bool | None, BeforeValidator(_truth)]


class LogFilter(Paging, Period):
    """What all three lists share."""

    search: Text = None

    @property
    def is_short(self) -> bool:
        """True where the search term is too short for a substring search."""
        return self.search is not None and len(self.search) < SHORTEST_SUBSTRING

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        return Conditions(start=self.start_date, end=self.end_date)


class PostfixFilter(LogFilter):
    """The query parameters of GET /api/logs/postfix and of the Postfix tab."""

    search: Text = Field(None, description="Search in message, sender, recipient, queue_id")
    sender: Text = Field(None, description="Filter by sender; <> is the null sender")
    recipient: Text = Field(None, description="Filter by recipient")
    status: Annotated[str | None, one_of(*POSTFIX_STATUSES)] = Field(
        None, description="sent, bounced, deferred, rejected, expired"
    )
    queue_id: Text = Field(None, description="Filter by specific queue ID")

    def conditions(self) -> Conditions:
        """The filter in SQL; everything that is searched stands in the line itself."""
        found = super().conditions()
        if self.search is not None:
            _words(found, "message", self.search)
        if self.sender in ("<>", '""'):
            found.plain.append("sender = ''")
        elif self.sender is not None:
            _address(found, "sender", self.sender)
        if self.recipient is not None:
            _address(found, "recipient", self.recipient)
        if self.status is not None:
            found.plain.append(f"status = '{self.status}'")
        if self.queue_id is not None:
            found.plain.append("queue_id = :queue_id")
            found.values["queue_id"] = self.queue_id
        return found


class RspamdFilter(LogFilter):
    """The query parameters of GET /api/logs/rspamd and of the Rspamd tab."""

    search: Text = Field(None, description="Search in subject, sender, message_id, recipients")
    sender: Text = Field(None, description="Filter by sender")
    direction: Annotated[str | None, one_of(*DIRECTIONS)] = Field(
        None, description="inbound, outbound, internal, unknown"
    )
    min_score: Score = Field(None, description="Minimum spam score")
    max_score: Score = Field(None, description="Maximum spam score")
    action: Annotated[str | None, one_of(*ACTIONS)] = Field(
        None, description="no action, greylist, add header, reject ..."
    )
    is_spam: Truth = Field(None, description="true: spam only, false: clean only")
    symbol: Text = Field(None, description="Filter by the name of a symbol that the scan found")

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        found = super().conditions()
        if self.search is not None:
            _words(found, "search_text", self.search.lower(), "LIKE")
        if self.sender is not None:
            _part(found, "sender", bare_address(self.sender).lower(), "search_text", "LIKE")
        if self.direction is not None:
            found.plain.append(f"coalesce(direction, 'unknown') = '{self.direction}'")
        for name, sign in (("min_score", ">="), ("max_score", "<=")):
            if getattr(self, name) is not None:
                found.plain.append(f"score {sign} :{name}")
                found.values[name] = getattr(self, name)
                found.is_skewed = True
        if self.action is not None:
            found.plain.append(f"action = '{self.action}'")
        if self.is_spam is not None:
            found.plain.append("is_spam" if self.is_spam else "NOT is_spam")
        if self.symbol is not None:
            found.plain.append("jsonb_exists(symbols, :symbol)")
            found.values["symbol"] = self.symbol
        return found


class NetfilterFilter(LogFilter):
    """The query parameters of GET /api/logs/netfilter and of the Security page."""

    search: Text = Field(None, description="Search in message, IP, username")
    ip: Text = Field(
        None, description="Filter by IP address, its beginning, or a network such as 192.0.2.0/24"
    )
    username: Text = Field(None, description="Filter by username")
    action: Annotated[str | None, one_of(*EVENTS)] = Field(
        None,
        description="warning, banned, unbanned, info; attempt: a warning that names a rule; offence: warning "
        "or banned",
    )

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        found = super().conditions()
        if self.search is not None:
            _words(found, "message", self.search)
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


def _words(found: Conditions, column: str, term: str, like: str = "ILIKE") -> None:
    """A substring; of one or two characters only the beginning of a word, which the trigram index knows too.

    LIKE does for a lower-case term in a column that holds lower case, in two thirds of the time.
    """
    if len(term) >= SHORTEST_SUBSTRING:
        found.contains(column, "search", term, like)
    else:
        found.texts.append(f"({column} {like} :search OR {column} {like} :search_word)")
        found.values.update(search=literal(term) + "%", search_word="% " + literal(term) + "%")


def _address(found: Conditions, column: str, typed: str) -> None:
    whole = full_address(typed)
    if whole:
        found.equals(
            f"left(lower({column}), 320)", column, whole[:320], typed.strip().strip("<>").lower()[:320]
        )
        return
    _part(found, column, bare_address(typed), "message", "ILIKE")


def _part(found: Conditions, column: str, term: str, indexed: str, like: str) -> None:
    """A substring of one column; the trigram index over the text that holds it narrows it down first."""
    found.plain.append(f"{column} ILIKE :{column}")
    found.values[column] = f"%{literal(term)}%"
    if len(term) >= SHORTEST_SUBSTRING:
        found.contains(indexed, column, term, like)


def by_ip(found: Conditions, typed: str) -> None:
    """Add: the address, in whatever spelling it was typed, all addresses of a network (CIDR, RFC 4632), or an
    address's beginning."""
    typed = typed.strip("[]").lower()
    with suppress(ValueError):
        found.values["ip"] = str(ip_address(typed))
        found.plain.append("ip = :ip")
        return
    with suppress(ValueError):
        network = ip_network(typed, strict=False)
        found.values["network"] = str(network)
        found.plain.append("inet_or_null(ip) <<= CAST(:network AS inet)")
        typed = _common_beginning(network)
    found.values["ip"] = literal(typed) + "%"
    found.plain.append("ip LIKE :ip")
    found.is_skewed = True


def _common_beginning(network: IPv4Network | IPv6Network) -> str:
    """The text with which all addresses of the network begin, by which an index can narrow them down.

    Of IPv6 up to the first zero, from where the notation may be shortened (RFC 5952 section 4.2).
    """
    if isinstance(network, IPv4Network):
        return "".join(f"{part}." for part in network.network_address.packed[: network.prefixlen // 8][:3])
    groups = [
        int(group, 16) for group in network.network_address.exploded.split(":")[: network.prefixlen // 16][:7]
    ]
    return "".join(f"{group:x}:" for group in takewhile(bool, groups))
