"""A page of ours opened inside the app shows the case of who opens it: OAuth, snsapi_base.

The state goes through once and only in the browser that began; the platform's token is not kept.
https://developers.weixin.qq.com/doc/service (网页授权)
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import delete

from router.channels.wechat import followers
from router.channels.wechat.models import PageLogin
from router.channels.wechat.post import PlatformRefused, Post
from router.clock import Clock
from router.db import Database
from router.errors import NotFound, RouterError

GOOD_FOR = timedelta(minutes=10)
BAD_CODE = frozenset({40029, 40163, 42003})  # unknown, used, late: worth beginning anew, once


class NotConfirmed(RouterError):
    """微信没有确认是您本人。请回到公众号，再点一次菜单；还不行，发“网页”两个字，会有新的链接。"""

    status = 410


class BeginAgain(Exception):
    """The code was bad: a new one may be good."""


@dataclass(frozen=True)
class Begun:
    url: str  # of the platform
    browser: str  # for a cookie


class Login:
    def __init__(
        self, db: Database, clock: Clock, public_url: str, posts: Mapping[str, Post]
    ) -> None:
        self._db, self._clock, self._posts = db, clock, posts
        self._public_url = public_url.rstrip("/")

    async def begin(self, name: str, again: bool) -> Begun:
        """Raises NotFound where the account does not do this."""
        account = self._post(name).account
        state, browser = secrets.token_hex(32), secrets.token_urlsafe(32)
        now = self._clock.now()
        row = PageLogin(
            hash=_hash(state), browser_hash=_hash(browser), account=name, again=again,
            expires_at=now + GOOD_FOR,
        )  # fmt: skip
        async with self._db.write() as s:
            await s.execute(delete(PageLogin).where(PageLogin.expires_at <= now))
            s.add(row)
        query = urlencode(
            {
                "appid": account.app_id,
                "redirect_uri": f"{self._public_url}/wechat/{name}/page/back",
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )  # in this order
        url = f"{account.login_at}/connect/oauth2/authorize?{query}#wechat_redirect"
        return Begun(url, browser)

    async def finish(self, name: str, state: str, code: str, browser: str) -> str | None:
        """The conversation of who is at the browser; None: they have none here.

        Raises NotConfirmed, BeginAgain.
        """
        post = self._post(name)
        ours = (
            PageLogin.hash == _hash(state),
            PageLogin.browser_hash == _hash(browser),
            PageLogin.account == name,
            PageLogin.expires_at > self._clock.now(),
        )
        async with self._db.write() as s:
            again = await s.scalar(delete(PageLogin).where(*ours).returning(PageLogin.again))
        if again is None or not code:
            raise NotConfirmed(account=name)
        try:
            openid = await post.openid_of(code)
        except PlatformRefused as refused:
            if refused.code in BAD_CODE and not again:
                raise BeginAgain from None
            raise NotConfirmed(account=name, because=refused.code) from None
        async with self._db.read() as s:
            found = await followers.find(s, name, openid)
        return found.conversation_id if found and found.left_at is None else None

    def _post(self, name: str) -> Post:
        post = self._posts.get(name)
        if post is None or not post.account.oauth:
            raise NotFound(account=name)
        return post


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
