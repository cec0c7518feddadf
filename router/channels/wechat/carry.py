"""Brings to followers what was not handed over in a reply: customer-service messages, in order.

One loop per process asks which conversations are due (`carry_at`); a claim puts the moment off, so
that a dead process's work is another's. Sent at least once: a kill between the platform's yes and
our commit sends that one message again.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from router.bus import Bus
from router.channels.wechat import followers, metrics, parcels, plan
from router.channels.wechat.models import Follower
from router.channels.wechat.post import PlatformRefused, Post, Text, Then
from router.clock import Clock
from router.conversations.models import Conversation
from router.db import Database

log = logging.getLogger(__name__)
CHANNEL = "wechat"
CLAIM = timedelta(seconds=60)
LOOK_AGAIN = timedelta(seconds=5)
LEAST = timedelta(milliseconds=50)  # between two looks: many conversations wake at once
AT_ONCE = 16
WAITS = {
    Then.AGAIN: [timedelta(seconds=s) for s in (2, 10, 60, 300)],
    Then.LATER: [timedelta(hours=1)],
    Then.OPERATOR: [timedelta(minutes=10)],
}


class Carrier:
    def __init__(self, db: Database, clock: Clock, bus: Bus, posts: Mapping[str, Post]) -> None:
        self._db, self._clock, self._bus, self._posts = db, clock, bus, posts
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._loop: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: dict[str, int] = {}  # by conversation, since the last success

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="wechat")

    async def stop(self) -> None:
        tasks = [*self._tasks, *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()  # what is claimed falls due again
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            async with self._bus.waiting_for("conversation:*") as waiter:
                try:
                    wait = await self._look()
                except (SQLAlchemyError, OSError) as error:
                    log.warning("wechat.look_failed", extra={"error": type(error).__name__})
                    wait = LOOK_AGAIN
                woken = asyncio.create_task(waiter.wait(LOOK_AGAIN))
                slept = asyncio.ensure_future(self._clock.sleep(wait))
                await asyncio.wait({woken, slept}, return_when=asyncio.FIRST_COMPLETED)
                for task in (woken, slept):
                    task.cancel()
                await asyncio.gather(woken, slept, return_exceptions=True)
            await asyncio.sleep(LEAST.total_seconds())

    async def _look(self) -> timedelta:
        """Claims what is due; how long until more is."""
        now = self._clock.now()
        async with self._db.read() as s:
            due = (
                await s.execute(
                    select(Conversation.id, Conversation.carry_at)
                    .where(Conversation.carry_at <= now, Conversation.channel == CHANNEL)
                    .order_by(Conversation.carry_at)
                    .limit(100)
                )
            ).all()
            following = await s.scalar(
                select(func.min(Conversation.carry_at)).where(Conversation.carry_at > now)
            )
        for conversation_id, moment in due:
            assert moment
            await self._slots.acquire()
            task = asyncio.create_task(self._carry(conversation_id, moment))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        if due:
            return timedelta(0)
        return min(LOOK_AGAIN, following - now) if following else LOOK_AGAIN

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()

    async def _carry(self, conversation_id: str, moment: datetime) -> None:
        try:
            follower, batch = await self._claimed(conversation_id, moment)
            if follower and batch:
                await self._send(follower, batch)
        except Exception:  # the claim runs out, then it is looked at again
            log.exception("wechat.carry_failed", extra={"conversation": conversation_id})

    async def _claimed(
        self, conversation_id: str, moment: datetime
    ) -> tuple[Follower | None, list[plan.Outgoing]]:
        """What may go now, its quota spent already: a crash may cost a message of it, no words."""
        now = self._clock.now()
        async with self._db.write(soon=True) as s:
            mine = (
                update(Conversation)
                .where(Conversation.id == conversation_id, Conversation.carry_at == moment)
                .values(carry_at=now + CLAIM)
            )
            if (await s.execute(mine)).rowcount != 1:  # type: ignore[attr-defined]
                return None, []
            theirs = select(Follower.id).where(Follower.conversation_id == conversation_id)
            follower_id = await s.scalar(theirs)
            follower = await followers.locked(s, follower_id) if follower_id else None
            if follower is None:
                await parcels.look_at(s, conversation_id, None)
                return None, []
            await parcels.take(s, follower)
            post, batch = self._posts.get(follower.account), []
            if post and post.account.customer_service and not follower.left_at:
                pieces = await parcels.waiting(s, conversation_id)
                batch = plan.affordable(pieces, followers.left(follower, now))
            follower.quota -= len(batch)
            await parcels.look_at(s, conversation_id, now + CLAIM if batch else None)
            return follower, batch

    async def _send(self, follower: Follower, batch: list[plan.Outgoing]) -> None:
        """In order, up to the first refusal."""
        conversation_id = follower.conversation_id or ""
        for number, one in enumerate(batch):
            try:
                text = Text(follower.openid, one.text, one.by_bot)
                await self._posts[follower.account].send(text)
            except PlatformRefused as refused:
                metrics.SENT.labels("refused").inc()
                await self._refused(follower, batch[number:], refused)
                return
            metrics.SENT.labels("sent").inc()
            self._failures.pop(conversation_id, None)
            async with self._db.write(soon=True) as s:  # a power cut sends it once more
                await parcels.settle(s, one.ids, "sent", self._clock.now())
                if number == len(batch) - 1:
                    await parcels.look_at(s, conversation_id, None)

    async def _refused(
        self, follower: Follower, rest: list[plan.Outgoing], refused: PlatformRefused
    ) -> None:
        now, then = self._clock.now(), refused.then
        conversation_id = follower.conversation_id or ""
        again = self._again(conversation_id, then, now)
        async with self._db.write() as s:
            row = await followers.locked(s, follower.id)
            await parcels.failed(s, rest[0].ids, refused.code)
            if then is Then.NEVER:
                await parcels.settle(s, rest[0].ids, "undeliverable", now)
            if row and then is Then.CONTACT:
                row.quota = 0
            elif row:
                row.quota += len(rest)
            await parcels.look_at(s, conversation_id, again)

    def _again(self, conversation_id: str, then: Then, now: datetime) -> datetime | None:
        if then is Then.CONTACT:
            return None
        if then is Then.NEVER:  # the ones behind it may well arrive
            return now
        tried = self._failures[conversation_id] = self._failures.get(conversation_id, 0) + 1
        waits = WAITS[then]
        return now + waits[min(tried, len(waits)) - 1]
