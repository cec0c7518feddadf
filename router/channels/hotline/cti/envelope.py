"""The signed envelope between us and a gateway beside a telephone exchange: docs/cti.md.

Nothing of the router is needed here, so that a gateway may take this file as it is.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

KEY, TIME, NONCE, SIGNATURE = "X-Cti-Key", "X-Cti-Time", "X-Cti-Nonce", "X-Cti-Signature"
WINDOW_S = 300  # a request older or newer than this is refused
KEEP_S = 600  # so long a nonce is remembered


class Refused(Exception):
    """Why a request is not believed."""


def signature(secret: str, time: str, nonce: str, method: str, path: str, body: bytes) -> str:
    """`path` with its query as it was sent."""
    told = "\n".join((time, nonce, method, path, hashlib.sha256(body).hexdigest()))
    return "v1=" + hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()


def headers(key: str, secret: str, now: int, method: str, path: str, body: bytes) -> dict[str, str]:
    time, nonce = str(now), secrets.token_hex(12)
    signed = signature(secret, time, nonce, method, path, body)
    return {KEY: key, TIME: time, NONCE: nonce, SIGNATURE: signed}


def check(
    given: Mapping[str, str],
    secrets_by_key: Mapping[str, str],
    now: int,
    method: str,
    path: str,
    body: bytes,
) -> str:
    """The nonce, for the caller to remember. Raises Refused; before the body is parsed."""
    time, nonce = given.get(TIME, ""), given.get(NONCE, "")
    secret = secrets_by_key.get(given.get(KEY, ""))
    if secret is None:
        raise Refused("key")
    if not time.isdigit() or abs(now - int(time)) > WINDOW_S:
        raise Refused("time")
    if not 24 <= len(nonce) <= 128:
        raise Refused("nonce")
    right = signature(secret, time, nonce, method, path, body)
    shown = given.get(SIGNATURE, "").split(",")
    if not any(hmac.compare_digest(right, one.strip()) for one in shown):
        raise Refused("signature")
    return nonce
