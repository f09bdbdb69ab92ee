"""How much of a foreign text is kept. Pure.

What a stranger may choose (subject, addresses, replies, HELO) has megabytes if he likes; in a page and in the
indexes each would cost many times its size. A raw line is kept whole up to a bound of its own.
"""

from typing import Any

LONGEST_LINE = 16_000  # characters of a raw line; Postfix itself cuts at 2,000
LONGEST_FIELD = 1_000  # characters of a subject, an address, a Message-ID, a name
LONGEST_REPLY = 4_000  # characters of what a server said
LONGEST_ROW = 65_536  # bytes of a row of JSON that is kept as it came
LONGEST_INDEXED = 20_000  # characters of the text that is searched
MOST_ITEMS = 1_000  # recipients of one mail, options of one symbol
MOST_SYMBOLS = 1_000
ELLIPSIS = "…"


def cut(text: str, most: int = LONGEST_FIELD) -> str:
    """The text, or its beginning where it is longer than that."""
    return text if len(text) <= most else text[: most - 1] + ELLIPSIS


def cut_json(value: Any, left: int = 3) -> Any:
    """A JSON value with every text and list of bounded length, and `left` more levels."""
    if isinstance(value, str):
        return cut(value)
    if not isinstance(value, (dict, list)):
        return value
    if left == 0:
        return ELLIPSIS
    if isinstance(value, dict):
        return {cut(name): cut_json(part, left - 1) for name, part in list(value.items())[:MOST_SYMBOLS]}
    return [cut_json(part, left - 1) for part in value[:MOST_ITEMS]]
