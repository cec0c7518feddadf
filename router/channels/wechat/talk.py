"""One message or event of a follower: its effect, once, and what to answer within the moment."""

import logging
from datetime import timedelta

from router.bus import Bus
from router.channels.base import Inbound
from router.channels.wechat import followers, media, parcels, plan, words
from router.channels.wechat.accounts import Account
from router.channels.wechat.messages import Message
from router.channels.wechat.models import Follower
from router.clock import Clock
from router.conversations.models import Conversation, Evidence
from router.db import Database, new_id
from router.dispatch import timers
from router.dispatch.models import Timer
from router.errors import ConversationClosed, EmptyMessage, TooFast, TooLarge
from router.gateway import emergency
from router.gateway.lines import topic
from router.gateway.service import Gateway
from router.limits import Limits

log = logging.getLogger(__name__)
CHANNEL = "wechat"
READY = timedelta(milliseconds=150)  # an answer that is there by then goes back at once
HOLD = timedelta(milliseconds=4500)  # of an account that can only answer: nearly all there is
LAST_COPY = 9.0  # seconds after the first: the platform asks no more
HELD_LINES = 20  # before consent; who writes on has read the question


class Talk:
    """Of one account."""

    def __init__(
        self,
        account: Account,
        db: Database,
        clock: Clock,
        bus: Bus,
        gateway: Gateway,
        limits: Limits,
        hears: bool = False,
    ) -> None:
        """`hears`: somebody makes words of a voice."""
        self.hears = hears
        self.account, self.db, self.clock, self.bus = account, db, clock, bus
        self.gateway, self.limits = gateway, limits
        self._copies: dict[str, int] = {}  # of a message whose answer takes long

    async def hear(self, message: Message) -> str:
        """The text to answer with; empty: nothing is to be said now."""
        if message.event == "unsubscribe":
            await self._leave(message)
            return ""
        now = self.clock.now()
        follower = await followers.found_or_made(self.db, message.account, message.openid, now)
        said = self._said(message)
        if message.text("MediaId") and message.kind in words.KEPT and not said:
            kept = await self._keep(follower, message)
            return await self._answer(follower, message, "" if kept else self._told(message))
        if said is None:
            return await self._answer(follower, message, self._told(message))
        try:
            return await self._hear_words(follower, message, said)
        except EmptyMessage:
            return words.EMPTY
        except TooLarge:
            return words.TOO_LONG
        except TooFast:
            return words.TOO_FAST

    def _said(self, message: Message) -> str | None:
        """What a message says in words, if it does."""
        if message.kind == "text":
            return message.text("Content")
        if message.kind == "voice":
            return message.text("Recognition").strip() or None
        if message.kind == "location":
            place = message.text("Label").strip()
            return f"我的位置：{place}" if place else None
        if message.kind == "link":
            return f"{message.text('Title')} {message.text('Url')}".strip() or None
        return message.text("EventKey") or None if message.event == "click" else None

    def _told(self, message: Message) -> str:
        """What is answered to what has no words; to most events, nothing."""
        if message.kind == "event":
            welcome = message.event in ("subscribe", "scan")
            return words.WELCOME.format(label=self.account.label) if welcome else ""
        if message.kind == "voice":
            return words.VOICE
        return words.PICTURE if message.kind in ("image", "video", "shortvideo") else words.UNKNOWN

    async def _leave(self, message: Message) -> None:
        async with self.db.write() as s:
            found = await followers.find(s, message.account, message.openid)
            if found:
                await followers.forget(s, found, self.clock.now())

    async def _keep(self, follower: Follower, message: Message) -> bool:
        """Into the case, where there is one: nobody's pictures are kept without consent."""
        if follower.conversation_id is None:
            return False
        now = self.clock.now()
        evidence = Evidence(
            id=new_id(),
            conversation_id=follower.conversation_id,
            kind=message.kind,
            state="awaited",
            created_at=now,
        )
        evidence.source = message.text("MediaId")
        data = {"evidence": evidence.id, "account": self.account.name, "tried": 0}
        timer = Timer(id=f"media-{evidence.id}", due_at=now, kind=media.TIMER, data=data)
        shown, told = words.KEPT[message.kind]
        if message.kind == "voice" and self.hears:
            told = words.HEARD
        inbound = Inbound(CHANNEL, follower.conversation_id, message.key, shown)
        rows = [evidence, timer]
        try:
            await self.gateway.keep(
                inbound, {"evidence": evidence.id}, told, lambda s: s.add_all(rows)
            )
        except ConversationClosed:
            return False
        await self.bus.wake(timers.TOPIC)
        return True

    # --- words

    async def _hear_words(self, follower: Follower, message: Message, said: str) -> str:
        if words.plain(said) in words.ASKS_FOR_DOOR:
            return await self._answer(follower, message, await self._door(follower))
        if follower.consent_key == message.key:  # a copy of the yes
            await self._hear_held(follower)
            return await self._answer(follower, message, "", wait=True)
        if follower.conversation_id is None:
            return await self._before_consent(follower, message, said)
        copy = await self._accept(follower, message.key, said)
        wait = not emergency.find(said)
        return await self._answer(follower, message, "", wait=wait, copy=copy)

    async def _accept(self, follower: Follower, key: str, said: str) -> bool:
        """True: it is in already."""
        text = words.chosen(said, follower.choices.get("say", ()))
        rate = self.gateway.settings.MESSAGE_RATE
        assert follower.conversation_id
        await self.limits.check_here("wechat", follower.id, rate)
        try:
            inbound = Inbound(CHANNEL, follower.conversation_id, key, text)
            return (await self.gateway.accept(inbound)).duplicate
        except ConversationClosed:  # ended on the web page: what comes now is a new matter
            before = follower.conversation_id
            await self._open(follower, before=before)
            inbound = Inbound(CHANNEL, follower.conversation_id, key, text)
            return (await self.gateway.accept(inbound)).duplicate

    async def _door(self, follower: Follower) -> str:
        if follower.conversation_id is None:
            return words.NO_DOOR
        token = await self.gateway.doors.open(follower.conversation_id)
        return words.DOOR.format(url=f"{self.gateway.settings.PUBLIC_URL.rstrip('/')}/go/{token}")

    async def _before_consent(self, follower: Follower, message: Message, said: str) -> str:
        answer = words.plain(said)
        held = follower.held.get("lines", [])
        if held and answer in words.YES:
            await self._open(follower, message.key)
            await self._hear_held(follower)
            return await self._answer(follower, message, "", wait=True)
        if held and answer in words.NO:
            await self._hold(follower, None)
            return words.NOT_KEPT
        await self._hold(follower, (message.key, said))
        if danger := emergency.find(said):  # help is not a matter of consent
            await self._open(follower, danger=True)
            await self._hear_held(follower)
            log.info("wechat.danger_before_consent", extra={"kinds": danger})
            return await self._answer(follower, message, "")
        ask = words.ASK_CONSENT.format(label=self.account.label)
        return await self._answer(follower, message, ask)

    async def _hold(self, follower: Follower, line: tuple[str, str] | None) -> None:
        """Keeps a line until consent; None: forgets all."""
        async with self.db.write() as s:
            row = await followers.locked(s, follower.id)
            assert row
            lines = row.held.get("lines", [])
            if line is None:
                row.held = {}
            elif line[0] not in [key for key, _ in lines]:
                row.held = {"lines": [*lines, list(line)][-HELD_LINES:]}
            follower.held = row.held

    async def _open(
        self, follower: Follower, key: str | None = None, danger: bool = False, before: str = ""
    ) -> None:
        """A conversation for them; of several at once one stays."""
        conversation, _ = await self.gateway.open(
            CHANNEL, self.account.region, consent=not danger, carried=True, in_danger=danger
        )
        async with self.db.write() as s:
            row = await followers.locked(s, follower.id)
            assert row
            if (row.conversation_id or "") == before:
                row.conversation_id, row.consent_key = conversation.id, key
                kept = await s.get(Conversation, conversation.id)
                assert kept
                kept.carry_at = self.clock.now()  # should this process die before it answers
            follower.conversation_id, follower.consent_key = row.conversation_id, row.consent_key

    async def _hear_held(self, follower: Follower) -> None:
        """What was said before consent counts as said now, each once."""
        for key, said in follower.held.get("lines", []):
            assert follower.conversation_id
            await self.gateway.accept(Inbound(CHANNEL, follower.conversation_id, key, said))
        await self._hold(follower, None)

    # --- the answer

    async def _answer(
        self,
        follower: Follower,
        message: Message,
        own: str,
        wait: bool = False,
        copy: bool = True,
    ) -> str:
        """`own` words, and what waits for this follower; with `wait` what comes in a moment.

        `copy`: it may have been answered before.
        """
        conversation_id = follower.conversation_id
        if conversation_id is None:
            return own
        push = self.account.customer_service
        end = self.clock.monotonic() + (READY if push else HOLD).total_seconds()
        async with self.bus.waiting_for(topic(conversation_id)) as waiter:
            ready = not wait or await self._ready(conversation_id)
            while not ready and (left := end - self.clock.monotonic()) > 0:
                if not await waiter.wait(timedelta(seconds=left)):
                    break
                ready = await self._ready(conversation_id)
        if not (ready or push):
            if not self._is_last_copy(message):
                raise NoAnswerYet
            own = words.STILL_THINKING
        return await self._handed_over(follower.id, message, own, copy)

    async def _ready(self, conversation_id: str) -> bool:
        """The bot thinks of nothing of theirs."""
        async with self.db.read() as s:
            _, thinking = await self.gateway.state(s, conversation_id)
        return not thinking

    def _is_last_copy(self, message: Message) -> bool:
        """The platform delivers three times, 5 s apart."""
        copies = self._copies[message.key] = self._copies.get(message.key, 0) + 1
        if len(self._copies) > 10_000:
            del self._copies[next(iter(self._copies))]
        return copies >= 3 or self.clock.now().timestamp() - message.at >= LAST_COPY

    async def _handed_over(self, follower_id: str, message: Message, own: str, copy: bool) -> str:
        """One transaction: their quota renewed, the lines taken over, one message of them spent."""
        now = self.clock.now()
        async with self.db.write(soon=True) as s:
            row = await followers.locked(s, follower_id)
            if row is None or row.conversation_id is None:
                return own
            if grant := followers.granted(message):
                followers.grant(row, grant, now)
            if copy and (said := await parcels.replied(s, message.key)):
                return said
            if own == words.STILL_THINKING:
                return own
            await parcels.take(s, row)
            pieces = await parcels.waiting(s, row.conversation_id)
            reply = plan.next_reply(pieces, beside=own)
            used = reply.ids if reply else ()
            if reply:
                await parcels.settle(s, reply.ids, "replied", now, key=message.key)
            if len(used) < len(pieces):
                await parcels.look_at(s, row.conversation_id, now)
            return plan.BETWEEN.join(filter(None, (reply.text if reply else "", own)))


class NoAnswerYet(Exception):
    """Of an account that can only answer: the platform shall deliver the same again."""
