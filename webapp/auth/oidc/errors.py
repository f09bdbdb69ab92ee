"""Why a sign-in did not succeed."""

from webapp.errors import ExpectedError


class SignInRefused(ExpectedError):
    """Somebody who may not come in, or an answer that does not fit what was asked."""

    status = 403


class ProviderAway(ExpectedError):
    """The provider does not answer, or not as one."""

    status = 502
