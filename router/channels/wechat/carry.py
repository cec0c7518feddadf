"""Brings to followers what was not handed over in a reply: customer-service messages, in order.

One loop per process asks which conversations are due (`carry_at`) and claims them together; a claim
puts the moment off, so that a dead process's work is another's. To one follower only one sends at a
time. Sent at least once: a kill between the platform's yes and our commit sends that message again.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from router.bus import Bus
from router.channels.wechat import followers, former, metrics, notices, parcels, plan
from router.channels.wechat.models import Follower, Former
from router.channels.wechat.notices import Notice
from router.channels.wechat.parcels import Load
from router.channels.wechat.post import PlatformRefused, Post, Text, Then
from router.clock import Clock
from router.db import Database
from router.gateway.lines import conversations
from router.gateway.turns import Turns

log = logging.getLogger(__name__)
TOPIC = "wechat"  # a line came while somebody was sent to
CLAIM = timedelta(seconds=60)
LOOK_AGAIN = timedelta(seconds=5)
LEAST = timedelta(milliseconds=50)  # between two looks: many conversations wake at once
AT_ONCE = 16
GATHER = 0.02  # seconds; what has arrived in them is written down together
WAITS = {
    Then.AGAIN: [timedelta(seconds=s) for s in (2, 10, 60, 300)],
    Then.LATER: [timedelta(hours=1)],
    Then.OPERATOR: [timedelta(minutes=10)],
}
_C = conversations.c
Batch = list[plan.Outgoing | Notice]


class Carrier:
    def __init__(
        self, db: Database, clock: Clock, bus: Bus, posts: Mapping[str, Post], turns: Turns
    ) -> None:
        self._db, self._clock, self._bus, self._posts = db, clock, bus, posts
        self._turns = turns
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._loop: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: dict[str, int] = {}  # by conversation, since the last success
        self._arrived: list[str] = []  # parcels that the platform took
        self._done: list[str] = []  # conversations to which nothing more goes now
        self._writing: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="wechat")

    async def stop(self) -> None:
        tasks = [*self._tasks, *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()  # what is claimed falls due again
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._writing:
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            async with self._bus.waiting_for("conversation:*", TOPIC) as waiter:
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
        """Claims what is due and sends it; how long until more is."""
        await self._turns.after_requests()
        now = self._clock.now()
        async with self._db.look() as s:
            due = await s.execute(
                select(_C.id).where(_C.carry_at <= now).order_by(_C.carry_at).limit(100)
            )
            ids = [row.id for row in due]
            following = await s.execute(select(func.min(_C.carry_at)).where(_C.carry_at > now))
            moment: datetime | None = following.scalar()
        if not ids:
            return min(LOOK_AGAIN, moment - now) if moment else LOOK_AGAIN
        for load, batch in await self._claimed(ids):
            await self._slots.acquire()
            task = asyncio.create_task(self._carry(load.follower, batch))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return timedelta(0)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()

    async def _claimed(self, ids: list[str]) -> list[tuple[Load, Batch]]:
        """What may go now, its quota spent already: a crash may cost a message of it, no words."""
        now, claimed, left = self._clock.now(), [], []
        async with self._db.core(soon=True) as s:
            found = await parcels.loads(s, ids, free_only=True)
            asking = [load.follower for load in found if any(one.news for one in load.pieces)]
            consents = await notices.consents(s, asking)
            for load in found:
                if load.under_way and load.under_way > now:
                    left.append(load)
                    continue
                batch = self._affordable(load, now, consents)
                load.follower.carrying_until = now + CLAIM if batch else None
                claimed.append((load, batch))
            if claimed:
                ends = [(load, load.follower.carrying_until) for load, _ in claimed]
                await parcels.store(s, ends)
            for load in left:  # it is looked at when the other one is done
                later = update(conversations).where(_C.id == load.conversation_id)
                await s.execute(later.values(carry_at=load.under_way))
            gone = set(ids) - {load.conversation_id for load in found}
            if gone:
                nobodys = ~exists().where(followers.table.c.conversation_id == _C.id)
                not_left = ~exists().where(Former.conversation_id == _C.id)
                forgotten = update(conversations).where(_C.id.in_(sorted(gone)), nobodys, not_left)
                await s.execute(forgotten.values(carry_at=None))
        if gone:
            await former.forward(self._db, gone, now)
        return [(load, batch) for load, batch in claimed if batch]

    def _affordable(self, load: Load, now: datetime, consents: notices.Consents) -> Batch:
        post = self._posts.get(load.follower.account)
        if not post or load.follower.left_at or not load.follower.openid:
            return []
        batch: Batch = []
        if post.account.customer_service:
            left = followers.left(load.follower, now)
            batch += plan.affordable(load.pieces, left)
            load.spent = len(batch)
        if not batch and post.account.notices:
            wanted = consents.get(load.follower.id, frozenset())
            batch += notices.due(post.account.notices, load.pieces, wanted)
        return batch

    async def _carry(self, follower: Follower, batch: Batch) -> None:
        """In order, up to the first refusal."""
        conversation_id = follower.conversation_id or ""
        try:
            for number, one in enumerate(batch):
                try:
                    await self._send(follower, one)
                except PlatformRefused as refused:
                    metrics.SENT.labels("refused").inc()
                    return await self._refused(follower, batch[number:], refused)
                metrics.SENT.labels("sent").inc()
                self._failures.pop(conversation_id, None)
            self._done.append(conversation_id)
            self._write()
        except Exception:  # the claim runs out, then it is looked at again
            log.exception("wechat.carry_failed", extra={"conversation": conversation_id})

    async def _send(self, follower: Follower, one: plan.Outgoing | Notice) -> None:
        post = self._posts[follower.account]
        if isinstance(one, Notice):
            now = self._clock.now()
            await post.call(one.path, await notices.body(self._db, follower, one, now))
            async with self._db.core(soon=True) as s:
                await notices.spent(s, follower, one, now)
            return
        await post.send(Text(follower.openid, one.text, one.by_bot))
        self._arrived += one.ids
        self._write()

    def _write(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_down())

    async def _write_down(self) -> None:
        """A power cut sends them once more."""
        while self._arrived or self._done:
            await asyncio.sleep(GATHER)
            arrived, self._arrived = self._arrived, []
            done, self._done = self._done, []
            now = self._clock.now()
            try:
                async with self._db.core(soon=True) as s:
                    more = bool(done) and await parcels.carried(s, done, now)
                    await parcels.settle(s, arrived, "sent", now)
            except (SQLAlchemyError, OSError) as error:
                log.warning("wechat.write_failed", extra={"error": type(error).__name__})
                self._arrived, self._done = arrived + self._arrived, done + self._done
                await asyncio.sleep(LEAST.total_seconds())
                continue
            if more:
                await self._bus.wake(TOPIC)

    async def _refused(self, follower: Follower, rest: Batch, refused: PlatformRefused) -> None:
        now, then, first = self._clock.now(), refused.then, rest[0]
        conversation_id = follower.conversation_id or ""
        if self._writing:  # what arrived before it is not sent again
            await asyncio.shield(self._writing)
        again = self._again(conversation_id, then, now)
        if isinstance(first, Notice):
            async with self._db.core() as s:
                await parcels.carried(s, [conversation_id], now, again)
                await notices.refused(s, follower, first, refused)
            return
        if then is Then.CONTACT and self._posts[follower.account].account.notices:
            again = now  # there may be a notice instead
        async with self._db.core() as s:
            await parcels.carried(s, [conversation_id], now, again)
            theirs = update(followers.table).where(followers.table.c.id == follower.id)
            quota = followers.table.c.quota + len(rest)
            await s.execute(theirs.values(quota=0 if then is Then.CONTACT else quota))
            await parcels.failed(s, first.ids, refused.code)
            if then is Then.NEVER:
                await parcels.settle(s, first.ids, "undeliverable", now)

    def _again(self, conversation_id: str, then: Then, now: datetime) -> datetime | None:
        if then is Then.CONTACT:
            return None
        if then is Then.NEVER:  # the ones behind it may well arrive
            return now
        tried = self._failures[conversation_id] = self._failures.get(conversation_id, 0) + 1
        waits = WAITS[then]
        return now + waits[min(tried, len(waits)) - 1]
