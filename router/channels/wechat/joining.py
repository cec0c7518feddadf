"""A case that began on the web or by telephone goes on in a follower's talk: its reference, and a
proof that it is theirs: the code that its page shows, or one sent to the telephone that it has.

Who tries is counted, not whose case is named: a stranger locks nobody out. A reference that nobody
has, one that is closed and one of somebody else are answered alike.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit, crypto
from router.bus import Bus
from router.channels.hotline.models import Call, number_indices
from router.channels.hotline.sms import words as sms_words
from router.channels.hotline.sms.cases import CaseTexts, codes_of, number_of
from router.channels.hotline.sms.orders import reaches
from router.channels.wechat import followers, words
from router.channels.wechat.accounts import Account
from router.channels.wechat.models import Follower, Former, Join
from router.clock import Clock
from router.codes import ALPHABET
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.gateway.lines import topic
from router.gateway.service import Gateway
from router.tickets import callbacks

GOOD_FOR = timedelta(minutes=10)  # of a code by SMS
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WRONG_AN_HOUR = 5  # of one follower
WRONG_OF_CASE = 20  # an hour, by all; then only who has not been wrong about it may try
ASKS_A_DAY = 3  # of one follower
TEXTS_A_DAY = 10  # to one case

_GROUP = f"[{ALPHABET}]{{4}}"
_REFERENCE = re.compile(rf"JY-?({_GROUP})-?({_GROUP})")
_AROUND = re.compile(
    r"接上|接到微信|受理编号|编号|手机(?:号码?)?|电话|验证码|一次性口令|[\s,，。;；:：是]+"
)
_ASKS = frozenset(("接上", "接上案子", "接上已有的事"))


@dataclass(frozen=True)
class Said:
    """What a message names; all empty: it asks how."""

    reference: str = ""
    number: str = ""
    code: str = ""


def read(text: str) -> Said | None:
    """None: it is about something else. Only a message of nothing but these is read so."""
    if words.plain(text) in _ASKS:
        return Said()
    plain = unicodedata.normalize("NFKC", text).upper().translate({0x2014: "-", 0x2013: "-"})
    found = _REFERENCE.search(plain)
    rest = _AROUND.sub("", plain[: found.start()] + plain[found.end() :] if found else plain)
    rest = rest.replace("-", "")
    reference = f"JY-{found[1]}-{found[2]}" if found else ""
    if re.fullmatch(r"(\+?86)?1\d{10}", rest):
        asked = reference or plain.strip().startswith("接上")
        return Said(reference, number=rest[-11:]) if asked else None
    if not reference:
        return Said(code=rest) if re.fullmatch(r"\d{6}", rest) else None
    if not rest or re.fullmatch(rf"[{ALPHABET}]{{8}}", rest):
        return Said(reference, code=rest)
    return None


class Joining:
    """Of one account."""

    def __init__(
        self,
        account: Account,
        db: Database,
        clock: Clock,
        bus: Bus,
        gateway: Gateway,
        texts: CaseTexts,
    ) -> None:
        self._account, self._db, self._clock, self._bus = account, db, clock, bus
        self._gateway, self._texts = gateway, texts

    async def hear(self, follower: Follower, key: str, text: str) -> str | None:
        """What to answer; None: it is not about this. Joined, `follower` is in the other talk."""
        said = read(text)
        if said is None:
            return None
        if not (said.reference or said.number or said.code):
            return words.ASKS_TO_JOIN
        async with self._db.read() as s:
            known = await s.scalar(select(Join).where(Join.key == key))
            theirs = await s.get(Conversation, follower.conversation_id or "")
            asked = await self._asked(s, follower) if said.code and not said.reference else None
        if known:
            return await self._told(known)
        if not said.reference and said.code and asked is None:
            return None  # the bot may have asked for a number
        if theirs and said.reference == theirs.reference:
            return None
        if not (said.number or said.code):
            by_sms = words.JOIN_BY_SMS if self._texts.texter else ""
            return words.HOW_TO_JOIN.format(reference=said.reference, by_sms=by_sms)
        row = Join(id=new_id(), key=key, follower_id=follower.id, created_at=self._clock.now())
        row.about = asked.about if asked else _about(said.reference or said.number)
        try:
            await (self._ask(row, said) if said.number else self._try(row, follower, said, asked))
        except IntegrityError:  # a copy was faster
            async with self._db.read() as s:
                return await self._told(
                    (await s.scalars(select(Join).where(Join.key == key))).one()
                )
        return await self._told(row)

    async def _told(self, row: Join) -> str:
        if row.state != "joined":
            held = words.JOIN_HELD
            return {"asked": words.JOIN_ASKED, "wrong": words.JOIN_WRONG}.get(row.state, held)
        async with self._db.read() as s:
            reference = (await s.get_one(Conversation, row.conversation_id)).reference
        return words.JOINED.format(reference=reference)

    # --- a code by SMS

    async def _ask(self, row: Join, said: Said) -> None:
        """Sent only where reference and number are of one case; told alike in any case."""
        now = row.created_at
        async with self._db.write() as s:
            by_them = Join.follower_id == row.follower_id, Join.state == "asked"
            row.state = "held" if await _count(s, now - DAY, *by_them) >= ASKS_A_DAY else "asked"
            talk = await self._of_number(s, said) if row.state == "asked" else None
            sent = Join.conversation_id == talk.id if talk else Join.id == ""
            if talk and await _count(s, now - DAY, sent, Join.state == "asked") < TEXTS_A_DAY:
                row.conversation_id = talk.id
                key = f"{sms_words.CODE}:{row.id}"
                self._texts.order(s, talk.id, said.number, sms_words.CODE, key, now)
            s.add(row)
        if row.conversation_id:
            await self._texts.wake()

    async def _of_number(self, s: AsyncSession, said: Said) -> Conversation | None:
        """The open case with this telephone: the one named, or a caller's newest."""
        if not (self._texts.texter and reaches(said.number)):
            return None
        if said.reference:
            talk = await _joinable(s, Conversation.reference == said.reference)
            has = await number_of(s, talk.id) if talk else ""
            same = callbacks.dialled(has) == callbacks.dialled(said.number)
            return talk if has and same else None
        forms = {said.number, f"+86{said.number}", f"86{said.number}", f"0{said.number}"}
        indices = [index for form in forms for index in number_indices(form)]
        theirs = select(Call.conversation_id).where(
            Call.caller_index.in_(indices), Call.entry != "police"
        )
        return await _joinable(s, Conversation.id.in_(theirs))

    async def _asked(self, s: AsyncSession, follower: Follower) -> Join | None:
        """Whose code they may be sending now."""
        since = self._clock.now() - GOOD_FOR
        query = select(Join).where(
            Join.follower_id == follower.id, Join.state == "asked", Join.created_at > since
        )
        found: Join | None = await s.scalar(query.order_by(Join.created_at.desc()).limit(1))
        return found

    # --- a proof

    async def _try(self, row: Join, follower: Follower, said: Said, asked: Join | None) -> None:
        """One try: `row` says what it came to."""
        async with self._db.write() as s:
            await followers.locked(s, follower.id)  # their tries one after the other
            row.state = "held" if await self._too_many(s, row) else "wrong"
            s.add(row)
            await s.flush()
        if row.state == "held":
            return
        async with self._db.write() as s:
            talk_id = await self._proven(s, said, asked)
            if talk_id and await self._join(s, follower, talk_id):
                joined = update(Join).where(Join.id == row.id)
                await s.execute(joined.values(state="joined", conversation_id=talk_id))
                if asked:  # its code opens nothing a second time
                    spent = update(Join).where(Join.id == asked.id)
                    await s.execute(spent.values(state="spent"))
                row.state, row.conversation_id = "joined", talk_id
        if row.state == "joined":
            await self._bus.wake(topic(row.conversation_id or ""))

    async def _too_many(self, s: AsyncSession, row: Join) -> bool:
        since = row.created_at - HOUR
        wrong, about = Join.state == "wrong", Join.about == row.about
        by_them = Join.follower_id == row.follower_id
        if await _count(s, since, wrong, by_them) >= WRONG_AN_HOUR:
            return True
        if await _count(s, since, wrong, about) < WRONG_OF_CASE:
            return False
        return await _count(s, since, wrong, about, by_them) > 0

    async def _proven(self, s: AsyncSession, said: Said, asked: Join | None) -> str | None:
        if asked is None:
            return await self._gateway.doors.take(s, said.reference, said.code)
        codes = codes_of(f"{sms_words.CODE}:{asked.id}")
        if not any([hmac.compare_digest(said.code.encode(), one.encode()) for one in codes]):
            return None
        locked = select(Join.state).where(Join.id == asked.id).with_for_update()
        return asked.conversation_id if await s.scalar(locked) == "asked" else None

    async def _join(self, s: AsyncSession, follower: Follower, talk_id: str) -> bool:
        now, old_id = self._clock.now(), follower.conversation_id
        ids = {talk_id, old_id or talk_id}
        both = select(Conversation.id).where(Conversation.id.in_(ids)).order_by(Conversation.id)
        await s.execute(both.with_for_update())
        row = await followers.locked(s, follower.id)
        talk = await _joinable(s, Conversation.id == talk_id)
        if row is None or talk is None or row.conversation_id != old_id or old_id == talk_id:
            return False
        told = words.JOINED_LINE.format(label=self._account.label)
        line = await self._gateway.say(s, talk_id, "system", told, {"kind": "notice"})
        carried = update(Conversation).where(Conversation.id == talk_id)
        await s.execute(carried.values(carried_seq=line.seq, carry_at=None))
        if old_id:
            here = Former(
                conversation_id=old_id, follower_id=row.id, joined_to=talk_id, left_at=now
            )
            await s.merge(here)
        row.conversation_id, row.choices, row.consent_key = talk_id, {}, None
        follower.conversation_id, follower.choices, follower.consent_key = talk_id, {}, None
        await audit.record(s, now, f"wechat:{row.id}", "join_case", talk_id)
        return True


async def _joinable(s: AsyncSession, *which: object) -> Conversation | None:
    """Open, agreed to, and in no other follower's hands."""
    taken = select(Follower.id).where(Follower.conversation_id == Conversation.id).exists()
    query = select(Conversation).where(
        *which,  # type: ignore[arg-type]
        Conversation.status == "open",
        Conversation.consent_at.is_not(None),
        ~taken,
    )
    newest = query.order_by(Conversation.created_at.desc()).limit(1)
    found: Conversation | None = await s.scalar(newest)
    return found


async def _count(s: AsyncSession, since: datetime, *which: object) -> int:
    query = select(func.count()).select_from(Join).where(*which, Join.created_at > since)  # type: ignore[arg-type]
    return await s.scalar(query) or 0


def _about(named: str) -> str:
    return crypto.current().indices(named, "wechat join")[0]
