"""MaxMind's files: fetched from a real server on loopback, checked, and swapped in one step."""

import base64
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from webapp.geoip import locate
from webapp.reports.places import EDITIONS, GeoIpUnavailable, update
from webapp.tables.db import db

KEY = "secret-licence-key"


def database(edition: str, folder: Path, number: int = 64500) -> bytes:
    """A GeoLite2 file that knows one network."""
    writer = MMDBWriter(6, edition, ipv4_compatible=True)
    city = {"city": {"names": {"en": "Springfield"}}, "country": {"iso_code": "US"}}
    network = {"autonomous_system_number": number, "autonomous_system_organization": "Example Net"}
    writer.insert_network(IPSet(["8.8.8.0/24"]), city if edition.endswith("City") else network)
    file = folder / f"made-{edition}-{number}"
    writer.to_db_file(str(file))
    return file.read_bytes()


def archive(edition: str, content: bytes) -> bytes:
    """The archive in which MaxMind sends a file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as files:
        member = tarfile.TarInfo(f"{edition}_20260101/{edition}.mmdb")
        member.size = len(content)
        files.addfile(member, io.BytesIO(content))
    return out.getvalue()


NO_DATABASE = archive("GeoLite2-City", b"not a database")


class MaxMind(BaseHTTPRequestHandler):
    """Serves archives and their sums; `elsewhere` redirects to another port."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.seen.append((self.path, self.headers.get("Authorization")))
        edition = self.path.split("/")[-2] if "databases" in self.path else self.path.strip("/")
        if server.elsewhere and not self.path.endswith(".sha256"):
            self.send_response(302)
            self.send_header("Location", f"{server.elsewhere}/{edition}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = server.archives.get(edition, b"")
        if self.path.endswith(".sha256"):
            body = (
                f"{server.sums.get(edition) or hashlib.sha256(body).hexdigest()}  {edition}.tar.gz\n".encode()
            )
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def server() -> Any:
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), MaxMind)
    made.seen, made.archives, made.sums, made.elsewhere, made.status = [], {}, {}, "", 200
    made.url = f"http://127.0.0.1:{made.server_port}"
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return made


@pytest.fixture
def maxmind(tmp_path: Path) -> Iterator[Any]:
    """A MaxMind with two good files."""
    made = server()
    made.archives = {edition: archive(edition, database(edition, tmp_path)) for edition in EDITIONS}
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def run(make_app: Any, maxmind: Any, tmp_path: Path) -> Any:
    """Runs the update and gives its figures; `run.folder` is where the files are."""
    account = {"maxmind_account_id": "42", "maxmind_license_key": KEY, "maxmind_url": maxmind.url}
    app = make_app(geoip_db_dir=str(tmp_path / "geo"), **account)

    def updated() -> Any:
        with app.app_context():
            return list(update(db.session(), app.config["SETTINGS"]))[-1]

    updated.folder = tmp_path / "geo"  # type: ignore[attr-defined]
    return updated


def test_the_files_are_fetched_and_used_at_once(run: Any, maxmind: Any, tmp_path: Path) -> None:
    assert locate("8.8.8.8", str(run.folder)).city is None
    assert run() == {"configured": True, "files": 2}
    found = locate("8.8.8.8", str(run.folder))
    assert (found.country, found.city, found.network, found.asn) == (
        "US",
        "Springfield",
        "Example Net",
        64500,
    )
    login = base64.b64encode(f"42:{KEY}".encode()).decode()
    assert {seen for _, seen in maxmind.seen} == {f"Basic {login}"}
    maxmind.archives["GeoLite2-ASN"] = archive("GeoLite2-ASN", database("GeoLite2-ASN", tmp_path, 64501))
    run()
    assert locate("8.8.8.8", str(run.folder)).asn == 64501


def test_no_redirect_carries_the_key_elsewhere(run: Any, maxmind: Any) -> None:
    other = server()
    other.archives, maxmind.elsewhere = maxmind.archives, other.url
    assert run()["files"] == 2
    assert [seen for _, seen in other.seen] == [None, None]
    other.shutdown()
    other.server_close()


@pytest.mark.parametrize(("spoil", "reason"), [
    (lambda made: made.sums.update({"GeoLite2-City": "0" * 64}), "sum"),
    (lambda made: made.archives.update({"GeoLite2-City": NO_DATABASE}), "cannot be used"),
    (lambda made: made.archives.update({"GeoLite2-City": b"not an archive"}), "damaged"),
    (lambda made: made.archives.update({"GeoLite2-City": archive("Other", b"x")}), "no file"),
    (lambda made: setattr(made, "status", 401), "refuses"),
    (lambda made: setattr(made, "status", 503), "503"),
    (lambda made: setattr(made, "elsewhere", "ftp://127.0.0.1"), "not asked"),
])  # fmt: skip
def test_a_bad_file_never_replaces_a_good_one(run: Any, maxmind: Any, spoil: Any, reason: str) -> None:
    run()
    before = (run.folder / "GeoLite2-City.mmdb").read_bytes()
    spoil(maxmind)
    with pytest.raises(GeoIpUnavailable, match=reason) as caught:
        run()
    assert KEY not in str(caught.value)
    assert (run.folder / "GeoLite2-City.mmdb").read_bytes() == before
    assert sorted(file.name for file in run.folder.iterdir()) == ["GeoLite2-ASN.mmdb", "GeoLite2-City.mmdb"]


def test_a_swapped_database_is_told_by_asking_it(run: Any, maxmind: Any, tmp_path: Path) -> None:
    maxmind.archives["GeoLite2-City"] = archive("GeoLite2-City", database("GeoLite2-ASN", tmp_path))
    with pytest.raises(GeoIpUnavailable, match="cannot be used"):
        run()


def test_without_an_account_nothing_is_asked(make_app: Any, maxmind: Any) -> None:
    app = make_app(maxmind_url=maxmind.url)
    with app.app_context():
        assert list(update(db.session(), app.config["SETTINGS"])) == [{"configured": False}]
    assert maxmind.seen == []
