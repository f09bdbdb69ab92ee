"""Errors that are told by their own sentence; every other one is a fault of the program."""


class ExpectedError(Exception):
    """What an ordinary life brings; the text is one sentence, `status` the HTTP code of the answer."""

    status = 500


class BadParameter(ExpectedError):
    """A query parameter breaks its rule; the text names the parameter and the rule."""

    status = 400


class NotFound(ExpectedError):
    """The thing asked for does not exist; the text says which."""

    status = 404
