"""Rows of a table of lines by way of the words of its stretches: by which piece, and in which SQL."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from webapp.lists.conditions import Conditions, literal
from webapp.lists.sample import Sample
from webapp.tables.stretches import STRETCHES
from webapp.tables.words import fold, pieces_of, runs_of

DENSE = 0.02  # the part of the rows that a term matches, from which on the lines themselves are read
DOUBTFUL = 2  # times as many rows as are counted, up to which their stretches alone are hardly enough
SPARE = 1.1  # stretches to look at for each row to count: some of them tell of no lines
PATTERN, PIECE = "stretch_words", "stretch_piece"
SINCE = "time - seconds * interval '1 second'"
STRETCH = (
    f"SELECT time, {SINCE} AS since, first, first + ids AS last, lines, above, words FROM {{stretches}} "
    f"WHERE words LIKE :{PATTERN}{{rest}}{{days}}{{overlap}}"
)
REST = f" AND strpos(words, :{PIECE}) > 0"  # where the index is asked for a part of the piece
ALONE = (  # a block is left out where its whole chapter is read
    "({stretch}.above IS NULL "
    "OR {stretch}.first - {stretch}.above NOT IN (SELECT first FROM stretch WHERE above IS NULL))"
)
LINES = (
    "SELECT line.* FROM stretch CROSS JOIN LATERAL "
    "(SELECT * FROM {part} WHERE {part}.time BETWEEN stretch.since AND stretch.time "
    "AND {part}.id BETWEEN stretch.first AND stretch.last AND {where} OFFSET 0) AS line "
    f"WHERE {ALONE.format(stretch='stretch')}"
)
ASCII_FOLDS = "lower('I') = 'i'"  # not in Turkish
IS_ONE = (  # the piece stands once in a block, in a word that one of its lines has
    f"above IS NOT NULL AND octet_length(replace(words, :{PIECE}, '')) + octet_length(:{PIECE}) "
    "= octet_length(words) "
    f"AND strpos(words, :{PIECE}) < strpos(words, chr(10)) AND {ASCII_FOLDS}"
)
COUNTED = (
    "WITH found AS MATERIALIZED (SELECT found.*, {is_one} AS is_one FROM ({stretches}) AS found), "
    "stretch AS (SELECT * FROM found WHERE NOT is_one) "
    f"SELECT 1 FROM found WHERE is_one AND {ALONE.format(stretch='found')} "
    "UNION ALL SELECT 1 FROM ({lines}) AS line"
)
MORE = (  # than so many rows match: a line of each block, or some of each chapter
    "(SELECT greatest(sum(lines) FILTER (WHERE above IS NULL), sum(lines) FILTER (WHERE above >= 0)) "
    f"FROM (SELECT * FROM ({{union}}) AS days LIMIT {{limit}}) AS found WHERE {ASCII_FOLDS}) > {{most}}"
)


class Part(NamedTuple):
    """One of the partitions of a table: its name, and the conditions on the time that tell its days and the
    period that is asked for."""

    table: str
    days: str
    span: str


def by_words(conditions: Conditions, sample: Sample, rows: int) -> Conditions:
    """The conditions, to be looked up by the piece of the terms that the fewest of the sampled lines have, of
    several the longest; `rows` is how many lines there are. Without a piece that the words tell of they stay
    as they are.

    The index is asked for the rarest part of the piece alone: each of its trigrams that many stretches have
    costs as much as the reading of these.
    """
    pieces = {piece for term in conditions.terms for piece in pieces_of(term)}
    if not pieces:
        return conditions
    piece = sample.rarest(pieces)
    asked = sample.rarest(runs_of(piece))
    values = {**conditions.values, PATTERN: _pattern(asked), PIECE: piece}
    return replace(conditions, word=piece, expected=rows * sample.share(piece.strip()), values=values)


def _pattern(piece: str) -> str:
    return f"%{literal(piece)}%"


def is_told(conditions: Conditions) -> bool:
    """True where the words alone tell which lines match, as far as these are plain ASCII: of a single term
    that is a part of a word."""
    terms, word = conditions.terms, conditions.word
    is_alone = len(conditions.texts) == len(terms) == 1 and not conditions.firm
    return is_alone and terms[0].isascii() and word is not None and fold(terms[0]) == word


def lines_sql(table: str, part: Part, conditions: Conditions) -> str:
    """The matching rows of a partition of the table, by the word of the conditions."""
    return f"WITH stretch AS MATERIALIZED ({_stretches(table, part, conditions)}) {_lines(part, conditions)}"


def count_sql(table: str, parts: Sequence[Part], conditions: Conditions, most: int) -> str:
    """How many rows match, counted up to one more than `most`, where the words alone tell it of most rows
    (`is_told`)."""
    stretches = [_stretches(table, part, conditions) for part in parts]
    inside = " AND ".join(
        ("since >= :start" if conditions.start else "true", "time <= :end" if conditions.end else "true")
    )
    counted = " UNION ALL ".join(
        f"({COUNTED.format(is_one=f'{IS_ONE} AND {inside}', stretches=each, lines=_lines(part, conditions))})"
        for each, part in zip(stretches, parts, strict=True)
    )
    each_line = f"(SELECT count(*) FROM (SELECT 1 FROM ({counted}) AS matching LIMIT {most + 1}) AS counted)"
    if conditions.expected < DOUBTFUL * most:
        return each_line
    union = " UNION ALL ".join(
        f"(SELECT lines, above FROM ({each}) AS day WHERE {inside})" for each in stretches
    )
    return (
        f"CASE WHEN {MORE.format(union=union, limit=round(SPARE * most), most=most)} THEN {most + 1} "
        f"ELSE {each_line} END"
    )


def _stretches(table: str, part: Part, conditions: Conditions) -> str:
    overlap = (" AND time >= :start" if conditions.start else "") + (
        f" AND {SINCE} <= :end" if conditions.end else ""
    )
    rest = "" if conditions.values[PATTERN] == _pattern(conditions.word or "") else REST
    return STRETCH.format(stretches=STRETCHES[table], rest=rest, days=part.days, overlap=overlap)


def _lines(part: Part, conditions: Conditions) -> str:
    return LINES.format(part=part.table, where=conditions.where + part.days + part.span)
