"""Which settings are secrets, and secrets that come as files (`NAME_FILE`, as Docker and Kubernetes give
them)."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

SECRET = re.compile(
    r"(password|password_hash|_api_key(_rw)?|secret|secret_key|license_key|token|alert_urls)$"
)
WITHIN = {"database_url", "redis_url"}  # what holds a password among other words
LONGEST = 64 * 1024  # bytes


class SecretError(Exception):
    """A file of a secret cannot be read; the text is one sentence."""


def is_secret(name: str) -> bool:
    """True for a setting that is never shown."""
    return bool(SECRET.search(name))


def from_files(
    fields: Iterable[str], environment: Mapping[str, str], written: Mapping[str, str]
) -> dict[str, str]:
    """The secrets that files hold, by their setting; `NAME_FILE` stands in the environment or in `.env`,
    whose word counts less. Raises SecretError."""
    found = {}
    for field in fields:
        if not is_secret(field) and field not in WITHIN:
            continue
        name = field.upper()
        for given in (environment, written):
            plain, file = given.get(name, ""), given.get(f"{name}_FILE", "")
            if plain and file:
                raise SecretError(f"{name} and {name}_FILE are both set: keep one")
            if file:
                found[field] = _read(f"{name}_FILE", file)
            if plain or file:
                break
    return found


def _read(name: str, file: str) -> str:
    try:
        with Path(file).open("rb") as source:
            text = source.read(LONGEST + 1)
        found = text.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise SecretError(f"{name}: {file} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SecretError(f"{name}: {file} is not text") from error
    if not found or len(text) > LONGEST:
        raise SecretError(f"{name}: {file} is {'too long' if found else 'empty'}")
    return found
