"""HTML that leaves by mail: rendered outside a request, escaped like every page."""

from flask import current_app


def letter(template: str, **data: object) -> str:
    """The HTML of a template of mails; it has the filters of pages, and nothing of the frame around them."""
    return current_app.jinja_env.get_template(template).render(**data)
