"""Computers outside that we ask, each a file of the operator's: STATE_DIR/<folder>/<name>.yml with
its secret beside it (<name>.secret, mode 0600). No file: that port is closed.

Both sides sign as router/referrals/signing.py says: the body with the moment, in the headers
X-Jieyuan-Timestamp and X-Jieyuan-Signature. docs/agencies.md is written for them.
"""

import asyncio
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from router.referrals import signing
from router.settings import MissingSettings, Settings

NEAR = timedelta(minutes=5)  # a moment further away is a replay
MOST_BYTES = 64 * 1024  # of an answer


class Unreached(Exception):
    """Nobody there: nothing can have happened."""


class Unsure(Exception):
    """It may have been done: no answer in time, a fault, or an answer that is not theirs."""


class Refused(Exception):
    """They will not do it: asking again changes nothing."""


class Peer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    label: str
    asks: Literal["identity", "means", "courier"]
    url: Annotated[str, Field(pattern=r"^https?://")]
    timeout: Annotated[float, Field(gt=0, le=50)] = 8  # seconds, for the whole answer
    days: Annotated[int, Field(ge=1, le=365)] = 30  # an answer holds; a parcel may be without news
    secret: SecretStr


def load(settings: Settings, folder: str) -> dict[str, Peer]:
    """By name. Raises MissingSettings, without any secret in its text."""
    return {
        path.stem: _load(path, settings)
        for path in sorted((settings.STATE_DIR / folder).glob("*.yml"))
    }


def _load(path: Path, settings: Settings) -> Peer:
    try:
        raw = yaml.safe_load(path.read_text("utf-8")) or {}
        key = path.with_suffix(".secret")
        if not key.is_file() or key.stat().st_mode & 0o077:
            raise MissingSettings(
                f"{path} 还缺密钥文件 {key.name}，或者它别人也能读（要 chmod 600）。"
            )
        peer = Peer.model_validate({**raw, "name": path.stem, "secret": key.read_text().strip()})
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValidationError):
        raise MissingSettings(f"{path} 写错了，写法见 docs/agencies.md。") from None
    if settings.JIEYUAN_ENV == "production" and not peer.url.startswith("https://"):
        raise MissingSettings(f"{path} 的网址在生产环境要用 https。")
    return peer


async def ask(peer: Peer, told: dict[str, Any], key: str, now: datetime) -> dict[str, Any]:
    """Its answer. `key`: the same for what is asked again. Raises Unreached, Unsure, Refused."""
    body = json.dumps(told, ensure_ascii=False).encode()
    secret, seconds = peer.secret.get_secret_value(), int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        signing.KEY: key,
        signing.TIMESTAMP: str(seconds),
        signing.SIGNATURE: signing.sign(secret, seconds, body),
    }
    answer, content = await _post(peer, body, headers)
    if 400 <= answer.status_code < 500 and answer.status_code not in (408, 425, 429):
        raise Refused(str(answer.status_code))
    if not answer.is_success:
        raise Unsure(str(answer.status_code))
    if not genuine(secret, answer.headers.get, content, now):
        raise Unsure("not signed by them")
    try:
        read = json.loads(content)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise Unsure("no object")
    return read


async def _post(peer: Peer, body: bytes, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
    # the address is the operator's: nothing that answers may lead us elsewhere
    content = bytearray()
    try:
        async with (
            asyncio.timeout(peer.timeout),
            httpx.AsyncClient(follow_redirects=False, trust_env=False) as http,
            http.stream("POST", peer.url, content=body, headers=headers) as answer,
        ):
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise Unsure("too long")
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Unreached(type(error).__name__) from None
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        raise Unsure(type(error).__name__) from None
    return answer, bytes(content)


def genuine(secret: str, header: Callable[[str], str | None], body: bytes, now: datetime) -> bool:
    """Signed with this secret, and now."""
    moment, given = header(signing.TIMESTAMP) or "", header(signing.SIGNATURE) or ""
    if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
        return False
    if abs(now.timestamp() - int(moment)) > NEAR.total_seconds():
        return False
    return hmac.compare_digest(signing.sign(secret, int(moment), body).encode(), given.encode())
