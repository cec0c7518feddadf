"""Keys and tokens of an installation: from the environment, else made in STATE_DIR (mode 0600)."""

import base64
import binascii

from pydantic import SecretStr

from router.crypto import load_or_make_key
from router.settings import Settings


class BadKey(ValueError):
    """DATA_KEY 必须是 32 字节的 base64 文本,例如 `openssl rand -base64 32` 的输出。"""


def data_keys(settings: Settings) -> list[bytes]:
    """The keys for personal columns, the current one first. Raises BadKey."""
    if settings.DATA_KEY is None:
        return [load_or_make_key(settings.STATE_DIR / "keys" / "data.key")]
    keys = [_decoded(part) for part in settings.DATA_KEY.get_secret_value().split(",")]
    return keys


def service_token(settings: Settings) -> SecretStr:
    """What actions/ shows to /internal."""
    if settings.SERVICE_TOKEN is not None:
        return settings.SERVICE_TOKEN
    return SecretStr(load_or_make_key(settings.STATE_DIR / "keys" / "service.key").hex())


def rasa_token(settings: Settings) -> SecretStr:
    if settings.RASA_TOKEN is not None:
        return settings.RASA_TOKEN
    return SecretStr(load_or_make_key(settings.STATE_DIR / "keys" / "rasa.key").hex())


def bot_key(settings: Settings) -> str:
    """base64 key for Rasa's tracker store: one of its own, so Rasa never holds the data key."""
    if settings.BOT_DATA_KEY is not None:
        return base64.b64encode(_decoded(settings.BOT_DATA_KEY.get_secret_value())).decode()
    key = load_or_make_key(settings.STATE_DIR / "keys" / "bot.key")
    return base64.b64encode(key).decode()


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadKey(BadKey.__doc__) from error
    if len(key) != 32:
        raise BadKey(BadKey.__doc__)
    return key
