"""The latest releases of this program and of mailcow, as GitHub tells them: asked by a job, or by who
insists."""

import re
from collections.abc import Iterator
from typing import Any

import requests
from sqlalchemy.orm import Session

from webapp.config import VERSION, Settings
from webapp.errors import ExpectedError
from webapp.mailcow import snapshots
from webapp.mailcow.server import VERSION as VERSION_TOLD

MAILCOW = "mailcow/mailcow-dockerized"
OURS, THEIRS = "app-releases", "mailcow-releases"  # names of the snapshots
KEPT = 30  # releases whose changelog is kept
NOT_KNOWN = (
    "The changelog of this version is not known: it is not among the latest releases of the last check"
)
PATIENCE, SHORT_PATIENCE = 15.0, 5.0  # seconds: in a job, and while somebody waits


class ReleasesUnavailable(ExpectedError):
    """GitHub gave no usable answer; the text is one sentence."""

    status = 502


def check(session: Session, settings: Settings, patience: float = PATIENCE) -> Iterator[dict[str, Any]]:
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


def fetch(api: str, repository: str, patience: float) -> dict[str, Any]:
    """`{repository, releases: [{version, changelog, published_at, url}]}`, newest first; drafts and
    pre-releases do not count."""
    found = [
        _release(item)
        for item in _asked(f"{api}/repos/{repository}/releases?per_page={KEPT}", patience)
        if isinstance(item, dict)
        and item.get("tag_name")
        and not item.get("draft")
        and not item.get("prerelease")
    ]
    if not found:
        raise ReleasesUnavailable(f"GitHub knows no release of {repository}")
    return {
        "repository": repository,
        "releases": sorted(found, key=lambda release: str(release["published_at"] or ""), reverse=True),
    }


def _release(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": bare(str(item["tag_name"])),
        "changelog": str(item.get("body") or ""),
        "published_at": item.get("published_at"),
        "url": item.get("html_url"),
    }


def _asked(address: str, patience: float) -> list[Any]:
    try:
        reply = requests.get(address, timeout=patience, headers={"Accept": "application/vnd.github+json"})
    except requests.Timeout as error:
        raise ReleasesUnavailable(f"GitHub did not answer within {patience:g} s") from error
    except requests.RequestException as error:
        raise ReleasesUnavailable(f"GitHub cannot be reached at {address.partition('/repos/')[0]}") from error
    if reply.status_code in (403, 429):
        raise ReleasesUnavailable("GitHub refuses more questions from this address for now (rate limit)")
    if reply.status_code != 200:
        raise ReleasesUnavailable(
            f"GitHub answered with status {reply.status_code} for {address.partition('/repos/')[2]}"
        )
    try:
        answer = reply.json()
    except requests.JSONDecodeError as error:
        raise ReleasesUnavailable("GitHub answered with something that is not JSON") from error
    return answer if isinstance(answer, list) else [answer]


def bare(version: str) -> str:
    """The version without its `v`."""
    return version.strip().removeprefix("v").removeprefix("V")


def is_newer(latest: str | None, current: str | None) -> bool:
    """True where `latest` comes after `current`; False where one of them is no release number (a nightly's
    hash)."""
    there, here = _rank(latest), _rank(current)
    return there is not None and here is not None and there > here


def _rank(version: str | None) -> tuple[tuple[int, ...], str] | None:
    """`1.4.9` -> ((1, 4, 9), ''), `2026-07a` -> ((2026, 7), 'a')."""
    found = re.fullmatch(r"(\d+(?:[.-]\d+)+)([a-z]?)", bare(version or ""))
    return (tuple(int(part) for part in re.split(r"[.-]", found[1])), found[2]) if found else None


def app_version(session: Session, settings: Settings) -> dict[str, Any]:
    """This program's version beside the latest release known."""
    found = snapshots.load(session, OURS)[OURS] if settings.app_update_repo else snapshots.Snapshot()
    return {
        **_compared(VERSION, found),
        "enabled": bool(settings.app_update_repo),
        "repository": settings.app_update_repo or None,
    }


def mailcow_version(session: Session) -> dict[str, Any]:
    """mailcow's version beside the latest release known."""
    found = snapshots.load(session, VERSION_TOLD, THEIRS)
    told = found[VERSION_TOLD]
    current = (told.data or {}).get("version")
    return {
        **_compared(current, found[THEIRS]),
        "age_seconds": _whole(told.age),
        "version_error": told.error,
    }


def changelog(session: Session, settings: Settings, version: str) -> str | None:
    """The changelog of one of the latest releases of this program, in Markdown; None where it is not
    known."""
    found = snapshots.load(session, OURS)[OURS] if settings.app_update_repo else snapshots.Snapshot()
    releases = (found.data or {}).get("releases", [])
    return next((release["changelog"] for release in releases if release["version"] == bare(version)), None)


def _compared(current: str | None, found: snapshots.Snapshot[Any]) -> dict[str, Any]:
    latest = (found.data or {}).get("releases", [{}])[0]
    return {
        "current_version": current,
        "latest_version": latest.get("version"),
        "update_available": is_newer(latest.get("version"), current),
        "changelog": latest.get("changelog"),
        "published_at": latest.get("published_at"),
        "release_url": latest.get("url"),
        "last_checked": found.taken_at,
        "error": found.error,
    }


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
