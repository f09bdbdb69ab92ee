"""Errors of the database that are no fault of the program, in one sentence each."""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

AWAY = "The database does not answer"
SHORT_OF = {  # classes and codes of PostgreSQL's errors (appendix A of its manual) that pass by themselves
    "08": AWAY,
    "53": "The database is short of memory or room",
    "53100": "The disk of the database is full",
    "53300": "The database takes no more connections",
    "57": AWAY,
    "57014": "The database took too long for this question",
    "58": "The database has trouble with its disk",
    "25006": "The database can only be read at present",
}


def trouble(error: BaseException) -> str | None:
    """The sentence for a database that is away, full or slow; None for every other error."""
    if isinstance(error, PoolTimeout):
        return SHORT_OF["53300"]
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlstate", None) or ""
    known = SHORT_OF.get(code) or SHORT_OF.get(code[:2])
    if error.connection_invalidated or error.statement is None:  # no statement: there was no connection
        return known or AWAY
    return known


def sentence_of(error: Exception) -> str:
    """What is told of any error: never a statement or its parameters, which hold what strangers wrote."""
    if isinstance(error, SQLAlchemyError):
        original = getattr(error, "orig", None) or error
        return trouble(error) or str(original).partition("\n")[0] or type(original).__name__
    return str(error) or type(error).__name__
