"""A real Dovecot on loopback with one user, its mail in a Maildir that a test can fill."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.dnscheck.certs import Signed, chain_file

USER, PASSWORD = "dmarc@example.com", "S3CRET-PASS"
VERSIONS = ("2.3",)  # 2.4 is configured otherwise
PATIENCE = 20  # seconds until it listens
CONFIGURATION = """
base_dir = {root}/run
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
ssl = {ssl}
ssl_cert = <{root}/chain.pem
ssl_key = <{root}/chain.pem
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{root}/mail/%u:LAYOUT=fs
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
passdb {{
  driver = static
  args = user={user} password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
  chroot =
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def missing() -> str:
    """Why no Dovecot can be used here; '' where one can."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        return "Dovecot is not installed: make mailserver installs it"
    told = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return (
        "" if told.startswith(VERSIONS) else f"Dovecot {told.split()[0] if told else '?'} is not known here"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Dovecot:
    """Use as a context manager. With `signed` it speaks TLS on `tls_port`, and STARTTLS on `port`."""

    signed: Signed
    separator: str = "/"
    prefix: str = ""
    port: int = field(default_factory=_free_port)
    tls_port: int = field(default_factory=_free_port)

    def __enter__(self) -> Self:
        self.root = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.root.chmod(0o755)
        chain_file(self.root, self.signed)
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        own = os.geteuid() != 0
        (self.root / "dovecot.conf").write_text(
            CONFIGURATION.format(
                root=self.root,
                internal=self._owner.pw_name if own else "dovecot",
                internal_group=os.getgid() if own else "dovecot",
                login=self._owner.pw_name if own else "dovenull",
                ssl="yes",
                uid=self._owner.pw_uid,
                gid=self._owner.pw_gid,
                user=USER,
                password=PASSWORD,
                separator=self.separator,
                prefix=self.prefix,
                port=self.port,
                tls_port=self.tls_port,
            )
        )
        for folder in ("mail", "home", f"mail/{USER}"):
            self._folder(self.root / folder)
        self._process = subprocess.Popen(
            ["/usr/sbin/dovecot", "-F", "-c", str(self.root / "dovecot.conf")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._await()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    def put(self, content: bytes, *, seen: bool = False, folder: str = "") -> None:
        """A mail as it is delivered; `seen`: as if another program had read it already."""
        place = self.root / "mail" / USER / folder
        for part in ("cur", "new", "tmp"):
            self._folder(place / part)
        self._count = getattr(self, "_count", 0) + 1
        name = f"{1700000000 + self._count}.M{self._count}P1.test"
        path = place / ("cur" if seen else "new") / (f"{name}:2,S" if seen else name)
        path.write_bytes(content)
        os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def contents(self, folder: str = "") -> list[tuple[bytes, bool]]:
        """The mails of a folder, each with whether it is marked as read."""
        place = self.root / "mail" / USER / folder
        paths = sorted(path for part in ("cur", "new") for path in (place / part).glob("*"))
        return [(path.read_bytes(), "S" in path.name.partition(":2,")[2]) for path in paths]

    def settings(self, *, tls: bool = True) -> dict[str, Any]:
        """Where it is, as settings."""
        return {
            "dmarc_imap_enabled": True,
            "dmarc_imap_host": "localhost",
            "dmarc_imap_port": self.tls_port if tls else self.port,
            "dmarc_imap_use_ssl": tls,
            "dmarc_imap_user": USER,
            "dmarc_imap_password": PASSWORD,
        }

    def _folder(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        for each in (path, *path.parents):
            if each == self.root:
                break
            os.chown(each, self._owner.pw_uid, self._owner.pw_gid)

    def _await(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", self.tls_port)) == 0:
                    return
            time.sleep(0.02)
        told = self._process.stdout.read1() if self._process.stdout else b""  # type: ignore[attr-defined]
        raise RuntimeError(f"Dovecot does not listen: {told.decode()[:500]}")
