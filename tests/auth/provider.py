"""An OpenID Connect provider of our own on the loopback interface, which can be told to lie."""

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "viewer", "client-secret"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"})


class Provider:
    """`person` are the claims of who signs in; `lie` changes the claims of an id_token, `sign` how it is
    signed.

    `asked` lists the paths of all requests.
    """

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.person: dict[str, Any] = {"sub": "u-1", "email": "anna@example.org", "email_verified": True}
        self.told: dict[str, Any] | None = None  # by userinfo
        self.lie: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self.sign: Callable[[dict[str, Any]], str] = signed
        self.asked: list[str] = []
        self.is_away = False
        self._codes: dict[str, dict[str, str]] = {}

    def authorise(self, url: str) -> str:
        """What the provider's page does: the query string with which it sends the browser back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"code={code}&state={asked['state']}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The JSON of one request, None for a refusal."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorise",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **({"userinfo_endpoint": f"{self.issuer}/userinfo"} if self.told else {}),
            }
        if path == "/keys":
            return {"keys": [KEY.as_dict(private=False)]}
        if path == "/userinfo":
            return self.told
        return self._token(form, authorization)

    def _token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        proven = (
            asked and base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == asked["code_challenge"]
        )
        known = authorization == "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if not asked or not proven or not known or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        at = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": asked["nonce"]}
        return {
            "access_token": "access",
            "token_type": "Bearer",
            "id_token": self.sign(self.lie({**claims, **self.person})),
        }


def signed(claims: dict[str, Any], key: RSAKey = KEY, algorithm: str = "RS256") -> str:
    """An id_token."""
    return jwt.encode({"alg": algorithm, "kid": "one"}, claims, key, algorithms=[algorithm])


def unsigned(claims: dict[str, Any]) -> str:
    """An id_token without a signature (alg none)."""
    parts = ({"alg": "none"}, claims)
    return ".".join(
        [base64.urlsafe_b64encode(orjson.dumps(one)).rstrip(b"=").decode() for one in parts] + [""]
    )


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, answering."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            fields = {name: values[0] for name, values in parse_qs(form).items()}
            found = None
            if not provider.is_away:
                found = provider.answer(self.path, fields, self.headers.get("Authorization", ""))
            body = orjson.dumps(found if found is not None else {"error": "invalid_grant"})
            self.send_response(503 if provider.is_away else 200 if found is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(server.server_port)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield provider
    server.shutdown()
    server.server_close()
