"""Where notices go: by mail, and to the services that apprise knows."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator
from pydantic_settings import NoDecode

from webapp.config.kinds import CommaList, HttpUrl

ENTRY = re.compile(
    r"(?:(?P<kinds>[a-z_+]{1,400})=)?(?P<url>(?P<scheme>[a-z][a-z0-9]{1,19})://\S+)", re.IGNORECASE
)
BETWEEN = re.compile(r"(?<![\s,])[\s,]++(?=(?:[a-z_+]{1,400}=)?[a-z][a-z0-9]{1,19}://)", re.IGNORECASE)


def _entries(value: Any) -> Any:
    """A URL may hold commas of its own: entries are parted where the next one begins."""
    if isinstance(value, str):
        return tuple(part for part in BETWEEN.split(value.strip(" ,\t\r\n")) if part)
    return value


def _urls(value: tuple[str, ...]) -> tuple[str, ...]:
    """A bad entry is told by its number: there are secrets in it."""
    for number, entry in enumerate(value, start=1):
        if not ENTRY.fullmatch(entry):
            raise ValueError(f"entry {number} is not a URL such as ntfy://ntfy.sh/topic")
    return value


AlertUrls = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_entries), AfterValidator(_urls)]


class ChannelSettings(BaseModel):
    """The channels, and what each is told."""

    alert_urls: AlertUrls = ()  # each `URL` or `kind+kind=URL`
    alert_mail_kinds: CommaList = ()  # empty: all
    app_url: HttpUrl = ""  # where people reach the viewer
    enable_weekly_summary: bool = True
