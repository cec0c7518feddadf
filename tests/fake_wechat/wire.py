"""Signatures, the sealed envelope, XML: as the platform writes and reads them."""

import base64
import hashlib
import os
import struct
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Json = dict[str, Any]


def sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def _cipher(key: str) -> Cipher[modes.CBC]:
    raw = base64.b64decode(key + "=")
    return Cipher(algorithms.AES(raw), modes.CBC(raw[:16]))


def encrypted(message: bytes, key: str, app_id: str) -> str:
    plain = os.urandom(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    pad = 32 - len(plain) % 32
    worker = _cipher(key).encryptor()
    return base64.b64encode(worker.update(plain + bytes([pad] * pad)) + worker.finalize()).decode()


def decrypted(sealed: str, key: str, app_id: str) -> bytes:
    worker = _cipher(key).decryptor()
    plain = worker.update(base64.b64decode(sealed)) + worker.finalize()
    plain = plain[16 : -plain[-1]]
    length = struct.unpack(">I", plain[:4])[0]
    if plain[4 + length :] != app_id.encode():
        raise ValueError("another account's")
    return plain[4 : 4 + length]


def to_xml(fields: Json) -> str:
    def one(name: str, value: Any) -> str:
        if isinstance(value, dict):
            return f"<{name}>{''.join(one(*item) for item in value.items())}</{name}>"
        if isinstance(value, int):
            return f"<{name}>{value}</{name}>"
        inside = str(value).replace("]]>", "]]]]><![CDATA[>")
        return f"<{name}><![CDATA[{inside}]]></{name}>"

    return f"<xml>{''.join(one(*item) for item in fields.items())}</xml>"
