"""Keys and tokens of an installation: from the environment, else made in STATE_DIR (mode 0600)."""

import base64
import binascii

from pydantic import SecretStr

from router.crypto import load_or_make_key
from router.settings import Settings


class BadKey(ValueError):
    """A key that is no key, or not the one that the stored data was sealed with."""


def data_keys(settings: Settings) -> list[bytes]:
    """The keys for personal columns, the current one first. Raises BadKey."""
    if settings.DATA_KEY is None:
        return [_kept(settings, "data")]
    return [_decoded(part, "DATA_KEY") for part in settings.DATA_KEY.get_secret_value().split(",")]


def service_token(settings: Settings) -> SecretStr:
    """What actions/ shows to /internal."""
    if settings.SERVICE_TOKEN is not None:
        return settings.SERVICE_TOKEN
    return SecretStr(_kept(settings, "service").hex())


def rasa_token(settings: Settings) -> SecretStr:
    if settings.RASA_TOKEN is not None:
        return settings.RASA_TOKEN
    return SecretStr(_kept(settings, "rasa").hex())


def bot_key(settings: Settings) -> str:
    """base64 key for Rasa's tracker store: one of its own, so Rasa never holds the data key."""
    if settings.BOT_DATA_KEY is not None:
        key = _decoded(settings.BOT_DATA_KEY.get_secret_value(), "BOT_DATA_KEY")
    else:
        key = _kept(settings, "bot")
    return base64.b64encode(key).decode()


def _kept(settings: Settings, name: str) -> bytes:
    path = settings.STATE_DIR / "keys" / f"{name}.key"
    try:
        key = load_or_make_key(path)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise BadKey(f"密钥文件 {path} 已损坏;请从备份恢复它。换成新的密钥,已存的内容就打不开了。")
    return key


def _decoded(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: not even ASCII
        key = b""
    if len(key) != 32:
        raise BadKey(f"{name} 必须是 32 字节的 base64 文本,例如 `openssl rand -base64 32` 的输出。")
    return key
