"""What TLS asks of a mail server, and foreign text as a line may show it."""

import base64
import re
import ssl

LONGEST = 300  # characters of a line that a server had a part in
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
SHORTEST_SECRET = 4  # characters; one that is shorter would blot out whole words
DOTS = "••••••••"


def context(*, verified: bool) -> ssl.SSLContext:
    """TLS 1.2 and newer, with the certificate and its name verified unless that is switched off."""
    made = ssl.create_default_context()
    if not verified:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def line(text: str, *secrets: str) -> str:
    """Foreign text on one line of bounded length, without control characters and without these secrets,
    neither plain nor as base64 has them."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            coded = base64.b64encode(secret.encode()).decode().rstrip("=")
            text = text.replace(secret, DOTS).replace(coded, DOTS)
    text = UNSEEN.sub(" ", text[: 4 * LONGEST]).strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
