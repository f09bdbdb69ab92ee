"""Who attacks: events and bans as JSON and as pages, the addresses with their charts, and one address."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.lists import livepage
from webapp.lists.actionpage import (
    ACTION_EXAMPLE,
    ActionAnswer,
    ActionRequest,
    api_answer,
    change_page,
    confirm_page,
)
from webapp.lists.daylist import Found
from webapp.lists.page import chosen_by_url, frame, given, json_answer, list_page, news_part
from webapp.mailcow import live
from webapp.mailcow.actions import allowed
from webapp.mailcow.results import find_result
from webapp.parse.netfilter import host
from webapp.security import attackers, bananswers
from webapp.security.address import facts_of
from webapp.security.answers import ConnectionPage, NetfilterPage, SignInPage
from webapp.security.banlist import BAN_LIST, BanFilter
from webapp.security.filter import AttackerFilter, ConnectionFilter, NetfilterFilter, SignInFilter
from webapp.security.lists import CONNECTIONS, EVENTS, SIGN_INS
from webapp.tables.db import db
from webapp.web.openapi import described, documented
from webapp.web.page import page, settings
from webapp.web.visitor import may_act

api = Blueprint("security_api", __name__)
pages = Blueprint("security_pages", __name__)

TAG = "Queue and quarantine"


@api.get("/api/logs/netfilter")
@documented("Logs", query=NetfilterFilter, answer=NetfilterPage)
def netfilter_events() -> ResponseReturnValue:
    """Netfilter (fail2ban) events, newest first"""
    return json_answer(EVENTS)


@api.get("/api/logs/connections")
@documented("Logs", query=ConnectionFilter, answer=ConnectionPage)
def refused_connections() -> ResponseReturnValue:
    """Connections that Postfix refused before there was a mail, newest first"""
    return json_answer(CONNECTIONS)


@api.get("/api/logs/sign-ins")
@documented("Logs", query=SignInFilter, answer=SignInPage)
def refused_sign_ins() -> ResponseReturnValue:
    """Sign-ins that Dovecot refused, newest first"""
    return json_answer(SIGN_INS)


@api.get("/api/bans")
@documented(TAG, query=BanFilter, answer=described(bananswers.BanAnswer, bananswers.EXAMPLE))
def bans_answer() -> ResponseReturnValue:
    """What mailcow has banned now, and until when

    Asked of mailcow at most every 30 seconds. Where mailcow does not answer within 4 seconds, the list last
    seen is given with its age.
    """
    listing = live.present(live.BANS, db.session(), settings(), livepage.PATIENCE)
    return jsonify(bananswers.answer(listing, given(BanFilter)))


@api.post("/api/bans/actions")
@documented(TAG, body=ActionRequest, answer=described(ActionAnswer, ACTION_EXAMPLE), codes=(400, 403))
def change_bans() -> ResponseReturnValue:
    """Unban addresses or networks

    `action` is unban; `ids` are the bans' `network`. Needs MAILCOW_API_KEY_RW. netfilter lifts a ban within
    seconds: until it has, the outcome is open.
    """
    return jsonify(api_answer(BAN_LIST))


@pages.get("/security/bans")
def bans() -> ResponseReturnValue:
    """What is banned, as last seen."""
    return livepage.list_page(BAN_LIST)


@pages.get("/security/bans/news")
def bans_news() -> ResponseReturnValue:
    """Whether the bans have changed since they were shown."""
    return livepage.news_part(BAN_LIST)


@pages.post("/security/bans/confirm")
def confirm_unban() -> ResponseReturnValue:
    """The question before an unban."""
    return confirm_page(BAN_LIST)


@pages.post("/security/bans/actions")
def unban() -> ResponseReturnValue:
    """Do what was confirmed, and lead back with the result."""
    return change_page(BAN_LIST)


@pages.get("/security/address/<ip>")
def address(ip: str) -> ResponseReturnValue:
    """One address: its ban, its attempts, what was refused to it."""
    known = host(ip)
    if known is None or "/" in known:
        raise NotFound("This is no IP address")
    facts, ways = facts_of(db.session(), known), allowed(settings()) and may_act()
    result = find_result(request.args.get("result"))
    return render_template("security/address.html", facts=facts, may_act=ways, result=result)


@pages.get("/security")
def overview() -> ResponseReturnValue:
    """One row per address, with the charts."""
    chosen, error = chosen_by_url(AttackerFilter)
    seen = attackers.board(db.session(), chosen, settings().tz)
    figures = attackers.overview(seen, settings().geoip_folder, settings().tz)
    found = Found(seen.attackers, seen.count, figures.cut, chosen.page, chosen.limit)
    view = frame(chosen, found, error)
    return page("security/security.html", "security/_security.html", view.status, view=view, overview=figures)


@pages.get("/security/events")
def events() -> ResponseReturnValue:
    """Netfilter events, one by one."""
    return list_page(EVENTS)


@pages.get("/security/events/news")
def news() -> ResponseReturnValue:
    """How many events have come since the list was shown."""
    return news_part(EVENTS)


@pages.get("/security/connections")
def connections() -> ResponseReturnValue:
    """Refused connections, one by one."""
    return list_page(CONNECTIONS)


@pages.get("/security/connections/news")
def connections_news() -> ResponseReturnValue:
    """How many connections were refused since the list was shown."""
    return news_part(CONNECTIONS)


@pages.get("/security/sign-ins")
def sign_ins() -> ResponseReturnValue:
    """Refused sign-ins, one by one."""
    return list_page(SIGN_INS)


@pages.get("/security/sign-ins/news")
def sign_ins_news() -> ResponseReturnValue:
    """How many sign-ins were refused since the list was shown."""
    return news_part(SIGN_INS)
