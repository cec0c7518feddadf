"""One message or event of a follower: its effect, once, and what to answer within the moment."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.bus import Bus
from router.channels.base import Inbound
from router.channels.wechat import crowd, followers, media, notices, unagreed, words
from router.channels.wechat.accounts import Account
from router.channels.wechat.followers import Known
from router.channels.wechat.joining import Joining
from router.channels.wechat.messages import Message
from router.channels.wechat.models import Follower, Former
from router.channels.wechat.reply import Replies
from router.clock import Clock
from router.conversations.models import Conversation, Evidence
from router.db import Database, new_id
from router.dispatch import timers
from router.dispatch.models import Timer
from router.errors import ConversationClosed, EmptyMessage, TooFast, TooLarge
from router.gateway import emergency
from router.gateway.lines import conversations
from router.gateway.service import Gateway
from router.limits import Limits

log = logging.getLogger(__name__)
CHANNEL = "wechat"
LEAVE = frozenset(("unsubscribe", "user_authorization_revoke", "user_authorization_cancellation"))
ANSWER_NOTICES = frozenset(("subscribe_msg_popup_event", "subscribe_msg_change_event"))
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
        many: crowd.Crowd,
        joins: Joining,
        hears: bool = False,
    ) -> None:
        """`hears`: somebody makes words of a voice."""
        self.hears, self.crowd = hears, many
        self.account, self.db, self.clock, self.bus = account, db, clock, bus
        self.gateway, self.limits, self.joining = gateway, limits, joins
        self.replies = Replies(account, db, clock, bus, gateway.turns)

    async def hear(self, message: Message) -> str:
        """The text to answer with; empty: nothing is to be said now."""
        if message.event in LEAVE:
            await self._leave(message)
            return ""
        if crowd.plain(message) and (taken := await self.crowd.take(message)):
            hurry = self.account.customer_service and self.gateway.turns.crowded
            if hurry and not taken.seen:
                return ""  # stored; the answer is brought, however soon it comes
            return await self.replies.of(taken, message, "", wait=True, granted=not taken.seen)
        known = await followers.found_or_made(self.db, message, self.clock.now())
        if message.event in ANSWER_NOTICES:
            await self._hear_notices(known.follower, message)
            return ""
        said = self._said(message)
        if message.text("MediaId") and message.kind in words.KEPT and not said:
            kept = await self._keep(known, message)
            return await self.replies.of(known, message, "" if kept else self._told(message))
        if said is None:
            return await self.replies.of(known, message, self._told(message))
        try:
            return await self._hear_words(known, message, said)
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
            openid = message.text("OpenID") or message.openid  # of who takes a leave back
            found = await followers.find(s, message.account, openid)
            if found is None:
                return
            # in the order of who settles a picture: evidence, conversation
            unfetched = Evidence.conversation_id == found.conversation_id
            await s.execute(select(Evidence.id).where(unfetched).with_for_update())
            theirs = Conversation.id == found.conversation_id
            await s.execute(select(Conversation.id).where(theirs).with_for_update())
            if row := await followers.locked(s, found.id):
                await followers.forget(s, row, self.clock.now())

    async def _hear_notices(self, follower: Follower, message: Message) -> None:
        if config := self.account.notices:
            at = datetime.fromtimestamp(message.at, UTC)
            async with self.db.core() as s:
                await notices.heard(s, config, follower.id, message, at)

    async def _keep(self, known: Known, message: Message) -> bool:
        """Into the case, where there is one: nobody's pictures are kept without consent."""
        follower = known.follower
        if follower.conversation_id is None:
            return False
        if not known.agreed:
            async with self.db.core() as s:
                await self._agreed(s, follower.conversation_id)
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

    async def _hear_words(self, known: Known, message: Message, said: str) -> str:
        follower, asked = known.follower, words.plain(said)
        if asked in words.ASKS_FOR_DOOR:
            return await self.replies.of(known, message, await self._door(follower))
        if self.account.notices and asked in words.ASKS_FOR_NOTICES | words.ENDS_NOTICES:
            told = await self._set_notices(follower, asked in words.ASKS_FOR_NOTICES)
            return await self.replies.of(known, message, told)
        was_in = follower.conversation_id
        if (answer := await self.joining.hear(follower, message.key, said)) is not None:
            if follower.conversation_id != was_in:
                await self._hear_held(follower)
            return await self.replies.of(known, message, answer)
        if follower.consent_key == message.key:  # a copy of the yes
            await self._hear_held(follower)
            return await self.replies.of(known, message, "", wait=True)
        if follower.conversation_id is None:
            return await self._before_consent(known, message, said)
        new = False
        if known.seen:
            await self.db.on_disk()  # the first one may still be on its way there
        else:
            new = await self._accept(known, message, said)
            known = replace(known, seen=not new)
        wait = not emergency.find(words.chosen(said, follower.choices.get("say", ())))
        return await self.replies.of(known, message, "", wait=wait, granted=new)

    async def _accept(self, known: Known, message: Message, said: str) -> bool:
        """Stored, with what it allows us to send. False: it was in already."""
        follower = known.follower
        text = words.chosen(said, follower.choices.get("say", ()))
        rate = self.gateway.settings.MESSAGE_RATE
        await self.limits.check_here("wechat", follower.id, rate)

        async def also(s: AsyncConnection) -> None:
            if not known.agreed:
                await self._agreed(s, inbound.conversation_id)
            if allowed := followers.granted(message):
                await followers.grant(s, follower.id, allowed, self.clock.now())

        assert follower.conversation_id
        inbound = Inbound(CHANNEL, follower.conversation_id, message.key, text)
        try:
            accepted = await self.gateway.accept(inbound, also)
        except ConversationClosed:  # ended on the web page: what comes now is a new matter
            await self._open(follower, before=follower.conversation_id)
            inbound = Inbound(CHANNEL, follower.conversation_id, message.key, text)
            accepted = await self.gateway.accept(inbound, also)
        return not accepted.duplicate

    async def _agreed(self, s: AsyncConnection, conversation_id: str) -> None:
        """They were told that going on means yes."""
        theirs = conversations.c.id == conversation_id, conversations.c.consent_at.is_(None)
        agreed = update(conversations).where(*theirs)
        await s.execute(agreed.values(consent_at=self.clock.now()))

    async def _set_notices(self, follower: Follower, wanted: bool) -> str:
        config, now = self.account.notices, self.clock.now()
        assert config
        if wanted and config.way == "subscribe":  # a yes counts in the platform's dialogue alone
            return words.NOTICES_AT.format(url=config.ask_at)
        async with self.db.core() as s:
            if not wanted:
                await notices.take_back(s, follower.id)
                return words.NOTICES_OFF
            for template in config.templates.values():
                await notices.agree(s, follower.id, template.id, now, lasting=True)
        return words.NOTICES_ON

    async def _door(self, follower: Follower) -> str:
        if follower.conversation_id is None:
            return words.NO_DOOR
        token = await self.gateway.doors.open(follower.conversation_id)
        return words.DOOR.format(url=f"{self.gateway.settings.PUBLIC_URL.rstrip('/')}/go/{token}")

    async def _before_consent(self, known: Known, message: Message, said: str) -> str:
        follower = known.follower
        answer = words.plain(said)
        held = follower.held.get("lines", [])
        if held and answer in words.YES:
            await self._open(follower, message.key)
            await self._hear_held(follower)
            return await self.replies.of(known, message, "", wait=True)
        if held and answer in words.NO:
            await self._hold(follower, None)
            return words.NOT_KEPT
        await self._hold(follower, (message.key, said))
        if danger := emergency.find(said):  # help is not a matter of consent
            await self._open(follower, danger=True)
            await self._hear_held(follower)
            log.info("wechat.danger_before_consent", extra={"kinds": danger})
            return await self.replies.of(known, message, "")
        ask = words.ASK_CONSENT.format(label=self.account.label)
        return await self.replies.of(known, message, ask)

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
                if before:  # what is still said there is brought here
                    await s.merge(
                        Former(
                            conversation_id=before,
                            follower_id=row.id,
                            left_at=self.clock.now(),
                        )
                    )
                row.conversation_id, row.consent_key = conversation.id, key
                kept = await s.get(Conversation, conversation.id)
                assert kept
                kept.carry_at = self.clock.now()  # should this process die before it answers
                if danger:
                    keep = self.gateway.settings.UNAGREED_KEEP
                    unagreed.watch(s, conversation.id, self.clock.now() + keep)
            follower.conversation_id, follower.consent_key = row.conversation_id, row.consent_key

    async def _hear_held(self, follower: Follower) -> None:
        """What was said before consent counts as said now, each once."""
        for key, said in follower.held.get("lines", []):
            assert follower.conversation_id
            await self.gateway.accept(Inbound(CHANNEL, follower.conversation_id, key, said))
        await self._hold(follower, None)
