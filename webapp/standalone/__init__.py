"""`python -m webapp.standalone`: the whole viewer on one machine, with its own PostgreSQL and Valkey."""


class StartError(Exception):
    """The viewer cannot start; the text is one sentence for the administrator."""
