"""The words of many followers taken in together: one transaction, one way to the disk, and each is
acknowledged behind it. Who is in danger, new, or asks for something else goes the ordinary way."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from router.channels.base import Inbound
from router.channels.wechat import followers, joining, words
from router.channels.wechat.followers import Allowed, Known
from router.channels.wechat.messages import Message
from router.channels.wechat.models import Follower
from router.clock import Clock
from router.db import Database
from router.gateway import emergency
from router.gateway.intake import Intake
from router.gateway.together import Together
from router.limits import Limits

log = logging.getLogger(__name__)
CHANNEL = "wechat"
GATHER = 0.03  # seconds; the answer itself is waited for longer
MOST = 100  # in one transaction, which the loop runs without a pause


@dataclass(frozen=True)
class _One:
    message: Message
    indices: list[str]  # of the person
    taken: asyncio.Future[Known | None]


def plain(message: Message) -> bool:
    """Words that ask for nothing but the bot's answer. Who is in danger waits for no other."""
    said = message.text("Content")
    asks = words.ASKS_FOR_DOOR | words.ASKS_FOR_NOTICES | words.ENDS_NOTICES
    if message.kind != "text" or words.plain(said) in asks or joining.read(said):
        return False
    return not emergency.find(said)


class Crowd:
    """Of one process, for all accounts."""

    def __init__(self, db: Database, clock: Clock, intake: Intake, limits: Limits) -> None:
        self._db, self._clock, self._intake, self._limits = db, clock, intake, limits
        self._come: list[_One] = []
        self._writing: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Task[None]] = set()  # for the disk

    async def take(self, message: Message) -> Known | None:
        """Stored and on the disk: who said it, `seen` if it was in before. None: not taken, the
        ordinary way tells why."""
        indices = followers.person_index(message.account, message.openid)
        one = _One(message, indices, asyncio.get_running_loop().create_future())
        self._come.append(one)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await one.taken

    async def stop(self) -> None:
        if self._writing:
            await asyncio.gather(self._writing, return_exceptions=True)
        await asyncio.gather(*self._waiting, return_exceptions=True)

    async def _write(self) -> None:
        while self._come:
            await asyncio.sleep(GATHER)
            batch, self._come = self._come[:MOST], self._come[MOST:]
            try:
                taken = await self._store(batch)
            except Exception as error:  # each by itself then: one may have spoilt it for all
                log.warning("wechat.crowd_failed", extra={"error": type(error).__name__})
                taken = [None] * len(batch)
            task = asyncio.create_task(self._acknowledge(batch, taken))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    async def _acknowledge(self, batch: Sequence[_One], taken: Sequence[Known | None]) -> None:
        """When no power cut takes it back; the next ones are written meanwhile."""
        error: Exception | None = None
        try:
            await self._db.on_disk()
        except Exception as refused:
            error = refused
        for one, known in zip(batch, taken, strict=True):
            if one.taken.done():
                continue
            if error and known:
                one.taken.set_exception(error)
            else:
                one.taken.set_result(known)

    async def _store(self, batch: Sequence[_One]) -> list[Known | None]:
        together, now = Together(self._intake), self._clock.now()
        granted: list[tuple[str, Allowed]] = []
        async with self._db.core(soon=True, first=True) as s:
            found = await followers.agreed(s, [index for one in batch for index in one.indices])
            theirs = [self._of(one, found) for one in batch]
            ids = [one.conversation_id for one in theirs if one and one.conversation_id]
            await together.look(s, ids, [one.message.key for one in batch])
            taken = []
            for one, follower in zip(batch, theirs, strict=True):
                known = await self._add(together, one, follower)
                taken.append(known)
                if known and not known.seen and (allowed := followers.granted(one.message)):
                    granted.append((known.follower.id, allowed))
            await together.store(s)
            await followers.grant_all(s, granted, now)
        await together.begin()
        return taken

    @staticmethod
    def _of(one: _One, found: dict[str, Follower]) -> Follower | None:
        return next((found[index] for index in one.indices if index in found), None)

    async def _add(self, together: Together, one: _One, follower: Follower | None) -> Known | None:
        message = one.message
        if follower is None or follower.consent_key == message.key:
            return None
        talk = follower.conversation_id or ""
        if together.has(message.key):
            together.count_again(CHANNEL)
            return Known(follower, seen=True)
        if not together.takes(talk):
            return None
        try:
            rate = self._intake.settings.MESSAGE_RATE
            await self._limits.check_here("wechat", follower.id, rate)
            said = message.text("Content")
            text = words.chosen(said, follower.choices.get("say", ()))
            if text != said and emergency.find(
                text
            ):  # behind a number: help goes back in this very answer
                return None
            together.add(Inbound(CHANNEL, talk, message.key, text), danger=[])
        except Exception:  # too long, too fast, not to be read: it spoils no other's
            return None
        return Known(follower)
