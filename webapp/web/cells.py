"""What the cells of a list hold, put together in Python: a macro takes five times as long, and a page has a
hundred of them."""

from datetime import date, datetime
from functools import lru_cache

from flask import Flask
from markupsafe import Markup, escape

from webapp.config import Settings
from webapp.web.badges import NOTICE_SENDER
from webapp.web.filters import domain, highlight, number, visible
from webapp.web.times import Times

NULL_SENDER = "MAIL FROM:<>, as bounces and automatic answers have it"
SHORT = 1  # letters of a local part that needs no room for an ellipsis
KEPT = 2048  # moments whose cell is kept


def cut_address(address: str | None, url: str | None = None, term: str | None = None) -> Markup:
    """An address in one line, as a link where `url` is given: where it is too long its local part is cut, its
    domain never. The whole of it is its name and in the title. '' is the null sender, None is not known."""
    if not address:
        return _link("cut", url, nameless(address), "", "")
    place, whole = domain(address), escape(visible(address))
    end = f"@{place}" if place else ""
    local = address[: len(address) - len(end)]
    look = ' class="short"' if len(local) <= SHORT else ""
    text = f"<bdi{look}>{highlight(local, term)}</bdi>"
    if end:
        text += f'<bdi class="mid-end">{highlight(end, term)}</bdi>'
    return _link("mid", url, text, f' title="{whole}"', f' aria-label="{whole}"')


def _link(look: str, url: str | None, inner: str, title: str, label: str) -> Markup:
    """Put together from HTML; a format of Markup would escape each part anew, at four times the time."""
    if not url:
        return Markup(f'<span class="{look}"{title}>{inner}</span>')  # noqa: S704 - HTML of the caller
    link = f'<a class="{look} cell-link" href="{escape(url)}" tabindex="-1"{title}{label}>{inner}</a>'
    return Markup(link)  # noqa: S704 - the same


def nameless(address: str | None) -> Markup:
    """What stands for the null sender (''), and for an address that is not known (None)."""
    if address is None:
        return Markup('<span class="muted">not known</span>')
    return Markup('<span class="muted" title="{}">{}</span>').format(NULL_SENDER, NOTICE_SENDER)


def row_name(seen: str, sender: str | None, recipient: str | None, many: int, outcome: str) -> str:
    """What a row's link is called: what is seen of it, who wrote to whom, and what became of it."""
    who = sender or ("mail server" if sender == "" else "somebody unknown")
    more = f" and {number(many - 1)} more" if many > 1 else ""
    return f"{visible(seen)}, from {visible(who)} to {visible(recipient or 'nobody known')}{more}, {outcome}"


class Moments:
    """Cells that tell a moment."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._told = lru_cache(maxsize=KEPT)(self._tell)

    def time(self, moment: datetime | None, unknown: str = "–") -> Markup:
        """Clock time today, day and minute before; the whole truth in the title."""
        if moment is None:
            return Markup('<span class="muted">{}</span>').format(unknown)
        return self._told(moment, self._times.today())

    def _tell(self, moment: datetime, _today: date) -> Markup:
        times = self._times
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            times.iso(moment), times.full(moment), times.short(moment)
        )


def register(app: Flask, settings: Settings) -> None:
    """Give the templates these cells."""
    moments = Moments(Times(settings.tz))
    app.jinja_env.globals.update(
        cut_address=cut_address, nameless=nameless, row_name=row_name, time=moments.time
    )
