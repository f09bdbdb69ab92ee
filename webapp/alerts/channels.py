"""The channels of the settings: mail, and each URL of ALERT_URLS. A channel's name never holds a secret."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from webapp.config import Settings
from webapp.config.channels import ENTRY

MAIL = "mail"
SUMMARY = "summary"  # the kind of the weekly summary
SERVICES = {  # scheme -> its name for people; others are called by their scheme
    "discord": "Discord",
    "gotify": "Gotify",
    "json": "Webhook (JSON)",
    "matrix": "Matrix",
    "mmost": "Mattermost",
    "msteams": "Microsoft Teams",
    "pover": "Pushover",
    "rocket": "Rocket.Chat",
    "signal": "Signal",
    "slack": "Slack",
    "tgram": "Telegram",
    "xml": "Webhook (XML)",
}
ENCRYPTED = {"gotifys", "jsons", "matrixs", "mmosts", "ntfys", "rockets", "signals", "xmls"}


@dataclass(frozen=True)
class Channel:
    """One way to tell. `name` is its key in the outbox: `mail`, or its service with a number where there are
    several, so that a corrected URL is the same channel. `kinds` are the rules it is told of; none: all."""

    name: str
    service: str
    kinds: tuple[str, ...] = ()
    url: str = field(default="", repr=False)

    @property
    def is_mail(self) -> bool:
        """True for the one that sends by SMTP."""
        return self.name == MAIL

    def takes(self, kinds: Collection[str]) -> bool:
        """True where a notice of these kinds is for it; mail always takes the weekly summary."""
        if not self.kinds or (self.is_mail and SUMMARY in kinds):
            return True
        return not set(self.kinds).isdisjoint(kinds)


def channels(settings: Settings) -> tuple[Channel, ...]:
    """All channels that are set, mail first."""
    mail = (Channel(MAIL, "Mail", settings.alert_mail_kinds),) if mails(settings) else ()
    return (*mail, *_services(settings.alert_urls))


def mails(settings: Settings) -> bool:
    """True where mail is switched on and somebody gets it."""
    return settings.smtp_enabled and bool(settings.smtp_host and settings.admin_email)


def find_channel(settings: Settings, name: str) -> Channel | None:
    """The channel of that name, or None."""
    return next((one for one in channels(settings) if one.name == name), None)


def _services(entries: tuple[str, ...]) -> list[Channel]:
    seen: Counter[str] = Counter()
    found = []
    for entry in entries:
        match = ENTRY.fullmatch(entry)
        if match is None:
            raise ValueError("an entry of ALERT_URLS is not a URL")
        scheme = match["scheme"].lower()
        kind = scheme.removesuffix("s") if scheme in ENCRYPTED else scheme
        seen[kind] += 1
        number = seen[kind]
        found.append(
            Channel(
                kind if number == 1 else f"{kind}-{number}",
                SERVICES.get(kind, kind) if number == 1 else f"{SERVICES.get(kind, kind)} {number}",
                tuple(part for part in (match["kinds"] or "").lower().split("+") if part),
                match["url"],
            )
        )
    return found
