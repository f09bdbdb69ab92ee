"""How a search may go on, and what else is known of one: as JSON, and as parts of pages."""

from dataclasses import dataclass
from functools import partial

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from webapp.lists.page import chosen_by_url, given
from webapp.lists.params import Parameters, Text
from webapp.messages.filter import Search
from webapp.messages.terms import search_terms
from webapp.search.absence import explanations
from webapp.search.elsewhere import Fact, elsewhere
from webapp.search.known import known_by
from webapp.search.subjects import subjects_of
from webapp.search.suggestions import Suggestion, suggestions
from webapp.tables.db import db
from webapp.web.openapi import described, documented
from webapp.web.page import page

api = Blueprint("search_api", __name__)
pages = Blueprint("search_pages", __name__)


class Asked(Parameters):
    """The query parameters of GET /api/search/elsewhere."""

    search: Search = Field(None, title="Search", description="As in /api/messages")


@dataclass(frozen=True)
class Elsewhere:
    """What is known besides messages, what matters most first."""

    data: list[Fact]


EXAMPLE = {
    "data": [
        {
            "kind": "banned",
            "subject": "192.0.2.25",
            "sentence": "is banned, after 10 attempts",
            "url": "/security/events?ip=192.0.2.25",
            "since": "2026-11-25T09:12:00Z",
            "until": "2026-11-25T10:12:00Z",
        }
    ]
}


def _facts(asked: Asked) -> list[Fact]:
    return elsewhere(db.session(), subjects_of(search_terms(asked.search or "")))


@api.get("/api/search/elsewhere")
@documented("Messages", query=Asked, answer=described(Elsewhere, EXAMPLE))
def elsewhere_answer() -> ResponseReturnValue:
    """What else is known of a search

    Bans, refused connections, queue and quarantine as last seen, mailboxes, aliases and domains.
    """
    return jsonify(Elsewhere(_facts(given(Asked))))


@pages.get("/search/elsewhere")
def elsewhere_page() -> ResponseReturnValue:
    """The same as a line above the list, or as a page of its own."""
    asked, error = chosen_by_url(Asked)
    facts = [] if error else _facts(asked)
    status = 400 if error else 200
    return page("search/elsewhere.html", "search/_elsewhere.html", status, facts=facts, asked=asked)


def _explained(asked: Asked) -> list[Fact]:
    return explanations(db.session(), subjects_of(search_terms(asked.search or "")))


@api.get("/api/search/absence")
@documented("Messages", query=Asked, answer=described(Elsewhere, EXAMPLE))
def absence_answer() -> ResponseReturnValue:
    """What would explain that a search finds no message

    Of its senders: greylisting without a retry, refused messages, a banned client, other messages.
    """
    return jsonify(Elsewhere(_explained(given(Asked))))


@pages.get("/search/absence")
def absence_page() -> ResponseReturnValue:
    """The same below the list that is empty, or as a page of its own."""
    asked, error = chosen_by_url(Asked)
    facts = [] if error else _explained(asked)
    status = 400 if error else 200
    return page("search/absence.html", "search/_absence.html", status, facts=facts, asked=asked)


class Beginning(Parameters):
    """The query parameters of GET /api/search/suggestions."""

    search: Text = Field(None, title="Search", description="A search as far as it is typed")


@dataclass(frozen=True)
class Suggestions:
    """Up to eight ways in which the search may go on."""

    data: list[Suggestion]


SUGGESTED = {
    "data": [
        {
            "search": "invoice from:anna@example.org",
            "words": "from:anna@example.org",
            "meaning": "a mailbox of yours",
            "is_open": False,
        }
    ]
}


def _suggested() -> list[Suggestion]:
    """Of the search as it was typed: a blank at its end begins a new word."""
    return suggestions(request.args.get("search", ""), partial(known_by, db.session()))


@api.get("/api/search/suggestions")
@documented("Messages", query=Beginning, answer=described(Suggestions, SUGGESTED))
def suggestions_answer() -> ResponseReturnValue:
    """How a search may go on

    Fields, outcomes and times, mailboxes, aliases and domains, and what was seen in the newest mail.
    """
    given(Beginning)
    return jsonify(Suggestions(_suggested()))


@pages.get("/search/suggestions")
def suggestions_page() -> ResponseReturnValue:
    """The same as the list under the box, or as a page of links."""
    _, error = chosen_by_url(Beginning)
    found = [] if error else _suggested()
    return page("search/suggestions.html", "search/_suggestions.html", 400 if error else 200, found=found)
