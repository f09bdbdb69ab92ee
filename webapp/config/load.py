"""Reading the settings from the environment and `.env`."""

import os
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from webapp.config.settings import Settings


class ConfigurationError(Exception):
    """A setting is missing or wrong; the text is one sentence for the administrator."""


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raises ConfigurationError with one sentence that names the variable."""
    if "app_update_repo" not in overrides and _emptied("APP_UPDATE_REPO", overrides.get("_env_file", ".env")):
        overrides["app_update_repo"] = ""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_sentence(item) for item in error.errors())) from error


def _emptied(name: str, env_file: Any) -> bool:
    """True where the variable is given without a value: for this one, that says no, not that it is absent."""
    given = {key.upper(): value for key, value in os.environ.items()}.get(name)
    if given is None and env_file:
        given = {key.upper(): value for key, value in dotenv_values(env_file).items()}.get(name)
    return given == ""


def _sentence(item: Any) -> str:
    text = item["msg"].removeprefix("Value error, ")
    return f"{str(item['loc'][0]).upper()}: {text}" if item["loc"] else text
