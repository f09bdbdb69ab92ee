"""Every setting with its value, its source and its meaning; the meanings are those of env.example, and
secrets stay hidden."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from dotenv import dotenv_values

from webapp.config import ROOT, Settings
from webapp.config.secrets import is_secret
from webapp.settings.fixed import FIXED

SECTION = re.compile(r"^# --- (.+?) -+$")
LINE = re.compile(r"^# ([A-Z][A-Z0-9_]+)=")
PASSWORD = re.compile(r"(?<=://)([^/@]*?):[^@/]*(?=@)")
HIDDEN = "••••••••"
OF_THE_LAUNCHER = {
    "database_url",
    "redis_url",
    "data_dir",
    "tz",
}  # the launcher gives these to its processes in any case
OF_THE_DEMO = {
    "mailcow_url",
    "mailcow_api_key",
    "mailcow_api_key_rw",
    "dns_resolvers",
    "demo_mode",
    "dmarc_imap_enabled",
    "dmarc_imap_host",
    "dmarc_imap_port",
    "dmarc_imap_use_ssl",
    "dmarc_imap_user",
    "dmarc_imap_password",
    "dmarc_imap_folder",
}
DEFAULT, FILE, ENVIRONMENT, VIEWER, PAGE = "default", ".env", "environment", "viewer", "page"


@dataclass(frozen=True)
class Sources:
    """The settings in force, and all that they can come from, by field."""

    settings: Settings
    variables: Mapping[str, str]
    written: Mapping[str, str]
    kept: Mapping[str, str]
    given: Collection[str]


@dataclass(frozen=True)
class Setting:
    """One setting as it is in force. `value` is for reading: '' where nothing is set, dots for a secret;
    `kept` is what the settings page keeps, never a secret; `locked` says why it cannot be changed there, ''
    where it can."""

    name: str
    value: str
    default: str
    source: str
    meaning: str
    is_secret: bool
    kept: str = ""
    locked: str = ""

    @property
    def is_switch(self) -> bool:
        """True for what is true or false."""
        return self.default in ("true", "false")

    @property
    def is_changed(self) -> bool:
        """True where it differs from the default."""
        return self.value != self.default


def catalogue(
    settings: Settings,
    environment: Mapping[str, str] | None = None,
    file: str = ".env",
    kept: Mapping[str, str] | None = None,
    given: Collection[str] = (),
) -> list[tuple[str, list[Setting]]]:
    """All settings by section, in the order of env.example; `kept` is what the settings page keeps, `given`
    are the fields that were set at the start."""
    variables = {
        name.lower(): value for name, value in (os.environ if environment is None else environment).items()
    }
    written = {name.lower(): value or "" for name, value in dotenv_values(file).items()}
    sources = Sources(settings, variables, written, kept or {}, given)
    return [
        (section, [_setting(name, meaning, sources) for name, meaning in names])
        for section, names in sections()
    ]


@lru_cache(maxsize=1)
def sections() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """`((section, ((field, meaning), ...)), ...)` as env.example has them."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    before = ""
    for line in (ROOT / "env.example").read_text(encoding="utf-8").splitlines():
        if section := SECTION.match(line):
            found.append((section[1], []))
        elif (setting := LINE.match(line)) and found:
            found[-1][1].append((setting[1].lower(), before))
        before = line.removeprefix("# ").strip()
    return tuple((section, tuple(names)) for section, names in found)


def _setting(name: str, meaning: str, sources: Sources) -> Setting:
    default, source = Settings.model_fields[name].default, _source(sources, name)
    return Setting(
        name.upper(),
        shown(name, getattr(sources.settings, name)),
        shown(name, default),
        source,
        meaning,
        is_secret(name),
        "" if is_secret(name) else sources.kept.get(name, ""),
        _locked(sources, name, source),
    )


def _locked(sources: Sources, name: str, source: str) -> str:
    if name in FIXED:
        return FIXED[name]
    if name in sources.given:
        return f"is set in {'the environment' if source == ENVIRONMENT else source}, which wins"
    return ""


def shown(name: str, value: object) -> str:
    """A value for reading, without what must not be read."""
    if value in (None, "", ()):
        return ""
    if is_secret(name):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    text = (
        ", ".join(value)
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
    return PASSWORD.sub(rf"\1:{HIDDEN}", text)


def _source(sources: Sources, name: str) -> str:
    """Where the value in force comes from. An empty variable counts as absent, except where it says no."""
    settings, given, written = sources.settings, sources.variables, sources.written
    mine, theirs = _said(given, name), _said(written, name)
    if settings.demo_mode and name in OF_THE_DEMO and mine:
        return VIEWER
    if mine and name in OF_THE_LAUNCHER and (mine == theirs or _is_launchers(settings, name, mine)):
        return FILE if mine == theirs else DEFAULT if name in ("tz", "data_dir") else VIEWER
    if mine:
        return ENVIRONMENT
    if theirs:
        return FILE
    if name == "app_update_repo" and not settings.app_update_repo:
        return (
            ENVIRONMENT
            if name in given
            else FILE
            if name in written
            else PAGE
            if name in sources.kept
            else DEFAULT
        )
    return PAGE if name in sources.kept else DEFAULT


def _said(by: Mapping[str, str], name: str) -> str:
    """What a source says of a setting; a secret may stand in a file that it names."""
    return by.get(name) or by.get(f"{name}_file", "")


def _is_launchers(settings: Settings, name: str, value: str) -> bool:
    """True for what the launcher sets by itself: its own servers' sockets, or the default written out."""
    if name in ("tz", "data_dir"):
        return value in (
            str(Settings.model_fields[name].default),
            str(settings.data_dir.resolve() if value.endswith("/data") else ""),
        )
    return str(settings.data_dir) in value or not urlsplit(value).hostname
