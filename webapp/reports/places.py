"""MaxMind's GeoLite2 files: fetched weekly, held against their sums, opened before they replace what is
there.
"""

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geoip2.database
import requests
from geoip2.errors import GeoIP2Error
from maxminddb import InvalidDatabaseError
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.errors import ExpectedError
from webapp.mailcow import snapshots
from webapp.wire.http import BoundedSession, TooLarge

EDITIONS = ("GeoLite2-City", "GeoLite2-ASN")
SNAPSHOT = "geoip"
PATIENCE = 600.0  # seconds for a whole file of 70 MB
LARGEST = 300 * 1024 * 1024  # bytes of one archive, and of the file in it
KNOWN_ADDRESS = "8.8.8.8"  # each file must know it
UNUSABLE = (InvalidDatabaseError, GeoIP2Error, ValueError, TypeError, OSError)
REDIRECTS = (301, 302, 303, 307, 308)


class GeoIpUnavailable(ExpectedError):
    """No new file could be had; the one that is there stays. One sentence, without the licence key."""

    status = 502


def update(session: Session, settings: Settings) -> Iterator[dict[str, Any]]:
    """Fetch both files where an account is configured; yields wherever the caller should commit.

    A failure is kept with its reason, and raised at the end as GeoIpUnavailable.
    """
    if not settings.maxmind_license_key or not settings.maxmind_account_id:
        yield {"configured": False}
        return
    session.rollback()  # no transaction stays open while MaxMind is waited for
    folder = Path(settings.geoip_folder)
    try:
        sums = {edition: _fetch(edition, folder, settings) for edition in EDITIONS}
    except GeoIpUnavailable as error:
        snapshots.note_failure(session.connection(), SNAPSHOT, str(error))
        yield {"configured": True}
        raise
    snapshots.keep(session.connection(), SNAPSHOT, {"sums": sums})
    yield {"configured": True, "files": len(sums)}


def _fetch(edition: str, folder: Path, settings: Settings) -> str:
    """Put one edition's file in its place; returns the archive's SHA-256."""
    address = f"{settings.maxmind_url}/geoip/databases/{edition}/download?suffix=tar.gz"
    told = _answer(f"{address}.sha256", settings, 4096).decode("ascii", "replace").split()
    archive = _answer(address, settings, LARGEST)
    found = hashlib.sha256(archive).hexdigest()
    if not told or told[0].lower() != found:
        raise GeoIpUnavailable(f"MaxMind's file {edition} does not have the sum that MaxMind states")
    _replace(folder / f"{edition}.mmdb", _unpacked(archive, edition), edition)
    return found


def _answer(address: str, settings: Settings, most: int) -> bytes:
    """The body of an answer. A redirect is followed without the account's name and key, which stay at
    MaxMind.
    """
    account = (settings.maxmind_account_id, settings.maxmind_license_key)
    try:
        reply = _asked(address, account, most)
        if reply.status_code in REDIRECTS:
            there = reply.headers.get("Location", "")
            if urlsplit(there).scheme != urlsplit(address).scheme:
                raise GeoIpUnavailable("MaxMind leads to an address that is not asked")
            reply = _asked(there, _nobody, most)
        return _body(reply)
    except TooLarge as error:
        raise GeoIpUnavailable("MaxMind's answer is larger than a file of theirs can be") from error
    except requests.RequestException as error:
        raise GeoIpUnavailable(f"MaxMind cannot be reached ({type(error).__name__})") from error


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials, not even those of a .netrc file."""
    return request


def _asked(address: str, account: Any, most: int) -> requests.Response:
    with BoundedSession() as session:
        return session.ask("GET", address, auth=account, seconds=PATIENCE, most=most, allow_redirects=False)


def _body(reply: requests.Response) -> bytes:
    if reply.status_code in (401, 403):
        raise GeoIpUnavailable("MaxMind refuses the account or the licence key (MAXMIND_LICENSE_KEY)")
    if reply.status_code != 200:
        raise GeoIpUnavailable(f"MaxMind answered with status {reply.status_code}")
    return reply.content


def _unpacked(archive: bytes, edition: str) -> bytes:
    """The one .mmdb file in the archive."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
            for member in files:
                if member.isfile() and member.name.rpartition("/")[2] == f"{edition}.mmdb":
                    if member.size > LARGEST:
                        raise GeoIpUnavailable(f"MaxMind's file {edition} is too large")
                    opened = files.extractfile(member)
                    return opened.read() if opened else b""
    except (tarfile.TarError, OSError, EOFError) as error:
        raise GeoIpUnavailable(f"MaxMind's archive {edition} is damaged") from error
    raise GeoIpUnavailable(f"MaxMind's archive has no file {edition}.mmdb")


def _replace(file: Path, content: bytes, edition: str) -> None:
    """Write beside the file, open and ask it, and only then put it in its place, in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".new")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        _check(new, edition)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def _check(file: Path, edition: str) -> None:
    try:
        with geoip2.database.Reader(str(file)) as reader:
            (reader.city if edition.endswith("City") else reader.asn)(KNOWN_ADDRESS)
    except UNUSABLE as error:
        raise GeoIpUnavailable(f"MaxMind's file {edition} cannot be used ({type(error).__name__})") from error
