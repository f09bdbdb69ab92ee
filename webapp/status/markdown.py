"""Release notes as HTML. Raw HTML stays text, links lead only to the web, and no image is fetched from other
hosts."""

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markupsafe import Markup

LONGEST = 200_000  # characters; GitHub allows 125,000


def _outside_link(self: RendererHTML, tokens: Sequence[Any], at: int, options: Any, environment: Any) -> str:
    tokens[at].attrSet("rel", "noopener noreferrer nofollow")
    return self.renderToken(tokens, at, options, environment)  # type: ignore[arg-type]


_reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
_reader.validateLink = lambda url: url.startswith(("https://", "http://"))  # type: ignore[method-assign]
_reader.add_render_rule("link_open", _outside_link)


def rendered(text: str | None) -> Markup:
    """The Markdown text as safe HTML."""
    return Markup(_reader.render((text or "")[:LONGEST]))  # noqa: S704 - the reader escapes what it was given
