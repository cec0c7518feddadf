"""The platform's signature and its AES envelope, both ways.

AES-256-CBC over random16 + length (uint32, big-endian) + message + app id, padded to 32 bytes;
the key's first half is the IV.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32  # bytes of padding at most, twice AES's own


class BadEnvelope(ValueError):
    """Not sealed with this key for this account."""


def signature(*parts: str) -> str:
    """sha1 of the sorted parts: token, timestamp, nonce, and of an envelope its ciphertext."""
    joined = b"".join(sorted(part.encode() for part in parts))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


def open_envelope(encrypted: str, key: str, app_id: str) -> bytes:
    """The message within. Raises BadEnvelope, always with the same words."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
        decryptor = _cipher(key).decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
    except (binascii.Error, ValueError) as error:
        raise BadEnvelope("envelope") from error
    count = padded[-1] if padded else 0
    well = 1 <= count <= _BLOCK and padded[-count:] == bytes([count]) * count
    if not well or len(padded) % _BLOCK:
        raise BadEnvelope("envelope")
    content = padded[16:-count]
    if len(content) < 4:
        raise BadEnvelope("envelope")
    (length,) = struct.unpack(">I", content[:4])
    message, owner = content[4 : 4 + length], content[4 + length :]
    if len(message) != length or not hmac.compare_digest(owner, app_id.encode()):
        raise BadEnvelope("envelope")
    return message


def seal(message: bytes, key: str, app_id: str) -> str:
    content = os.urandom(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    count = _BLOCK - len(content) % _BLOCK
    encryptor = _cipher(key).encryptor()
    sealed = encryptor.update(content + bytes([count]) * count) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def _cipher(key: str) -> Cipher[modes.CBC]:
    # not strict: the last of 43 characters carries spare bits, and the platform sets them at will
    raw = base64.b64decode(key + "=")
    return Cipher(algorithms.AES(raw), modes.CBC(raw[:16]))
