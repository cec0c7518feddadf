"""Letters of an application, told to the mobile of who came by telephone and wanted messages.

The one-time link opens with the application's reference and code: who only has the telephone reads
nothing. One row for each sending: nothing is sent twice, and the staff see what became of it.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline.models import Call, TextMessage
from router.channels.hotline.sms import cases, words
from router.channels.hotline.sms.cases import CaseTexts
from router.clock import Clock
from router.db import Database
from router.events import Event, LetterSent
from router.sending.models import Sending

KEY = "letter:"


class LetterTexts:
    def __init__(self, db: Database, clock: Clock, texts: CaseTexts) -> None:
        self._db, self._clock, self._texts = db, clock, texts

    async def tell(self, event: Event) -> None:
        """A repeated event orders nothing more."""
        assert isinstance(event, LetterSent)
        texter, talk = self._texts.texter, event.conversation_id
        if texter is None:
            return
        template = words.LETTER if event.way == "link" and texter.links else words.LETTER_WAITS
        async with self._db.write() as s:
            await s.get(Sending, event.key, with_for_update=True)  # two tellers, one message
            if await of(s, [event.key]) or not await _wants(s, talk):
                return
            if number := await cases.number_of(s, talk):
                self._texts.order(s, talk, number, template, KEY + event.key, self._clock.now())
        await self._texts.wake()


async def _wants(s: AsyncSession, talk: str) -> bool:
    """What was said in the newest call counts."""
    calls = select(Call.texts).where(cases.calls_of(talk), Call.entry != "police")
    return bool(await s.scalar(calls.order_by(Call.created_at.desc()).limit(1)))


async def of(s: AsyncSession, sendings: Collection[str]) -> dict[str, TextMessage]:
    """Sending -> its message, where there is one."""
    rows = select(TextMessage).where(TextMessage.key.in_([KEY + one for one in sendings]))
    return {row.key.removeprefix(KEY): row for row in await s.scalars(rows)}
