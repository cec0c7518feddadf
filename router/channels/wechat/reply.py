"""What goes back in the answer to the platform's own request, within the moment it waits."""

from datetime import timedelta

from router.bus import Bus, Waiter
from router.channels.wechat import followers, parcels, plan, words
from router.channels.wechat.accounts import Account
from router.channels.wechat.followers import Known
from router.channels.wechat.messages import Message
from router.clock import Clock
from router.db import Database
from router.gateway import lines
from router.gateway.lines import topic
from router.gateway.turns import Turns

READY = timedelta(milliseconds=100)  # an answer that is there by then goes back at once
HOLD = timedelta(milliseconds=4500)  # of an account that can only answer: nearly all there is
KEPT = 0.14  # seconds; by then it is stored that such an answer goes back, or it does not
TOLD = 0.18  # seconds; a copy at another router waits for it so long
LATE = 4.0  # seconds; the platform hangs up after 5, and what an answer took along nobody reads
COPIED = 2.0  # seconds after it was said; the first copy has had its answer
LAST_COPY = 9.0  # seconds after the first: the platform asks no more


class NoAnswerYet(Exception):
    """Of an account that can only answer: the platform shall deliver the same again."""


class Replies:
    """Of one account."""

    def __init__(
        self, account: Account, db: Database, clock: Clock, bus: Bus, turns: Turns
    ) -> None:
        self.account, self.db, self.clock, self.bus, self.turns = account, db, clock, bus, turns
        self._copies: dict[str, int] = {}  # of a message whose answer takes long

    async def of(
        self, known: Known, message: Message, own: str, wait: bool = False, granted: bool = False
    ) -> str:
        """`own` words, and what waits for this follower; with `wait` what comes in a moment.

        `granted`: the message was stored just now, with what it allows us to send.
        """
        conversation_id = known.follower.conversation_id
        if conversation_id is None:
            return own
        push = self.account.customer_service
        if push and wait and known.seen:
            return await self._like_the_first(conversation_id, message)
        end = message.came + (READY if push else HOLD).total_seconds()
        if wait and not await self._comes(conversation_id, end):
            if push and granted:  # stored is what counts; all else is brought later
                return own
            if not (push or self._is_last_copy(message)):
                raise NoAnswerYet
            own = own if push else words.STILL_THINKING
        late = message.came + (KEPT if wait and granted else LATE)
        return await self._handed_over(known, message, own, granted, late if push else None)

    async def _like_the_first(self, conversation_id: str, message: Message) -> str:
        """Of several answers the platform shows the one that comes first: all are to be the same,
        and what another copy was not answered with is brought."""
        over = self.clock.now().timestamp() - message.at > COPIED
        async with self.bus.waiting_for(topic(conversation_id)) as waiter:
            while True:
                async with self.db.look() as s:
                    said = await parcels.replied(s, message.key)
                if said or over:
                    return said
                over = not await _woken(waiter, message.came + TOLD - self.clock.monotonic())

    async def _comes(self, conversation_id: str, end: float) -> bool:
        """Whether the bot, by then, thinks of nothing of theirs."""
        async with self.bus.waiting_for(topic(conversation_id)) as waiter:
            working = self.turns.at_work(conversation_id)  # it wakes us: no need to look
            if working and not await _woken(waiter, end - self.clock.monotonic()):
                return False
            while not (ready := await self._ready(conversation_id)):
                if not await _woken(waiter, end - self.clock.monotonic()):
                    break
        return ready

    async def _ready(self, conversation_id: str) -> bool:
        async with self.db.look() as s:
            _, thinking = await lines.state(s, conversation_id)
        return not thinking

    def _is_last_copy(self, message: Message) -> bool:
        """The platform delivers three times, 5 s apart."""
        copies = self._copies[message.key] = self._copies.get(message.key, 0) + 1
        if len(self._copies) > 10_000:
            del self._copies[next(iter(self._copies))]
        return copies >= 3 or self.clock.now().timestamp() - message.at >= LAST_COPY

    async def _handed_over(
        self, known: Known, message: Message, own: str, granted: bool, until: float | None
    ) -> str:
        """One transaction: the lines taken over, one message of them spent; `until` when."""
        now = self.clock.now()
        conversation_id = known.follower.conversation_id or ""
        async with self.db.core(soon=True, first=True) as s:
            found = await parcels.loads(s, [conversation_id])
            first = granted and (found and found[0].pieces)
            if not first and (said := await parcels.replied(s, message.key)):
                return said
            if not found or own == words.STILL_THINKING:
                return own
            [load] = found
            allowed = None if granted or known.seen else followers.granted(message)
            if allowed:
                await followers.grant(s, load.follower.id, allowed, now)
            pieces, again = load.pieces, now
            if load.under_way and load.under_way > now:  # in order: behind what is on its way,
                pieces = [one for one in pieces if one.rank is plan.Rank.DANGER]  # but for this
                again = load.under_way
                if not pieces:
                    return own
            late = until is not None and self.clock.monotonic() > until
            reply = None if late else plan.next_reply(pieces, beside=own)
            used = reply.ids if reply else ()
            more = again if len(used) < len(load.pieces) else None
            await parcels.store(s, [(load, more)])
            if reply:
                await parcels.settle(s, reply.ids, "replied", now, key=message.key)
        return plan.BETWEEN.join(filter(None, (reply.text if reply else "", own)))


async def _woken(waiter: Waiter, seconds: float) -> bool:
    return seconds > 0 and await waiter.wait(timedelta(seconds=seconds))
