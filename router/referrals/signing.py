"""How what we push is signed, so that the receiver can refuse what others or replays send.

`v1=` HMAC-SHA256 in hex, with the partner's secret, over "<seconds since 1970>.<body>". The
receiver refuses a moment more than five minutes away and remembers each Idempotency-Key.
"""

import hashlib
import hmac

TIMESTAMP, SIGNATURE, KEY = "X-Jieyuan-Timestamp", "X-Jieyuan-Signature", "Idempotency-Key"


def sign(secret: str, seconds: int, body: bytes) -> str:
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"
