"""Settings that the settings page keeps in the database: they stand behind the environment and `.env`, and
before the defaults. Pure but for `read`, which only reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from webapp.config import Settings
from webapp.settings.fixed import FIXED
from webapp.tables.installation import StoredSetting

WHOLE = ""  # the name under which a rule of several settings is told


@dataclass(frozen=True)
class Effective:
    """The settings in force; `left_aside` are kept values that break a rule by now, with the rule."""

    settings: Settings
    left_aside: Mapping[str, str]


def read(connection: Connection) -> dict[str, str]:
    """All kept values, by field; there are never more than there are settings."""
    rows = connection.execute(select(StoredSetting.name, StoredSetting.value)).all()
    return {str(name): str(value) for name, value in rows}


def given(base: Settings) -> frozenset[str]:
    """The fields that the environment or `.env` sets: they win."""
    return frozenset(base.model_fields_set)


def combine(base: Settings, kept: Mapping[str, str]) -> Settings:
    """What the start found, and behind it what is kept; raises ValidationError."""
    known = Settings.model_fields.keys() - given(base) - FIXED.keys()
    values: dict[str, Any] = {name: getattr(base, name) for name in given(base)}
    values |= {name: kept[name] for name in known & kept.keys()}
    return Settings(_env_file=None, **values)


def broken_rules(error: ValidationError) -> dict[str, str]:
    """`{field: rule}` of a failed check; what several settings break together stands under WHOLE."""
    return {
        str(item["loc"][0]) if item["loc"] else WHOLE: item["msg"].removeprefix("Value error, ")
        for item in error.errors()
    }


def effective(base: Settings, kept: Mapping[str, str]) -> Effective:
    """The settings with as much of what is kept as keeps the rules, which may have changed since."""
    try:
        return Effective(combine(base, kept), {})
    except ValidationError as error:
        rules = broken_rules(error)
    if WHOLE in rules or not rules.keys() & kept.keys():
        return Effective(base, {name: rules.get(name, rules.get(WHOLE, "")) for name in kept})
    rest = effective(base, {name: value for name, value in kept.items() if name not in rules})
    return Effective(rest.settings, {**rest.left_aside, **rules})
