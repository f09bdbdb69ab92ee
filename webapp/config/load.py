"""Reading the settings from the environment and `.env`."""

import os
from collections.abc import Mapping
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from webapp.config.secrets import SecretError, from_files
from webapp.config.settings import Settings


class ConfigurationError(Exception):
    """A setting is missing or wrong; the text is one sentence for the administrator."""


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raises ConfigurationError with one sentence that names the variable."""
    environment = {key.upper(): value for key, value in os.environ.items()}
    written = _written(overrides.get("_env_file", ".env"))
    if "app_update_repo" not in overrides and _is_emptied("APP_UPDATE_REPO", environment, written):
        overrides["app_update_repo"] = ""
    try:
        secrets = from_files(Settings.model_fields.keys() - overrides.keys(), environment, written)
        return Settings(**{**secrets, **overrides})
    except SecretError as error:
        raise ConfigurationError(str(error)) from error
    except ValidationError as error:
        raise ConfigurationError("; ".join(_sentence(item) for item in error.errors())) from error


def _written(file: Any) -> dict[str, str]:
    """What `.env` says, by names in capitals."""
    return {key.upper(): value or "" for key, value in dotenv_values(file).items()} if file else {}


def _is_emptied(name: str, environment: Mapping[str, str], written: Mapping[str, str]) -> bool:
    """True where the variable is given without a value: for this one, that says no, not that it is absent."""
    return environment.get(name, written.get(name)) == ""


def _sentence(item: Any) -> str:
    text = item["msg"].removeprefix("Value error, ")
    return f"{str(item['loc'][0]).upper()}: {text}" if item["loc"] else text
