"""The form of one section of the settings: what it shows, and what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.config.secrets import is_secret
from webapp.errors import NotFound
from webapp.settings.catalogue import Setting, catalogue
from webapp.settings.change import Person, Refused, change
from webapp.settings.live import Live
from webapp.settings.stored import WHOLE, given, read

REMOVE = "remove:"  # before a secret's name: the box that forgets it


@dataclass(frozen=True)
class Field:
    """One setting in the form: `text` is what its field holds, `rule` what that breaks."""

    setting: Setting
    text: str
    rule: str

    @property
    def name(self) -> str:
        """The field's name in the form."""
        return self.setting.name.lower()


@dataclass(frozen=True)
class Form:
    """A section of the settings to be filled in; `rule` is one that several fields break together."""

    section: str
    fields: list[Field]
    rule: str


def all_settings(connection: Connection, live: Live) -> list[tuple[str, list[Setting]]]:
    """Every setting by section, as the settings page and the API show it."""
    kept = read(connection) if live.may_edit else {}
    return catalogue(live.settings, kept=kept, given=given(live.base))


def form_of(
    connection: Connection,
    live: Live,
    section: str,
    sent: Mapping[str, str],
    rules: Mapping[str, str],
) -> Form:
    """The section's form, with what was sent where that was refused; raises NotFound."""
    settings = dict(all_settings(connection, live)).get(section)
    if settings is None:
        raise NotFound(f"There is no section {section!r} of the settings")
    fields = [Field(one, _text(one, sent), rules.get(one.name.lower(), "")) for one in settings]
    return Form(section, fields, rules.get(WHOLE, ""))


def submit(
    connection: Connection, live: Live, section: str, sent: Mapping[str, str], who: Person
) -> dict[str, str]:
    """Keep what was sent; returns the rules that it breaks, and then nothing is kept. Raises NotFound."""
    form = form_of(connection, live, section, {}, {})
    wanted = dict(_wanted(field.name, sent) for field in form.fields if not field.setting.locked)
    try:
        change(connection, live.base, {name: value for name, value in wanted.items() if value != KEEP}, who)
    except Refused as error:
        return error.rules
    return {}


KEEP = "\0keep"  # no field can hold that


def _wanted(name: str, sent: Mapping[str, str]) -> tuple[str, str | None]:
    """(field, new value); a secret's empty field keeps it, every other one goes back to the default."""
    text = sent.get(name, "").strip()
    if is_secret(name) and not text:
        return name, None if sent.get(REMOVE + name) else KEEP
    return name, text or None


def _text(setting: Setting, sent: Mapping[str, str]) -> str:
    if setting.is_secret:
        return ""
    return sent.get(setting.name.lower(), setting.kept)
