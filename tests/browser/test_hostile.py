"""Hostile text in everything that strangers and mailcow write stays text on every page, and widens none."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import insert, text
from werkzeug.exceptions import HTTPException

from tests.browser.conftest import Site
from tests.dmarc.conftest import metadata
from tests.reports.samples import as_json, gz, record, tls, xml
from tools.look import SIDEWAYS
from webapp.mailcow import accounts, live
from webapp.mailcow.connection import mailcow
from webapp.mailcow.live import QUARANTINE, QUEUE
from webapp.reports.refusal import Limits
from webapp.reports.save import save_file
from webapp.status import collect as status
from webapp.tables.alerts import AlertEvent
from webapp.tables.db import db, now
from webapp.tables.mailcow import SnapshotRow

OpenPage = Callable[..., Page]
TEXT = (
    "<img src=x onerror=hacked=1><script>hacked=1</script>{{7*7}} \u202egpj.exe " + "W" * 600 + "\u0301" * 300
)
IN_COLUMNS = {
    "messages": ("subject", "username", "client_name", "helo"),
    "deliveries": ("response", "relay", "folder"),
    "postfix_logs": ("message",),
    "rspamd_logs": ("subject",),
    "netfilter_logs": ("message", "username"),
    "dovecot_logs": ("message", "reason", "username"),
    "mailboxes": ("name",),
    "mailbox_aliases": ("comment",),
    "snapshots": ("error",),
    "dmarc_reports": ("generator", "contact", "email", "organisation", "report_id"),
    "dmarc_records": ("header_from", "envelope_from"),
    "tls_reports": ("contact", "organisation"),
}
KEYS = {
    "subject",
    "sender",
    "reason",
    "image",
    "description",
    "name",
    "rcpt",
    "message_id",
    "disk",
    "recipients",
}
LOOK = """() => ({
  harmless: !window.hacked && !document.querySelector("img[src=x], script:not([src])"),
  shown: document.body.textContent.includes("<img src=x onerror"),
  links: [...document.querySelectorAll("a[href^='/']")].map((one) => one.getAttribute("href")),
})"""
WIDTHS = (390, 1440)  # the wide one only where hostile text is shown
MOST = 60  # pages


@pytest.fixture(scope="module")
def hostile(make_site: Callable[..., Site]) -> Site:
    """A site in which everything that can be written from outside has been, by somebody who means harm."""
    site = make_site("browser_hostile", rate=0.3, mailcow_api_key_rw="demo-key")
    site.mailcow.key_rw = "demo-key"
    config = site.app.config["SETTINGS"]
    with site.app.app_context():
        connection, client = db.session.connection(), mailcow(config)
        for kind in (QUEUE, QUARANTINE):
            live.take(kind, connection, client)
        _run(status.take(db.session(), client), accounts.refresh(db.session(), client, config))
        _report()
        _spoil()
        db.session.commit()
    return site


def _run(*works: Iterator[object]) -> None:
    for work in works:
        for _ in work:
            db.session.commit()


def _report() -> None:
    comment = "<reason><type>other</type><comment>&lt;script&gt;hacked=1&lt;/script&gt;</comment></reason>"
    rows = record(count="90"), record(ip="2001:db8::77", spf="fail", dkim="fail", more=comment)
    save_file(
        db.session.connection(), gz(xml(*rows, metadata=metadata(2, "Receiver", "r-1"))), TEXT, Limits()
    )
    save_file(db.session.connection(), as_json(tls(**{"organization-name": TEXT})), "t.json", Limits())


def _spoil() -> None:
    for table, columns in IN_COLUMNS.items():
        for column in columns:
            db.session.execute(text(f"UPDATE {table} SET {column} = :text"), {"text": TEXT})
    for row in db.session.query(SnapshotRow):
        row.data = _spoilt(row.data, "")
    moments = dict.fromkeys(("began_at", "confirmed_at", "last_seen"), now())
    event = {
        "rule": "container",
        "subject": TEXT,
        "aspect": "",
        "severity": "warning",
        "text": TEXT,
        "link": "/queue",
    }
    db.session.execute(insert(AlertEvent).values(**event, **moments, numbers={}))


def _spoilt(value: Any, name: str) -> Any:
    """A JSON value with hostile text in place of every text that mailcow takes from somebody, and with no
    sane fraction."""
    if isinstance(value, dict):
        return {key: _spoilt(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_spoilt(part, name) for part in value]
    if isinstance(value, float):
        return 1e300
    return TEXT if isinstance(value, str) and name in KEYS else value


def test_hostile_text_is_inert_on_every_page_and_widens_none(open_page: OpenPage, hostile: Site) -> None:
    page = open_page("/login", width=390, height=800, base=hostile.url)
    urls, seen, shown, bad = hostile.app.url_map.bind("localhost"), {"elsewhere"}, 0, []
    waiting = [
        "/dashboard",
        "/messages",
        "/messages/by/senders",
        "/dmarc/example.com",
        "/security/connections",
    ]
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        endpoint = _endpoint(urls, path)
        if endpoint in seen:
            continue
        seen.add(endpoint)
        page.goto(path, wait_until="domcontentloaded")
        found = page.evaluate(LOOK)
        shown += found["shown"]
        if not found["harmless"] or any(_widened(page, width) for width in WIDTHS[: 1 + found["shown"]]):
            bad.append((path, page.evaluate("[document.documentElement.scrollWidth, innerWidth]")))
        waiting += found["links"]
    assert bad == []
    assert len(seen) >= 20, sorted(seen)
    assert shown >= 8
    assert re.search("queue|quarantine", " ".join(sorted(seen)))


def _widened(page: Page, width: int) -> bool:
    """Whether the page is wider than a window of this width."""
    page.set_viewport_size({"width": width, "height": 800})
    return bool(page.evaluate(SIDEWAYS) > 0)


def _endpoint(urls: Any, path: str) -> str:
    """The page that a path leads to; what is none, such as a file, is elsewhere."""
    try:
        found, _ = urls.match(path.partition("?")[0].partition("#")[0])
    except HTTPException:
        return "elsewhere"
    return str(found) if "_pages." in found and "download" not in found else "elsewhere"
