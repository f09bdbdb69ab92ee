"""Requests to the provider, each bounded in time and size; no redirect is followed."""

import time
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.05, 5.0, 8.0
LARGEST = 512 * 1024  # bytes


class BoundedSession(OAuth2Session):  # type: ignore[misc]
    """Authlib's client, whose answers are read up to a size and a time."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """The whole answer; raises requests.RequestException for one that is too long or too slow."""
        end = time.monotonic() + WHOLE_SECONDS
        kwargs |= {"stream": True, "allow_redirects": False, "timeout": (CONNECT_SECONDS, READ_SECONDS)}
        response: requests.Response = super().send(request, **kwargs)
        parts, size = [], 0
        for part in response.iter_content(16 * 1024):
            parts.append(part)
            size += len(part)
            if size > LARGEST or time.monotonic() > end:
                response.close()
                raise requests.RequestException("the answer is too long or too slow")
        response._content = b"".join(parts)
        return response
