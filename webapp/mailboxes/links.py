"""Addresses of the lists behind the figures of mailboxes. `period` are the parameters of the days."""

from urllib.parse import quote


def sent_url(account: str, period: str, outcome: str | None = None) -> str:
    """The messages that an account sent; with `outcome` those with such a recipient."""
    word = f"&outcome={outcome}" if outcome else ""
    return f"/messages?account={quote(account, safe='@')}{word}&{period}"


def received_url(address: str, period: str) -> str:
    """The messages that a mailbox got, or that came through an alias."""
    return f"/messages?received_by={quote(address, safe='@')}&{period}"


def mailbox_url(username: str) -> str:
    """One mailbox's page."""
    return f"/mailboxes/{quote(username, safe='@')}"
