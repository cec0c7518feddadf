"""Encryption of personal columns: AES-256-GCM, key id in front, bound to table, column and row.

Stored form: 1 byte version, 8 bytes key id, 12 bytes nonce, ciphertext with tag.
"""

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"


class Keyring:
    """Keys by id; the first one encrypts, all of them decrypt."""

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("a data key is 32 bytes")
        self._keys = {_key_id(key): key for key in keys}
        self._ciphers = {name: AESGCM(key) for name, key in self._keys.items()}
        self._current = _key_id(keys[0])

    def seal(self, text: str, bound_to: str) -> bytes:
        return self.seal_bytes(text.encode(), bound_to)

    def seal_bytes(self, plain: bytes, bound_to: str) -> bytes:
        nonce = os.urandom(12)
        sealed = self._ciphers[self._current].encrypt(nonce, plain, bound_to.encode())
        return _VERSION + self._current + nonce + sealed

    def open(self, sealed: bytes, bound_to: str) -> str:
        """Raises cryptography.exceptions.InvalidTag if the value was moved to another row."""
        return self.open_bytes(sealed, bound_to).decode()

    def open_bytes(self, sealed: bytes, bound_to: str) -> bytes:
        """As open()."""
        if sealed[:1] != _VERSION:
            raise ValueError("unknown form of encrypted value")
        cipher = self._ciphers[sealed[1:9]]
        return cipher.decrypt(sealed[9:21], sealed[21:], bound_to.encode())

    def indices(self, text: str, purpose: str) -> list[str]:
        """Blind indices to look an encrypted text up by, one a key, the current one's first.

        Store the first, look for any. Without a key nobody can tell which text has which index.
        """
        return [_index(key, text, purpose) for key in self._keys.values()]


def _index(key: bytes, text: str, purpose: str) -> str:
    apart = hmac.digest(key, b"blind index " + purpose.encode(), "sha256")  # never the key itself
    return hmac.new(apart, text.encode(), "sha256").hexdigest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:8]


def load_or_make_key(path: Path) -> bytes:
    """The key in the file; made at first start with mode 0600."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(base64.b64encode(os.urandom(32)))
        try:
            os.link(draft, path)  # atomic: of two first starts one key wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return base64.b64decode(path.read_bytes())


keyring: Keyring | None = None  # set once by build_app() and the command line


def use(ring: Keyring) -> None:
    global keyring
    keyring = ring


def current() -> Keyring:
    if keyring is None:
        raise RuntimeError("no data key is loaded")
    return keyring


class Sealed:
    """A model attribute kept encrypted in `<name>_sealed`, bound to table, column and row id.

    Set `id` before the attribute: the ciphertext is of no use in another row.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = f"{name}_sealed"

    def _bound_to(self, row: object) -> str:
        row_id = row.id  # type: ignore[attr-defined]
        if row_id is None:
            raise ValueError("give the row its id before a sealed attribute")
        return f"{row.__tablename__}:{self.column}:{row_id}"  # type: ignore[attr-defined]

    def __get__(self, row: object, owner: type | None = None) -> str:
        if row is None:
            return self  # type: ignore[return-value]
        sealed = getattr(row, self.column)
        return current().open(sealed, self._bound_to(row)) if sealed else ""

    def __set__(self, row: object, text: str) -> None:
        setattr(row, self.column, current().seal(text, self._bound_to(row)) if text else None)


class SealedJson(Sealed):
    """The same for a JSON object; empty where nothing is kept."""

    def __get__(self, row: object, owner: type | None = None) -> Any:
        text = super().__get__(row, owner)
        return text if row is None else json.loads(text) if text else {}

    def __set__(self, row: object, value: Any) -> None:
        super().__set__(row, json.dumps(value, ensure_ascii=False) if value else "")
