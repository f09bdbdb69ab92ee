"""The accounts of the settings, and whether a password is theirs. `python -m webapp.auth.passwords` makes a
hash.

A hash is werkzeug's: scrypt with 32 MiB and a salt of its own (RFC 7914), or PBKDF2.
"""

import getpass
import hmac
import secrets
import sys
from dataclasses import dataclass
from threading import BoundedSemaphore

from werkzeug.security import check_password_hash, generate_password_hash

from webapp.config import Settings
from webapp.web.visitor import Role

AT_ONCE = BoundedSemaphore(2)  # each look at a hash takes 32 MiB and a tenth of a second
REMEMBERED = 64  # right passwords of which a mark is kept, so that a script's second request costs no look
_mark_key = secrets.token_bytes(32)
_right: dict[bytes, None] = {}  # oldest first


@dataclass(frozen=True)
class Account:
    """A name of the settings with its password, or the hash of one."""

    name: str
    role: Role
    password: str
    password_hash: str

    def proof(self, key: bytes) -> str:
        """A mark of the present password: a session that has another one has ended."""
        secret = f"{self.role} {self.password_hash or self.password}"
        return hmac.new(key, secret.encode(), "sha256").hexdigest()[:32]


def accounts(settings: Settings) -> list[Account]:
    """Those who may come in with a password."""
    both = (
        Account(settings.auth_username, Role.OPERATOR, settings.auth_password, settings.auth_password_hash),
        Account(
            settings.auth_viewer_username,
            Role.VIEWER,
            settings.auth_viewer_password,
            settings.auth_viewer_password_hash,
        ),
    )
    return [one for one in both if one.name and (one.password or one.password_hash)]


def matching(settings: Settings, username: str, password: str) -> Account | None:
    """The account that these words open. It takes the same time whichever of them is wrong."""
    found = None
    for account in accounts(settings):
        named = hmac.compare_digest(username.encode(), account.name.encode())
        if _is_right(account, password if named else "") and named:
            found = account
    return found


def _is_right(account: Account, password: str) -> bool:
    if not account.password_hash:
        return hmac.compare_digest(password.encode(), account.password.encode())
    mark = hmac.digest(_mark_key, f"{account.password_hash} {password}".encode(), "sha256")
    if mark in _right:
        return True
    with AT_ONCE:
        right = check_password_hash(account.password_hash, password)
    if right:
        _right[mark] = None
        while len(_right) > REMEMBERED:
            _right.pop(next(iter(_right)), None)
    return right


def main() -> int:
    """Ask for a password, twice on a terminal, and print the line for `.env`."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            print("These are two passwords.", file=sys.stderr)
            return 1
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        print("A password must not be empty.", file=sys.stderr)
        return 1
    print(f"AUTH_PASSWORD_HASH='{generate_password_hash(password)}'")
    return 0


if __name__ == "__main__":
    sys.exit(main())
