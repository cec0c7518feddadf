"""The channel of one installation: its accounts, what comes in, what is carried out."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis

from router.bus import Bus
from router.channels.hotline.sms.cases import CaseTexts
from router.channels.wechat import metrics, words
from router.channels.wechat.accounts import Account
from router.channels.wechat.carry import Carrier
from router.channels.wechat.crowd import Crowd
from router.channels.wechat.joining import Joining
from router.channels.wechat.login import Login
from router.channels.wechat.media import Media
from router.channels.wechat.messages import Message
from router.channels.wechat.post import Post
from router.channels.wechat.reply import NoAnswerYet
from router.channels.wechat.talk import Talk
from router.channels.wechat.unagreed import Unagreed
from router.clock import Clock
from router.db import Database
from router.gateway import emergency
from router.gateway.service import Gateway
from router.limits import Limits
from router.speech import Transcriber

log = logging.getLogger(__name__)
REMEMBERED = 10_000  # answers of this process, for copies that come together or seconds apart


class WeChat:
    def __init__(
        self,
        accounts: Mapping[str, Account],
        db: Database,
        clock: Clock,
        bus: Bus,
        gateway: Gateway,
        limits: Limits,
        texts: CaseTexts,
        redis: Redis | None,
        transcriber: Transcriber | None = None,
    ) -> None:
        self.accounts, self.limits = accounts, limits
        self.posts = {name: Post(one, redis, clock) for name, one in accounts.items()}
        hears = transcriber is not None
        self.crowd = Crowd(db, clock, gateway.intake, limits)
        self.talks = {
            name: Talk(
                one, db, clock, bus, gateway, limits, self.crowd,
                Joining(one, db, clock, bus, gateway, texts), hears,
            )
            for name, one in accounts.items()
        }  # fmt: skip
        self.login = Login(db, clock, gateway.settings.PUBLIC_URL, self.posts)
        self.media = Media(db, clock, gateway, self.posts, transcriber)
        self.unagreed = Unagreed(db, clock)
        self.carrier = Carrier(db, clock, bus, self.posts, gateway.turns)
        self._answers: dict[str, asyncio.Future[str]] = {}

    def start(self) -> None:
        if self.accounts:
            self.carrier.start()

    async def stop(self) -> None:
        await self.crowd.stop()
        await self.carrier.stop()
        await self.media.stop()
        for post in self.posts.values():
            await post.close()

    async def hear(self, message: Message) -> str:
        """The answer's text, the same for all copies; empty: none. Raises NoAnswerYet."""
        metrics.RECEIVED.labels(_kind(message)).inc()
        if not self.accounts[message.account].customer_service:
            return await self._hear(message)  # a later copy may bring more
        known = self._answers.get(message.key)
        if known is None or (known.done() and known.exception()):
            known = self._answers[message.key] = asyncio.ensure_future(self._hear(message))
            if len(self._answers) > REMEMBERED:
                del self._answers[next(iter(self._answers))]
        return await asyncio.shield(known)

    async def _hear(self, message: Message) -> str:
        try:
            return await self.talks[message.account].hear(message)
        except NoAnswerYet:
            raise
        except Exception:  # never a fault notice of the platform's in place of our words
            log.exception("wechat.failed", extra={"account": message.account})
            danger = emergency.find(message.text("Content"))
            advice = [emergency.advice(danger)] if danger else []
            return "\n\n".join([*advice, words.IN_TROUBLE])


_KINDS = frozenset(
    ("text", "image", "voice", "video", "shortvideo", "location", "link", "event")
)  # others come from outside: no label of a metric


def _kind(message: Message) -> str:
    return message.kind if message.kind in _KINDS else "other"


def reply_fields(message: Message, text: str, at: int) -> dict[str, Any]:
    """The passive reply: the two names change places."""
    return {
        "ToUserName": message.openid,
        "FromUserName": message.to,
        "CreateTime": at,
        "MsgType": "text",
        "Content": text,
    }
