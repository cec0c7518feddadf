"""Plays the turns of one conversation, one after the other, while it holds the lease.

No transaction is open while the bot thinks: its actions call us back. What a turn leaves behind
(replies, the line marked, the lease) is committed at once, so a turn is done or not begun.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from router.bus import Waiter
from router.errors import BotUnavailable
from router.gateway import lines, metrics, words
from router.gateway.bot_watch import BACK
from router.gateway.lease import Lease, LeaseLost, Step, Turn
from router.gateway.lines import Draft
from router.gateway.replies import drafts
from router.gateway.text import for_bot

if TYPE_CHECKING:
    from router.gateway.turns import Turns

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=30)
GIVE_UP_AFTER = 8  # answers that failed though the bot was reachable: about a minute and a half


class Worker:
    def __init__(self, turns: Turns, conversation_id: str, token: str) -> None:
        self.turns, self.id = turns, conversation_id
        self.clock, self.settings = turns.clock, turns.settings
        self.lease = Lease(turns, conversation_id, token)
        self.failures = 0

    async def run(self, step: Step) -> None:
        """`step`: what to begin with, when the lease is ours already."""
        async with self.turns.bus.waiting_for(lines.topic(self.id), BACK) as waiter:
            try:
                step = step or await self.lease.look()
                while step:
                    if isinstance(step, Turn):
                        step = await self._play(step, waiter)
                    else:
                        await self._until(step.until, waiter)
                        step = await self.lease.look()
            except LeaseLost:  # this process stood still too long; another one goes on
                log.warning("turn.lease_lost", extra={"conversation": self.id})

    async def _play(self, turn: Turn, waiter: Waiter) -> Step:
        if turn.danger:  # again, should the process that stored it have died before the alarm
            await self.turns.alarms.sound(self.id, turn.message_id, turn.danger)
        else:
            await self.turns.after_requests()
        if turn.for_lawyer:
            return await self._finish(turn, [])
        for aside in self.turns.asides:
            if answer := await aside(self.id, turn.text):
                notice = {"kind": "notice"}
                line = Draft("system", answer, notice, in_reply_to=turn.message_id)
                return await self._finish(turn, [line])
        if turn.wants_person and turn.troubled:
            return await self._finish(turn, [await self._call_person(turn)])
        try:
            said = await self._ask(turn, waiter)
        except BotUnavailable as error:
            return await self._in_trouble(turn, str(error.ids.get("because")))
        self.failures = 0
        metrics.TURNS.observe((self.clock.now() - turn.since).total_seconds())
        return await self._finish(turn, said)

    async def _finish(self, turn: Turn, said: list[Draft]) -> Step:
        step = await self.lease.finish(turn, said)
        await self._wake()
        return step

    async def _ask(self, turn: Turn, waiter: Waiter) -> list[Draft]:
        """The bot's answer; says once that it takes long. Raises BotUnavailable."""
        began = self.clock.now()
        asking = asyncio.create_task(self._answer(turn))
        try:
            await self._until(began + self.settings.BOT_SLOW, asking)
            if not asking.done() and turn.wants_person:  # who asked for a person need not wait
                return [await self._call_person(turn)]
            if not asking.done() and not turn.troubled and not turn.perhaps_sent:
                await self.lease.tell(Draft("system", words.SLOW, words.offering_person("slow")))
                await self._wake()
            end = began + self.settings.BOT_TIMEOUT
            while not asking.done():
                if self.clock.now() >= end:
                    raise BotUnavailable(because="slow")
                for other in await self.lease.calls_for_person(but=turn):
                    await self._finish(other, [await self._call_person(other)])
                await self._until(end, asking, waiter)
            return asking.result()
        finally:
            asking.cancel()

    async def _answer(self, turn: Turn) -> list[Draft]:
        bot = self.turns.bot
        try:
            if turn.perhaps_sent:
                for sender in turn.senders:
                    known = await bot.answered(sender, turn.message_id)
                    if said := drafts(known or [], turn.message_id):
                        return said
            text = for_bot(turn.text, self.settings.MESSAGE_MAX_CHARS)
            metadata = {"message_id": turn.message_id, "danger": turn.danger}
            said = drafts(await bot.say(turn.senders[0], text, metadata), turn.message_id)
        except BotUnavailable:
            raise
        except Exception as error:  # a fault nobody foresaw is the bot's, not the citizen's
            log.exception("bot.failed", extra={"conversation": self.id})
            raise BotUnavailable(because="error") from error
        if not said:  # Rasa's 200 after an action has crashed: played, but nothing came of it
            raise BotUnavailable(because="silent")
        return said

    async def _in_trouble(self, turn: Turn, because: str) -> Step:
        """The citizen is told once per trouble; the line keeps waiting and is tried again."""
        metrics.TROUBLES.labels(because).inc()
        log.warning("bot.trouble", extra={"conversation": self.id, "because": because})
        reachable = because != "dead"
        if reachable and turn.attempts + 1 >= GIVE_UP_AFTER:
            given_up = Draft("system", words.GIVEN_UP, words.offering_person("trouble"))
            return await self._finish(turn, [given_up])
        self.failures += 1
        pause = min(FIRST_PAUSE * 2 ** min(self.failures - 1, 9), LONGEST_PAUSE)
        self.lease.not_before(self.clock.now() + pause)
        if not reachable:
            self.turns.watch.report_down()
        step = await self.lease.failed(turn, reachable)
        await self._wake()
        return step

    async def _call_person(self, turn: Turn) -> Draft:
        try:
            ticket = await self.turns.routing.open_ticket(
                self.id, key=turn.message_id, destination="duty_lawyer"
            )
            text, kind = str(ticket["text"]), "ticket"
        except Exception:  # whatever it is, nobody is left without a number to call
            log.exception("handover.failed", extra={"conversation": self.id})
            text, kind = words.NO_PERSON, "trouble"
        return Draft("system", text, {"kind": kind}, in_reply_to=turn.message_id)

    async def _wake(self) -> None:
        await self.turns.bus.wake(lines.topic(self.id))

    async def _until(self, end: datetime, *things: asyncio.Task[list[Draft]] | Waiter) -> None:
        """Until the moment, or one of the things happens."""
        span = end - self.clock.now()
        own: list[asyncio.Task[Any]] = [asyncio.create_task(self.clock.sleep(span))]
        theirs: list[asyncio.Task[Any]] = []
        for thing in things:
            if isinstance(thing, Waiter):
                own.append(asyncio.create_task(thing.wait(timedelta(hours=1))))
            else:
                theirs.append(thing)
        try:
            await asyncio.wait(own + theirs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in own:
                one.cancel()
