"""Calls to the platform, and what its error codes mean for us. An address holds the token, so no
error's own text is ever logged."""

import json
import logging
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from redis.asyncio import Redis

from router.channels.wechat.accounts import Account
from router.channels.wechat.token import Tokens
from router.clock import Clock

log = logging.getLogger(__name__)
WITHIN = aiohttp.ClientTimeout(total=8, connect=3)
STALE = frozenset({40001, 40014, 42001})
UNKNOWN = -2  # ours: no answer, so it may have arrived
TOO_LARGE = -3  # ours


class Then(Enum):
    """What a failure asks for."""

    AGAIN = "again"  # soon, by itself
    LATER = "later"  # when the platform counts anew
    CONTACT = "contact"  # when the follower does something
    NEVER = "never"  # this can never be delivered
    OPERATOR = "operator"  # a person has to put it right; it is tried again now and then


_THEN = {
    **dict.fromkeys((-1, UNKNOWN, 45011), Then.AGAIN),
    **dict.fromkeys((45009,), Then.LATER),
    **dict.fromkeys((45015, 45047, 48001, 43101, 48002, 43019), Then.CONTACT),
    **dict.fromkeys((40003, 43004, 50005, 45002, 47001, 47003, 40007, TOO_LARGE), Then.NEVER),
}


class PlatformRefused(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
        self.then = _THEN.get(code, Then.OPERATOR)


@dataclass(frozen=True)
class Text:
    openid: str
    content: str
    by_bot: bool

    def body(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "touser": self.openid,
            "msgtype": "text",
            "text": {"content": self.content},
        }
        if self.by_bot:  # what a machine wrote is marked as such
            said["aimsgcontext"] = {"is_ai_msg": 1}
        return said


class Post:
    """One account's way to the platform."""

    def __init__(self, account: Account, redis: Redis | None, clock: Clock) -> None:
        self.account = account
        self.tokens = Tokens(account.name, redis, clock, self._fetch_token)
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._http:
            await self._http.close()

    async def send(self, text: Text) -> None:
        await self.call("/cgi-bin/message/custom/send", text.body())

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer. A token that ended early is renewed once. Raises PlatformRefused."""
        for last in (False, True):
            token = await self.tokens.get()
            try:
                return await self._post(path, body, {"access_token": token})
            except PlatformRefused as refused:
                if refused.code not in STALE:
                    raise
                await self.tokens.refused(token)
                if last:
                    raise
        raise AssertionError

    async def media(self, media_id: str, at_most: int) -> bytes:
        """What a follower sent. Raises PlatformRefused; larger than `at_most` is refused, too."""
        for last in (False, True):
            token = await self.tokens.get()
            url = self.account.api + "/cgi-bin/media/get"
            content = await self._get(url, {"access_token": token, "media_id": media_id}, at_most)
            told = _told_instead(content)
            code = int(told.get("errcode", 0))
            if code in STALE and not last:
                await self.tokens.refused(token)
                continue
            if code:
                raise PlatformRefused(code)
            video = str(told.get("video_url", ""))
            if video and (urlsplit(video).hostname or "").endswith(".qq.com"):
                return await self._get(video, {}, at_most)
            return content
        raise AssertionError

    async def openid_of(self, code: str) -> str:
        """Who opened a page of ours, by OAuth's code. Its token and what renews it are dropped.

        Raises PlatformRefused; of a virtual user (is_snapshotuser), too: nothing is bound to it.
        """
        assert self.account.secret
        query = {
            "appid": self.account.app_id,
            "secret": self.account.secret.get_secret_value(),
            "code": code,
            "grant_type": "authorization_code",
        }
        url = self.account.api + "/sns/oauth2/access_token"
        told = _told_instead(await self._get(url, query, 4096))
        refused = int(told.get("errcode", 0))
        if refused or told.get("is_snapshotuser") or not told.get("openid"):
            raise PlatformRefused(refused or UNKNOWN)
        return str(told["openid"])

    async def _get(self, url: str, query: dict[str, str], at_most: int) -> bytes:
        try:
            async with self._session().get(url, params=query, allow_redirects=False) as response:
                content = bytearray()
                async for chunk in response.content.iter_chunked(65_536):
                    content += chunk
                    if len(content) > at_most:
                        raise PlatformRefused(TOO_LARGE)
                return bytes(content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            told = {"account": self.account.name, "error": type(error).__name__}
            log.warning("wechat.media_unreached", extra=told)
            raise PlatformRefused(UNKNOWN) from None

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:  # belongs to the loop that first asks
            self._http = aiohttp.ClientSession(timeout=WITHIN)
        return self._http

    async def _fetch_token(self) -> tuple[str, int]:
        secret = self.account.secret
        if secret is None:
            raise PlatformRefused(48001)
        body = {
            "grant_type": "client_credential",
            "appid": self.account.app_id,
            "secret": secret.get_secret_value(),
            "force_refresh": False,
        }
        found = await self._post("/cgi-bin/stable_token", body, {})
        return str(found["access_token"]), int(found["expires_in"])

    async def _post(self, path: str, body: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        data = json.dumps(body, ensure_ascii=False).encode()
        url = self.account.api + path
        try:
            async with self._session().post(
                url, params=query, data=data, allow_redirects=False
            ) as response:
                found = json.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            told = {"account": self.account.name, "path": path, "error": type(error).__name__}
            log.warning("wechat.unreached", extra=told)
            raise PlatformRefused(UNKNOWN) from None
        code = found.get("errcode", 0) if isinstance(found, dict) else UNKNOWN
        if code:
            log.warning(
                "wechat.refused", extra={"account": self.account.name, "path": path, "code": code}
            )
            raise PlatformRefused(int(code))
        return dict(found)


def _told_instead(content: bytes) -> dict[str, Any]:
    """The JSON that came where a picture was asked for: an error, or a video's address."""
    if content[:1] != b"{" or len(content) > 4096:
        return {}
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
