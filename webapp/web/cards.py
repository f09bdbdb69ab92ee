"""Cards: parts of a page, each made on its own, so that one that fails does not take the page along."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Card:
    """One card: its title, its template, what makes the `view` that this shows, and the template of its
    failure."""

    name: str
    title: str
    template: str
    make: Callable[..., object]
    failed: str


def rendered(session: Session, card: Card, **options: str) -> Markup:
    """The HTML of a card; where its data cannot be had, the card says why."""
    frame = {"name": card.name, "title": card.title}
    try:
        html = render_template(card.template, **frame, view=card.make(session, **options))
    except (SQLAlchemyError, RedisError) as error:
        if isinstance(error, DBAPIError) and (error.connection_invalidated or error.statement is None):
            raise  # no card can be made, nor the page around it
        session.rollback()
        log.warning("card %s failed: %s", card.name, error)
        html = render_template(card.failed, **frame, reason=_reason(error), asked=options)
    return Markup(html)  # noqa: S704 - templates of ours, which escape


def _reason(error: Exception) -> str:
    if isinstance(error, RedisError):
        return "The cache (Redis) does not answer."
    if isinstance(error, OperationalError | PoolTimeout):
        return "The database does not answer."
    return "The database could not answer; the log of the web process says why."
