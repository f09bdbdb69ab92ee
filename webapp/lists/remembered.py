"""What is remembered of a partitioned table for a minute: its days, a sample of its newest rows, and totals
that are too large to be counted."""

from sqlalchemy import Connection

from webapp import cache
from webapp.lists.conditions import Conditions
from webapp.lists.sample import sample_key
from webapp.tables.partitions import Extent, extent

FRESH = 60  # seconds


def extent_key(table: str) -> str:
    """Under which name the extent of a table is cached."""
    return f"extent:{table}"


def extent_of(connection: Connection, table: str) -> Extent:
    """What there is of a table, as it was within the last minute. An import that makes a day clears the
    cache; a dropped one just holds nothing."""
    return cache.cached(extent_key(table), FRESH, lambda: extent(connection, table), Extent)


def keys_of(table: str, conditions: Conditions, most: int) -> list[str]:
    """What a page of the rows that fulfil the conditions reads of Redis."""
    sample = [cache.cached_key(sample_key(table))] if conditions.terms else []
    return [cache.cached_key(extent_key(table)), total_key(table, conditions, most), *sample]


def total_key(table: str, conditions: Conditions, most: int) -> str:
    """Under which key the total of the rows is kept that fulfil the conditions, where they are more than
    `most`."""
    values = sorted(conditions.values.items())
    return f"total:{cache.digest(table, conditions.where, values, conditions.start, conditions.end, most)}"
