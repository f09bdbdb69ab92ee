"""What of a message is not stored where other columns of its row tell it, as they nearly always do. Pure.

Each returns None there, else what is stored; see tables/messages for how it is read.
"""

from collections.abc import Collection, Sequence

from webapp.trace.story import Story

SEVERAL = 2  # addresses; messages for more are found by an index over received_by


def correlation_key(story: Story) -> str | None:
    """It is that of a life of its queue id."""
    return story.correlation_key if story.identity else None


def outcome_counts(counts: list[int]) -> list[int] | None:
    """One recipient had the only outcome."""
    return None if counts == [1] else counts


def received_by(addresses: list[str], recipients: list[str]) -> list[str] | None:
    """The envelope recipients got it, as they were written."""
    return None if addresses == recipients and len(addresses) <= SEVERAL else addresses


def recipient_key(keys: Collection[int]) -> int | None:
    """The only one."""
    return next(iter(keys)) if len(keys) == 1 else None


def recipient_keys(keys: Collection[int]) -> list[int] | None:
    """Where there are several; none of nobody, and of one address `recipient_key` is that."""
    return sorted(keys) if len(keys) > 1 else None


def domains(names: list[str], account: str | None, recipients: Sequence[str]) -> list[str] | None:
    """It concerns the domain of the account, or where a stranger sent it, that of the first recipient."""
    told = account if account is not None else recipients[0] if recipients else None
    return None if told is not None and names == [told.rpartition("@")[2]] else names
