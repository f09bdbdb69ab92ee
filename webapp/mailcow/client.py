"""mailcow API client: parsed answers, and three kinds of failure."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from webapp.errors import ExpectedError
from webapp.parse.clean import read_rows, read_value
from webapp.wire.http import BoundedSession, TooLarge

LOGS = "get/logs"
MEGABYTE = 1024 * 1024
LARGEST = 64 * MEGABYTE  # of one answer, unpacked: 20,000 mailboxes with all that mailcow tells of them
DENIED_ADDRESS = re.compile(r"api access denied for ip (\S+)", re.IGNORECASE)


class MailcowError(ExpectedError):
    """mailcow gave no usable answer; the text is one sentence for the administrator."""

    status = 502
    kind = "garbage"


class MailcowDenied(MailcowError):
    """The key or our address is refused. Ten tries ban our address, so stop asking for minutes."""

    kind = "denied"


class MailcowUnreachable(MailcowError):
    """No connection, a time-out, or a server error."""

    kind = "unreachable"


class MailcowGarbage(MailcowError):
    """An answer that is not mailcow's JSON."""


class Mailcow:
    """One mailcow server. Keeps no cookies: mailcow's session would hold the admin role."""

    def __init__(self, url: str, key: str, timeout: float = 30, verify: bool = True) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.largest = LARGEST
        self._session = BoundedSession()
        self._session.verify = verify
        self._session.headers.update({"X-API-Key": key, "Accept": "application/json"})
        if is_near(url):  # packing costs both more time than sending
            self._session.headers["Accept-Encoding"] = "identity"

    def get(self, route: str, read: Callable[[bytes], Any] = read_value) -> Any:
        """What `read` makes of the JSON of GET /api/v1/`route`; raises MailcowError."""
        return self._ask("GET", route, read=read)

    def post(self, route: str, body: Any) -> list[tuple[bool, str]]:
        """POST /api/v1/`route`; (whether it was done, mailcow's words) per reported item. Raises
        MailcowError.

        mailcow answers 200 on failure too: what counts is each item's `type`.
        """
        answer = self._ask("POST", route, body)
        items = answer if isinstance(answer, list) else [answer]
        return [
            (item.get("type") == "success", _told(item.get("msg")))
            for item in items
            if isinstance(item, dict)
        ]

    def _ask(
        self, method: str, route: str, body: Any = None, read: Callable[[bytes], Any] = read_value
    ) -> Any:
        address = f"{self.url}/api/v1/{route}"
        try:
            reply = self._session.ask(
                method, address, json=body, seconds=self.timeout, most=self.largest, allow_redirects=False
            )
        except requests.Timeout as error:
            raise MailcowUnreachable(f"mailcow did not answer within {self.timeout:g} s ({route})") from error
        except TooLarge as error:
            raise MailcowGarbage(
                f"mailcow's answer to {route} is larger than {self.largest // MEGABYTE} MB, and was not read"
            ) from error
        except requests.RequestException as error:
            raise MailcowUnreachable(f"mailcow cannot be reached at {self.url}: {_cause(error)}") from error
        self._session.cookies.clear()
        return _parsed(reply, route, read)

    def log_rows(self, name: str, extra: str) -> list[Any]:
        """Rows of a log list, newest first; `{}` and null mean no rows; raises MailcowError."""
        answer = self.get(f"{LOGS}/{name}/{extra}", read_rows)
        if isinstance(answer, list):
            return answer
        if answer in ({}, None):
            return []
        raise MailcowGarbage(f"mailcow answered {LOGS}/{name} with something that is not a list of rows")

    def objects(self, route: str) -> list[dict[str, Any]]:
        """A list of objects; mailcow's `{}` and null mean an empty one."""
        answer = self.get(route)
        if isinstance(answer, list):
            return [item for item in answer if isinstance(item, dict)]
        if answer in ({}, None):
            return []
        raise MailcowGarbage(f"mailcow answered {route} with something that is not a list")


def is_near(url: str) -> bool:
    """True where the address itself says that no slow network lies between: this machine, a private network
    (RFC 1918, RFC 4193), or a name without a dot, as one container calls another."""
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host
    return address.is_private or address.is_loopback


def _parsed(reply: requests.Response, route: str, read: Callable[[bytes], Any]) -> Any:
    if reply.status_code == 401:
        raise MailcowDenied(_denial(reply))
    if reply.status_code == 403:
        raise MailcowDenied("mailcow refuses the request (403): check the API key and the allowed addresses")
    if reply.status_code >= 500:
        raise MailcowUnreachable(f"mailcow answered with error {reply.status_code}: {_words(reply.text)}")
    if reply.status_code != 200:
        raise MailcowGarbage(
            f"mailcow answered {route} with status {reply.status_code}: {_words(reply.text)}"
        )
    if not reply.content.strip():
        raise MailcowDenied("mailcow sent an empty answer: it did not see the API key")
    try:
        return read(reply.content)
    except ValueError as error:
        raise MailcowGarbage(
            f"mailcow answered {route} with something that is not JSON: {_words(reply.text)}"
        ) from error


def _denial(reply: requests.Response) -> str:
    address = DENIED_ADDRESS.search(reply.text)
    if address:
        return f"mailcow does not allow the address {address[1]}: add it to the API's allowed addresses"
    return "mailcow refuses the API key (401 authentication failed)"


def _told(message: Any) -> str:
    """mailcow's message, which is a text or a list of a key and its values, as one text."""
    return " ".join(map(str, message)) if isinstance(message, list) else str(message)


def _words(text: str) -> str:
    """The readable start of an HTML or JSON body."""
    return " ".join(re.sub(r"<[^<>]*>", " ", text[:2000]).split())[:200] or "(empty)"


def _cause(error: BaseException) -> str:
    """The words of the innermost error; requests and urllib3 wrap it in several of theirs, in several
    ways."""
    reason = error
    while inner := next(
        (
            part
            for part in (*reason.args, getattr(reason, "reason", None), reason.__cause__)
            if isinstance(part, BaseException)
        ),
        None,
    ):
        reason = inner
    return _words(getattr(reason, "strerror", None) or str(reason))
