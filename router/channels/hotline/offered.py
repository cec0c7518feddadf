"""Dispatch's offers by telephone: the lawyer is rung, hears what it is about, presses 1."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline import rooms, seats, states, store, words
from router.channels.hotline.ground import Ground
from router.channels.hotline.models import Call, Leg
from router.channels.hotline.port import Script
from router.channels.hotline.scene import Scene
from router.channels.hotline.states import Role
from router.conversations.models import HOTLINE, Conversation
from router.dispatch.models import Offer
from router.events import Event, OfferAccepted, OfferEnded, OfferMade
from router.tickets.models import Ticket

log = logging.getLogger(__name__)
C, L = states.Call, states.Leg
LONGEST = timedelta(hours=12)  # a call; a year's are not read through for those of now


class Offered:
    """Handlers of dispatch's news; each may come twice."""

    def __init__(self, ground: Ground, kick: Callable[[str], None]) -> None:
        self._g, self._kick = ground, kick

    async def made(self, event: Event) -> None:
        assert isinstance(event, OfferMade)
        async with self._g.db.write() as s:
            offer = await _pending(s, event)
            number = await seats.of_lawyer(s, event.lawyer_id, self._g.clock.now())
            if offer is None or not number:
                return  # it stands on the lawyer's page all the same
            scene = await self._scene(s, event)
            if scene is None or any(leg.offer_id == offer for leg in scene.legs):
                return
            scene.call.ticket_id = event.ticket_id
            if event.lawyer_id in await telephoning(s, self._g.clock.now()):
                scene.task("pass", None, offer=offer, lawyer=event.lawyer_id)
                await rooms.close(scene)  # opened for this, nobody is rung in it
            else:
                ticket = await s.get_one(Ticket, event.ticket_id)
                from_110 = await store.from_110(s, event.conversation_id)
                said = words.whisper(ticket, scene.waiting is None, from_110)
                script = Script((said,), seconds=8, speech=False, purpose="whisper")
                given = {"lawyer_id": event.lawyer_id, "offer_id": offer}
                scene.ring(Role.LAWYER, number, script, **given)
                if not scene.there(Role.POLICE):
                    await scene.move(C.OFFERED)
        self._kick(scene.call.id)

    async def ended(self, event: Event) -> None:
        """Declined, expired or withdrawn: who still rings is not wanted any more."""
        assert isinstance(event, OfferEnded)
        async with self._g.db.write() as s:
            scene = await self._scene(s, event, may_open=False)
            if scene is None:
                return
            for leg in store.live(scene.legs, Role.LAWYER):
                if leg.lawyer_id == event.lawyer_id and not leg.took:
                    if leg.script.get("purpose") != "goodbye":
                        scene.dismiss(leg, words.TAKEN)
            if scene.call.state == C.OFFERED and scene.waiting:
                await scene.move(C.QUEUED)
        self._kick(scene.call.id)

    async def accepted(self, event: Event) -> None:
        """Lawyer and citizen into the room: by key or from the page, whoever is on the line."""
        assert isinstance(event, OfferAccepted)
        async with self._g.db.write() as s:
            number = await seats.of_lawyer(s, event.lawyer_id, self._g.clock.now())
            scene = await self._scene(s, event, may_open=bool(number))
            if scene is None:
                return
            theirs = [
                leg
                for leg in store.live(scene.legs, Role.LAWYER)
                if leg.lawyer_id == event.lawyer_id
            ]
            if any(leg.took for leg in theirs) or not (theirs or number):
                return
            scene.call.ticket_id = event.ticket_id
            for leg in theirs[:1]:
                leg.took = True
                scene.join(leg, words.LAWYER_JOINS)
            if not theirs:
                script = Script((words.LAWYER_JOINS,), "join", menu=True)
                scene.ring(Role.LAWYER, number, script, lawyer_id=event.lawyer_id, took=True)
            await _bring(scene)
            for leg in theirs[:1]:  # nobody can be brought where there is no number
                await rooms.alone(scene, leg)
        self._kick(scene.call.id)

    async def _scene(self, s: AsyncSession, event: Event, may_open: bool = True) -> Scene | None:
        """Of the live call of the conversation, or of a new one in which we call back."""
        channel = select(Conversation.channel).where(Conversation.id == event.conversation_id)
        if await s.scalar(channel) != HOTLINE:
            return None
        last = await store.call_of(s, event.conversation_id)
        while last:
            scene = await self._g.scene(s, last.id)  # locked: until now it may have ended
            if C(scene.call.state) != C.ENDED:
                return scene
            newest = await store.call_of(s, event.conversation_id)
            if newest is None or newest.id == last.id:
                break
            last = newest
        if last is None or not last.caller or not may_open:
            return None
        call = store.open_call(s, last.carrier, "call_back", last.caller, scene.now, C.QUEUED)
        call.conversation_id, call.ticket_id = event.conversation_id, event.ticket_id
        call.consent, call.incident = last.consent, last.incident
        await s.flush()
        return await self._g.scene(s, call.id)


async def _bring(scene: Scene) -> None:
    """Who stands for the citizen: into the room, or called back."""
    if scene.caller:
        # by what it hears, not by where it stands: that may be told of late
        if scene.caller.script.get("then") != "join":
            scene.join(scene.caller, words.JOINING)
    elif not scene.there(Role.OPERATOR) and scene.call.caller:
        await scene.call_back()


async def _pending(s: AsyncSession, event: OfferMade) -> str | None:
    found: str | None = await s.scalar(
        select(Offer.id).where(
            Offer.ticket_id == event.ticket_id,
            Offer.lawyer_id == event.lawyer_id,
            Offer.status == "pending",
        )
    )
    return found


async def telephoning(s: AsyncSession, now: datetime) -> Sequence[str]:
    """Ids of lawyers who are on the telephone, or whose telephone rings."""
    found = await s.scalars(
        select(Leg.lawyer_id)
        .join(Call, Call.id == Leg.call_id)
        .where(Call.created_at > now - LONGEST, Call.state != C.ENDED.value)
        .where(Leg.lawyer_id.is_not(None), Leg.ended_at.is_(None))
    )
    return [one for one in found if one]
