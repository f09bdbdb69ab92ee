"""The provider: where it is (discovery, kept for an hour), its keys, and a code turned into checked claims.

OpenID Connect Core 1.0, section 3.1; Discovery 1.0, section 4; PKCE is RFC 7636.
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from webapp.auth.oidc import people
from webapp.auth.oidc.errors import ProviderAway, SignInRefused
from webapp.auth.oidc.fetch import BoundedSession
from webapp.auth.oidc.people import Claims
from webapp.auth.oidc.state import Asked
from webapp.config import Settings
from webapp.config.oidc import LOOPBACK

KEPT_SECONDS = 3600
KEYS_AGAIN_SECONDS = 60  # an unknown key is looked up anew at most this often
LEEWAY_SECONDS = 60  # between both clocks
AWAY_SECONDS = 5  # that a provider which did not answer is not asked again
AT_ONCE = 4  # sign-ins that may wait for it, so that pages keep their threads
PATIENCE = 2.0  # seconds that others wait for their turn
SIGNATURES = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
]
AWAY = "The provider of the sign-in does not answer: try again in a moment"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Provider:
    """One provider. Its network is asked when somebody signs in, and never otherwise."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._turns, self._lock = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(1)
        self._failed_at = -math.inf
        self._metadata: tuple[float, dict[str, Any]] = (0.0, {})
        self._keys: tuple[float, dict[str, Any]] = (0.0, {})

    def sign_in_url(self, asked: Asked) -> str:
        """Where the browser is sent to sign in. Raises ProviderAway."""
        endpoint = self._discovered()["authorization_endpoint"]
        with self._session(asked) as session:
            url, _ = session.create_authorization_url(
                endpoint, state=asked.state, nonce=asked.nonce, code_verifier=asked.verifier
            )
        return str(url)

    def claims(self, code: str, asked: Asked) -> Claims:
        """The checked claims about who has signed in. Raises SignInRefused or ProviderAway."""
        try:
            with _turn(self._turns):
                return self._claims(code, asked)
        except AuthlibBaseError as error:
            raise SignInRefused(f"The provider does not take the sign-in back: {error.error}") from error
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignInRefused("The provider's word about you does not pass its checks") from error
        except requests.RequestException as error:
            raise ProviderAway(AWAY) from error

    def _claims(self, code: str, asked: Asked) -> Claims:
        with self._session(asked) as session:
            token = session.fetch_token(
                self._discovered()["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=asked.verifier,
            )
            claims = self._checked(token["id_token"], token["access_token"], asked.nonce)
            endpoint = self._discovered().get("userinfo_endpoint")
            if not self._is_safe(endpoint) or not people.lacks(claims, self.settings):
                return claims
            told = session.get(endpoint).json()
        if told["sub"] != claims["sub"]:
            raise ValueError("userinfo tells of someone else")
        return {**told, **claims}

    def _checked(self, id_token: str, access_token: str, nonce: str) -> CodeIDToken:
        registry = JWSRegistry(algorithms=SIGNATURES, strict_check_header=False)
        try:
            read = jwt.decode(id_token, self._key_set(), registry=registry)
        except InvalidKeyIdError:
            read = jwt.decode(id_token, self._key_set(anew=True), registry=registry)
        client = self.settings.oidc_client_id
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "value": self.settings.oidc_issuer},
                "aud": {"essential": True, "value": client},
                "sub": {"essential": True},
            },
            {"nonce": nonce, "client_id": client, "access_token": access_token},
        )
        claims.validate(leeway=LEEWAY_SECONDS)
        return claims

    def _key_set(self, anew: bool = False) -> KeySet:
        with _turn(self._lock):
            age = time.monotonic() - self._keys[0]
            if not self._keys[1] or age > (KEYS_AGAIN_SECONDS if anew else KEPT_SECONDS):
                self._keys = time.monotonic(), self._get(self._found()["jwks_uri"])
            return KeySet.import_key_set(self._keys[1])  # type: ignore[arg-type]

    def _discovered(self) -> dict[str, Any]:
        with _turn(self._lock):
            return self._found()

    def _found(self) -> dict[str, Any]:
        """The provider's description of itself, which must be of the issuer that the settings name."""
        if not self._metadata[1] or time.monotonic() - self._metadata[0] > KEPT_SECONDS:
            found = self._get(self.settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self.settings.oidc_issuer:
                raise ProviderAway("OIDC_ISSUER is not the issuer that its own description names")
            if not all(self._is_safe(found.get(name)) for name in ENDPOINTS):
                raise ProviderAway("The provider's description lacks an https:// address")
            self._metadata = time.monotonic(), found
        return self._metadata[1]

    def _is_safe(self, url: object) -> bool:
        plain = self.settings.oidc_issuer.startswith(LOOPBACK)  # a provider on this machine
        return isinstance(url, str) and (url.startswith("https://") or (plain and url.startswith(LOOPBACK)))

    def _get(self, url: str) -> dict[str, Any]:
        if time.monotonic() - self._failed_at < AWAY_SECONDS:
            raise ProviderAway(AWAY)
        try:
            with BoundedSession() as session:
                answer = session.get(url, withhold_token=True)
                answer.raise_for_status()
                found = answer.json()
        except (requests.RequestException, ValueError) as error:
            self._failed_at = time.monotonic()
            raise ProviderAway(AWAY) from error
        if not isinstance(found, dict):
            raise ProviderAway("The provider of the sign-in does not answer as one")
        return found

    def _session(self, asked: Asked) -> BoundedSession:
        config, known = self.settings, self._discovered().get("token_endpoint_auth_methods_supported")
        basic = not known or "client_secret_basic" in known
        way = "client_secret_basic" if basic else "client_secret_post"
        return BoundedSession(
            client_id=config.oidc_client_id,
            client_secret=config.oidc_client_secret or None,
            token_endpoint_auth_method=way if config.oidc_client_secret else "none",
            scope=config.oidc_scopes,
            redirect_uri=asked.redirect_url,
            code_challenge_method="S256",
        )


@contextmanager
def _turn(of: threading.BoundedSemaphore) -> Iterator[None]:
    """A turn at asking the provider. Raises ProviderAway where none comes."""
    if not of.acquire(timeout=PATIENCE):
        raise ProviderAway(AWAY)
    try:
        yield
    finally:
        of.release()
