"""Pictures and voices as evidence: fetched at once (the platform keeps them three days), looked at
by content, stored encrypted in the case. A timer in the line's own transaction sees to it."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import select, update

from router.channels.base import Inbound
from router.channels.wechat import words
from router.channels.wechat.post import PlatformRefused, Post, Then
from router.clock import Clock
from router.conversations.evidence import MAX_BYTES, mime_of, seal
from router.conversations.models import Conversation, Evidence
from router.db import Database
from router.dispatch.models import Timer
from router.errors import RouterError
from router.gateway.service import Gateway
from router.speech import Transcriber

log = logging.getLogger(__name__)
TIMER = "wechat_media"
CLAIM = timedelta(seconds=60)
WAITS = [timedelta(seconds=s) for s in (5, 60, 600, 3600)]  # the last one until the platform
MOST_TRIES = 75  # has thrown it away: three days
FITS = {
    "image": ("image/",),
    "voice": ("audio/",),
    "video": ("video/",),
    "shortvideo": ("video/",),
    "file": ("application/pdf", "image/"),
}


class Media:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        gateway: Gateway,
        posts: dict[str, Post],
        transcriber: Transcriber | None,
    ) -> None:
        self._db, self._clock, self._gateway, self._posts = db, clock, gateway, posts
        self.transcriber = transcriber
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def fire(self, timer: Timer) -> None:
        """Claims it, if nobody was faster, and fetches beside the timer loop."""
        async with self._db.write() as s:
            claim = (
                update(Timer)
                .where(Timer.id == timer.id, Timer.due_at == timer.due_at)
                .values(due_at=self._clock.now() + CLAIM)
            )
            if (await s.execute(claim)).rowcount != 1:  # type: ignore[attr-defined]
                return
        task = asyncio.create_task(self._see_to(timer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _see_to(self, timer: Timer) -> None:
        evidence_id, tried = str(timer.data["evidence"]), int(timer.data["tried"])
        try:
            async with self._db.read() as s:
                row = await s.get(Evidence, evidence_id)
            post = self._posts.get(str(timer.data["account"]))
            if row is None or row.state != "awaited" or post is None:
                return await self._drop(timer)
            content = await post.media(row.source, MAX_BYTES)
        except PlatformRefused as refused:
            if refused.then is Then.NEVER or tried >= MOST_TRIES:
                return await self._settle(timer, evidence_id, None)
            return await self._again(timer, tried)
        except Exception:  # the claim runs out, then it is fetched again
            log.exception("wechat.media_failed", extra={"evidence": evidence_id})
            return
        await self._settle(timer, evidence_id, content)

    async def _again(self, timer: Timer, tried: int) -> None:
        due = self._clock.now() + WAITS[min(tried, len(WAITS) - 1)]
        data = {**timer.data, "tried": tried + 1}
        async with self._db.write() as s:
            put_off = update(Timer).where(Timer.id == timer.id)
            await s.execute(put_off.values(due_at=due, data=data))

    async def _drop(self, timer: Timer) -> None:
        async with self._db.write() as s:
            if row := await s.get(Timer, timer.id):
                await s.delete(row)

    async def _settle(self, timer: Timer, evidence_id: str, content: bytes | None) -> None:
        """Kept, or given up: then the citizen is told in the same transaction."""
        mime = mime_of(content) if content else None
        async with self._db.write() as s:
            query = select(Evidence).where(Evidence.id == evidence_id).with_for_update()
            row = await s.scalar(query)
            if row is None or row.state != "awaited":
                return
            fits = bool(mime and mime.startswith(FITS.get(row.kind, ())))
            if content and fits:
                row.state, row.mime, row.size = "kept", mime, len(content)
                row.content_sealed = await asyncio.to_thread(seal, row.id, content)
            else:
                row.state = "refused" if content else "lost"
                told = words.MEDIA_REFUSED if content else words.MEDIA_LOST
                await self._gateway.say(s, row.conversation_id, "system", told, {"kind": "notice"})
            row.source = ""
            if timer_row := await s.get(Timer, timer.id):
                await s.delete(timer_row)
        await self._gateway.bus.wake(f"conversation:{row.conversation_id}")
        if row.state == "kept" and row.kind == "voice" and self.transcriber and content and mime:
            await self._transcribe(row, content, mime)

    async def _transcribe(self, row: Evidence, content: bytes, mime: str) -> None:
        """The words of a voice are a line of the citizen's like any other."""
        assert self.transcriber
        async with self._db.read() as s:
            channel = await s.scalar(
                select(Conversation.channel).where(Conversation.id == row.conversation_id)
            )
        try:
            text = await self.transcriber.text(content, mime)
            key = f"wechat:voice:{row.id}"
            await self._gateway.accept(Inbound(str(channel), row.conversation_id, key, text))
        except RouterError:  # nothing to be heard, or the talk has ended
            log.info("wechat.voice_without_words", extra={"evidence": row.id})
        except Exception:
            log.exception("wechat.transcriber_failed", extra={"evidence": row.id})
