"""Domains: the list with its checks, one domain, and asking for a check; the same functions for JSON and
pages."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.dnscheck import progress
from webapp.dnscheck.blocklist.listed import count_listed
from webapp.domains import answers, ask, detail, overview
from webapp.domains.filter import DomainsFilter
from webapp.domains.words import check_of
from webapp.lists.page import chosen_by_url, frame
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.openapi_answers import Facts
from webapp.web.page import is_fragment, page, settings

api = Blueprint("domains_api", __name__)
pages = Blueprint("domains_pages", __name__)

TAG = "Domains"
LATER = Facts(also=(202,))
PATIENCE = 25.0  # seconds the API waits for a check


@api.get("/api/domains/all")
@documented(TAG, answer=answers.DOMAIN_LIST)
def all_domains() -> ResponseReturnValue:
    """All domains with their figures and the last results of their checks

    From what mailcow and DNS said last: no answer waits for them. Alias domains stand under their domain.
    """
    session = db.session()
    listed, rows = overview.known(session), detail.stored(session)
    return jsonify(answers.list_answer(listed, rows, overview.last_full_check(session)))


@api.post("/api/domains/check-all-dns")
@documented(TAG, answer=answers.CHECK_ALL, facts=LATER)
def check_all() -> ResponseReturnValue:
    """Check the DNS of all active domains now

    Waits up to 25 seconds; longer checks answer 202 with `status: running`.
    """
    answer = ask.check_all(db.session(), settings(), PATIENCE)
    return jsonify(answer), 202 if isinstance(answer, answers.Running) else 200


@api.post("/api/domains/<domain>/check-dns")
@documented(TAG, answer=answers.CHECK_ONE, codes=(404,), facts=LATER)
def check_one(domain: str) -> ResponseReturnValue:
    """Check the DNS of one domain now

    Does not change `last_dns_check`. Waits up to 25 seconds; longer checks answer 202.
    """
    mail = detail.find_domain(overview.known(db.session()), domain)
    running = ask.check_one(mail.name, settings(), PATIENCE)
    if running is not None:
        return jsonify(running), 202
    db.session.rollback()
    return jsonify(answers.check_answer(detail.detail(db.session(), overview.known(db.session()), domain)))


@api.get("/api/domains/<domain>/history")
@documented(TAG, answer=answers.HISTORY, codes=(404,))
def history(domain: str) -> ResponseReturnValue:
    """What the domain's records were before, newest change first

    A look-up that DNS did not answer is never a change.
    """
    mail = detail.find_domain(overview.known(db.session()), domain)
    changes = detail.changes(db.session(), mail.name)
    return jsonify(answers.History(domain=mail.name, total=len(changes), changes=changes))


@pages.get("/domains")
def list_page() -> ResponseReturnValue:
    """All domains, worst first."""
    chosen, error = chosen_by_url(DomainsFilter)
    listed = overview.known(db.session())
    states = overview.states(db.session(), listed)
    view = frame(chosen, overview.chosen_from(states, chosen), error)
    return page(
        "domains/list.html",
        "domains/_list.html",
        view.status,
        view=view,
        listed=listed,
        counts=overview.counts(states),
        listings=count_listed(db.session()),
        last_check=overview.last_of(states),
        check_of=check_of,
        running=progress.current(),
        list_url=None,
    )


@pages.get("/domains/progress")
def progress_part() -> ResponseReturnValue:
    """How far the check of all domains is, and at its end the list as it is filtered; opened directly, the
    list."""
    if not is_fragment():
        return redirect(url_for(".list_page"))
    query = request.headers.get("HX-Current-URL", "").partition("?")[2].partition("#")[0]
    list_url = f"{url_for('.list_page')}?{query}" if query else url_for(".list_page")
    return render_template("domains/_progress.html", running=progress.current(), list_url=list_url)


@pages.post("/domains/check")
def check_all_now() -> ResponseReturnValue:
    """Ask for the check of all domains, and show how far it is."""
    ask.start_all(settings())
    return progress_part() if is_fragment() else redirect(url_for(".list_page"), 303)


@pages.get("/domains/<domain>")
def domain_page(domain: str) -> ResponseReturnValue:
    """One domain: every record with what is wrong, what to publish instead, and what it was before."""
    found = detail.detail(db.session(), overview.known(db.session()), domain)
    waits = progress.is_wanted(found.mail.name)
    return page(
        "domains/domain.html",
        "domains/_domain.html",
        found=found,
        waits=waits,
        check_of=check_of,
        remarks=detail.remarks,
        badge_word=detail.badge_word,
        worst_first=detail.worst_first,
    )


@pages.post("/domains/<domain>/check")
def check_one_now(domain: str) -> ResponseReturnValue:
    """Ask for the check of one domain, and show it waiting."""
    mail = detail.find_domain(overview.known(db.session()), domain)
    ask.start_one(mail.name, settings())
    return domain_page(domain) if is_fragment() else redirect(url_for(".domain_page", domain=mail.name), 303)
