"""Jinja filters and functions: times in the configured zone, ages, sizes, numbers, links. Pure except
`register`."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask
from markupsafe import Markup, escape

from webapp.config import Settings
from webapp.geoip import locate
from webapp.tables.gin import TRIGRAM
from webapp.web.charts import stacked_columns
from webapp.web.page import settings as current
from webapp.web.times import Times
from webapp.web.worldmap import world_map

MINUS = "\N{MINUS SIGN}"
BAR_ZERO_MARGIN = 0.12
BAR_SCALE_LEAST = 1.0  # a score of 0.1 must not fill the drawing
PLAINLY_NOT = re.compile(r"[^A-Za-z0-9_-]")  # what an HTML id may not hold
LEAD = 60  # characters that may stand before the first match in a cut line
CONTEXT = 24  # of them, where there are more


class Bar(NamedTuple):
    """One symbol's bar: left edge and width in the drawing's units."""

    symbol: Any
    x: float
    width: float


MOST_MARKS = 4  # on one letter
MOST_WORDS = 512  # of one macro that are remembered
BEYOND = 1e9  # from here on a number is told by its magnitude


def number(value: float | None) -> str:
    """Thousands separated: `2,431`."""
    return "" if value is None else f"{value:,.0f}"


def count(value: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 message`, `2,431 messages`."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def score(value: float | None) -> str:
    """Two decimals with a true minus sign: `8.20`, `−0.10`."""
    if value is None:
        return ""
    text = f"{abs(value):.2f}" if abs(value) < BEYOND else f"{abs(value):.0e}"
    return f"{MINUS}{text}" if value < 0 and float(text) else text


def size(value: float | None) -> str:
    """Bytes in decimal units: `812 B`, `12.3 kB`, `4.0 MB`."""
    if value is None:
        return ""
    if value < 1000:
        return f"{value:.0f} B"
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95 or unit == "GB":
            break
    return f"{value:,.1f} {unit}"


def duration(seconds: float | None) -> str:
    """A length of time: `2 s`, `0.42 s`, `12.3 s`, `3 min 12 s`, `2 h 5 min`, `4 d 1 h`."""
    if seconds is None:
        return ""
    if seconds < 60 and float(seconds).is_integer():
        return f"{max(seconds, 0):.0f} s"
    if seconds < 10:
        return f"{max(seconds, 0):.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for unit, word, part, part_word in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= unit:
            rest = whole % unit // part
            return f"{whole // unit} {word} {rest} {part_word}" if rest else f"{whole // unit} {word}"
    return f"{whole} s"


def offset(seconds: float | None) -> str:
    """Time since the first line: `+0 s`, `+0.42 s`, `+2:05`, `+1:02:05`; no decimals where the clock has
    none."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"+{max(seconds, 0):.0f} s" if float(seconds).is_integer() else f"+{max(seconds, 0):.2f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{rest:02}" if hours else f"+{minutes}:{rest:02}"


def visible(value: object) -> str:
    """Text with control and direction-override characters written out (`\\u202e`), so that none can disguise
    a name."""
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return text
    shown = text if text.isprintable() else "".join(_shown(character) for character in text)
    return shown if shown.isascii() else _thinned(shown)


def _thinned(text: str) -> str:
    """The text without the marks that pile up on a letter beyond what any script needs."""
    kept, piled = [], 0
    for character in text:
        piled = piled + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if piled <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    if (
        kind not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        or character in "\t\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
    ):
        return character
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"


def _matches(term: str) -> re.Pattern[str]:
    place = "" if len(term) >= TRIGRAM else "(?:^|(?<= ))"
    return re.compile(f"{place}({re.escape(term)})", re.IGNORECASE)


def highlight(value: object, term: str | None) -> Markup:
    """The text made visible and escaped, with each match of a search term marked, in any case."""
    text = "" if value is None else str(value)
    if not term:
        return escape(visible(text))
    pieces = [visible(piece) for piece in _matches(term).split(text)]
    mark = Markup("<mark>{}</mark>")
    return Markup("").join(mark.format(piece) if number % 2 else piece for number, piece in enumerate(pieces))


def lead(text: str, known: str = "", term: str | None = None) -> int:
    """How many characters a cut line leaves out at its beginning: what is known, and what stands far before
    the first match."""
    skip = len(known) if known and text.startswith(known) else 0
    match = _matches(term).search(text, skip) if term else None
    return match.start() - CONTEXT if match and match.start() - skip > LEAD else skip


def sentence(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def full_stop(text: object) -> str:
    """The text with one full stop at its end, whether it had one or not."""
    return f"{str(text).rstrip(' .')}."


def grade(priority: str) -> str:
    """How serious a line of this syslog priority is: `error`, `warning`, or ''."""
    if priority in {"err", "error", "crit", "alert", "emerg", "fatal", "panic"}:
        return "error"
    return "warning" if priority in {"warn", "warning"} else ""


def domain(address: str | None) -> str:
    """The part after the last @, '' without one."""
    return address.rpartition("@")[2] if address and "@" in address else ""


def query_url(path: str, **parameters: object) -> str:
    """A path with these parameters; empty ones are left out."""
    asked = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(asked)}" if asked else path


def messages_url(**parameters: object) -> str:
    """The message list asked for these parameters."""
    return query_url("/messages", **parameters)


def symbol_bars(symbols: Sequence[Any], length: float) -> tuple[float, list[Bar]]:
    """The zero line's place and a bar for each symbol with weight, in a drawing `length` units wide.

    Negative scores lie left of zero and positive ones right of it, all on one scale.
    """
    weighted = [symbol for symbol in symbols if symbol.score]
    left = max((-symbol.score for symbol in weighted if symbol.score < 0), default=0.0)
    right = max((symbol.score for symbol in weighted if symbol.score > 0), default=0.0)
    share = left / (left + right) if weighted else 0.5
    zero = round(length * min(max(share, BAR_ZERO_MARGIN), 1 - BAR_ZERO_MARGIN), 1)
    scales = [max(zero, length - zero) / BAR_SCALE_LEAST]
    scales += [zero / left] if left else []
    scales += [(length - zero) / right] if right else []
    scale = min(scales)
    bars = []
    for symbol in weighted:
        width = round(max(abs(symbol.score) * scale, 1.5), 1)
        bars.append(Bar(symbol, round(zero - width, 1) if symbol.score < 0 else zero, width))
    return zero, bars


def moment(value: str | None) -> datetime | None:
    """The moment of an ISO text that an answer of ours holds."""
    return datetime.fromisoformat(value) if value else None


def element_id(value: object) -> str:
    """A value as an HTML id: letters, digits, `-` and `_` stay, others become their code."""
    return PLAINLY_NOT.sub(lambda match: f"_{ord(match[0]):x}_", str(value))


def remembered(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """A macro of words from closed vocabularies, such as outcomes and icons, which is run once for each."""
    kept = lru_cache(maxsize=MOST_WORDS)(macro)
    return lambda *given: kept(*(tuple(each) if isinstance(each, list) else each for each in given))


def register(app: Flask, settings: Settings) -> None:
    """Give the templates every filter and function of this module."""
    times = Times(settings.tz)
    for name in ("iso", "clock", "minute", "short", "day", "full", "age", "date_words", "hour"):
        app.jinja_env.filters[name] = getattr(times, name)
    for function in (
        number,
        count,
        score,
        size,
        duration,
        offset,
        visible,
        highlight,
        lead,
        sentence,
        full_stop,
        grade,
        domain,
        element_id,
        moment,
    ):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["place"] = lambda address: locate(address, current().geoip_folder)
    app.jinja_env.globals.update(
        remembered=remembered,
        query_url=query_url,
        messages_url=messages_url,
        stacked_columns=stacked_columns,
        world_map=world_map,
        symbol_bars=symbol_bars,
        date_presets=lambda: times.presets(current().retention_days),
        period_words=times.period,
        moment_field=times.field,
        zone_name=times.zone,
    )
