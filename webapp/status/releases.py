"""The latest releases of this program and of mailcow, as GitHub tells them: asked by a job, or by who
insists."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests
from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from webapp.config import VERSION, Settings
from webapp.errors import ExpectedError
from webapp.mailcow import snapshots
from webapp.mailcow.server import APP_RELEASES as OURS
from webapp.mailcow.server import MAILCOW_RELEASES as THEIRS
from webapp.mailcow.server import VERSION as RUNNING_VERSION
from webapp.mailcow.snapshots import Snapshot
from webapp.parse.clean import read_value
from webapp.parse.version import bare, is_newer
from webapp.status.answers import AppVersion, Changelog, MailcowVersion, UnknownChangelog, Version
from webapp.wire.http import BoundedSession, TooLarge

MAILCOW = "mailcow/mailcow-dockerized"
KEPT = 30  # releases whose changelog is kept
NOT_KNOWN = (
    "The changelog of this version is not known: it is not among the latest releases of the last check"
)
LARGEST = 8 * 1024 * 1024  # bytes of GitHub's answer: thirty releases with their notes
PATIENCE, SHORT_PATIENCE = 15.0, 5.0  # seconds: in a job, and while somebody waits


class ReleasesUnavailable(ExpectedError):
    """GitHub gave no usable answer; the text is one sentence."""

    status = 502


@dataclass(frozen=True)
class Release:
    """One release: its version without a `v`, its changelog in Markdown, when it came out, and its page."""

    version: str
    changelog: str
    published_at: str | None
    url: str | None


@dataclass(frozen=True)
class Releases:
    """The latest releases of a repository, newest first."""

    repository: str
    releases: list[Release]


@cache
def _reader() -> TypeAdapter[Releases]:
    return TypeAdapter(Releases)


def _releases(found: Snapshot[object]) -> list[Release]:
    """The releases in a snapshot."""
    return [] if found.data is None else _reader().validate_python(found.data).releases


def check(session: Session, settings: Settings, patience: float = PATIENCE) -> Iterator[dict[str, int]]:
    """Ask for both projects' releases and keep them; yields wherever the caller should commit.

    A failure is kept with its reason, and raised at the end as ReleasesUnavailable.
    """
    wanted = {OURS: settings.app_update_repo, THEIRS: MAILCOW} if settings.app_update_repo else {}
    failures = []
    for name, repository in wanted.items():
        session.rollback()  # no transaction stays open while GitHub is waited for
        try:
            snapshots.keep(session.connection(), name, fetch(settings.github_api_url, repository, patience))
        except ReleasesUnavailable as error:
            snapshots.note_failure(session.connection(), name, str(error))
            failures.append(str(error))
        yield {"asked": len(wanted)}
    if failures:
        raise ReleasesUnavailable("; ".join(dict.fromkeys(failures)))
    yield {"asked": len(wanted)}


def fetch(api: str, repository: str, patience: float) -> Releases:
    """The releases, newest first; drafts and pre-releases do not count."""
    found = [
        _release(item)
        for item in _ask(f"{api}/repos/{repository}/releases?per_page={KEPT}", patience)
        if isinstance(item, dict)
        and item.get("tag_name")
        and not item.get("draft")
        and not item.get("prerelease")
    ]
    if not found:
        raise ReleasesUnavailable(f"GitHub knows no release of {repository}")
    return Releases(repository, sorted(found, key=lambda release: release.published_at or "", reverse=True))


def _release(item: dict[str, Any]) -> Release:
    published_at, url = item.get("published_at"), item.get("html_url")
    return Release(
        version=bare(str(item["tag_name"])),
        changelog=str(item.get("body") or ""),
        published_at=None if published_at is None else str(published_at),
        url=None if url is None else str(url),
    )


def _ask(address: str, patience: float) -> list[Any]:
    try:
        with BoundedSession() as session:
            reply = session.ask(
                "GET",
                address,
                seconds=patience,
                most=LARGEST,
                headers={"Accept": "application/vnd.github+json"},
            )
    except requests.Timeout as error:
        raise ReleasesUnavailable(f"GitHub did not answer within {patience:g} s") from error
    except TooLarge as error:
        raise ReleasesUnavailable("GitHub's answer is too large") from error
    except requests.RequestException as error:
        raise ReleasesUnavailable(f"GitHub cannot be reached at {address.partition('/repos/')[0]}") from error
    if reply.status_code in (403, 429):
        raise ReleasesUnavailable("GitHub refuses more questions from this address for now (rate limit)")
    if reply.status_code != 200:
        raise ReleasesUnavailable(
            f"GitHub answered with status {reply.status_code} for {address.partition('/repos/')[2]}"
        )
    try:
        answer = read_value(reply.content)
    except ValueError as error:
        raise ReleasesUnavailable("GitHub answered with something that is not JSON") from error
    return answer if isinstance(answer, list) else [answer]


def app_version(session: Session, settings: Settings) -> AppVersion:
    """This program's version beside the latest release known."""
    return AppVersion(
        **vars(_compared(VERSION, _ours(session, settings))),
        enabled=bool(settings.app_update_repo),
        repository=settings.app_update_repo or None,
    )


def mailcow_version(session: Session) -> MailcowVersion:
    """mailcow's version beside the latest release known."""
    found = snapshots.load(session, RUNNING_VERSION, THEIRS)
    running = found[RUNNING_VERSION]
    return MailcowVersion(
        **vars(_compared((running.data or {}).get("version"), found[THEIRS])),
        age_seconds=_whole(running.age),
        version_error=running.error,
    )


def changelog(session: Session, settings: Settings, version: str) -> Changelog:
    """The changelog of one of the latest releases of this program, or why it is not known."""
    number = bare(version)
    for release in _releases(_ours(session, settings)):
        if release.version == number:
            return Changelog(number, release.changelog)
    return UnknownChangelog(number, None, NOT_KNOWN)


def _ours(session: Session, settings: Settings) -> Snapshot[object]:
    return snapshots.load(session, OURS)[OURS] if settings.app_update_repo else Snapshot()


def _compared(current: str | None, found: Snapshot[object]) -> Version:
    latest = next(iter(_releases(found)), None)
    return Version(
        current_version=current,
        latest_version=latest.version if latest else None,
        update_available=is_newer(latest.version if latest else None, current),
        changelog=latest.changelog if latest else None,
        published_at=latest.published_at if latest else None,
        release_url=latest.url if latest else None,
        last_checked=found.taken_at,
        error=found.error,
    )


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
