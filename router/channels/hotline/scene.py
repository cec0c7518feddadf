"""One call in one transaction: who is on the line, and what is done to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline import states, store, words
from router.channels.hotline.models import Call, Leg
from router.channels.hotline.organs import Directory, Organ, near
from router.channels.hotline.port import Script
from router.channels.hotline.sms import orders
from router.channels.hotline.states import Role, of_room
from router.tickets import callbacks
from router.tickets.models import Ticket

C, L = states.Call, states.Leg
RING_S = {Role.LAWYER: 20}
OTHERS_RING_S = 30


@dataclass
class Scene:
    s: AsyncSession
    call: Call
    legs: list[Leg]
    now: datetime
    police: str | None  # the number this carrier reaches 110 at
    directory: Directory | None = None  # whom the talk may be passed on to
    texts: bool = False  # there is a carrier of short messages, and the caller has a mobile

    @property
    def caller(self) -> Leg | None:
        """The citizen's leg, on the line or ringing."""
        found = store.live(self.legs, Role.CALLER)
        return found[-1] if found else None

    @property
    def waiting(self) -> Leg | None:
        """Who stands for the citizen: on 110's own line it is the operator."""
        return self.caller or next(iter(store.talking(self.legs, Role.OPERATOR)), None)

    def there(self, *roles: Role) -> list[Leg]:
        return store.talking(self.legs, *roles)

    def give(self, leg: Leg, script: Script) -> None:
        store.give(self.s, self.call, leg, script, self.now)

    def ask(self, leg: Leg, purpose: str, *say: str, **more: object) -> None:
        self.give(leg, replace(Script(say, purpose=purpose), **more))  # type: ignore[arg-type]

    def join(self, leg: Leg, *say: str) -> None:
        self.give(leg, Script(say, "join", menu=leg.role == Role.LAWYER))

    def dismiss(self, leg: Leg, *say: str) -> None:
        """Hears this and is hung up; who still rings is not answered any more."""
        if L(leg.state) not in states.ON_THE_LINE:
            self.task("hang_up", leg)
        else:
            self.give(leg, Script(say, "hang_up", purpose="goodbye"))

    def tell(self, text: str, legs: Sequence[Leg]) -> None:
        """In the room: out of it, the sentence, and in again."""
        for leg in legs:
            if text and L(leg.state) != L.HELD:
                self.join(leg, text)

    def task(self, verb: str, leg: Leg | None = None, **args: Any) -> None:
        store.task(self.s, self.call, verb, self.now, leg, **args)

    def ring(self, role: Role, number: str, script: Script, **given: Any) -> Leg:
        """The script is heard when it is answered."""
        leg = store.open_leg(self.s, self.call, role, number, self.now, **given)
        leg.script, leg.script_no = script.to_dict(), 1
        self.legs.append(leg)
        self.task("call_out", leg, ring_s=RING_S.get(role, OTHERS_RING_S))
        return leg

    async def call_back(self) -> None:
        """The citizen, who has hung up, into the room with the lawyer who is there now."""
        await self.move(C.QUEUED)
        self.ring(Role.CALLER, self.call.caller, Script((words.CALLED_BACK,), "join"), tries=2)

    async def move(self, to: states.Call) -> bool:
        return await store.move_call(self.s, self.call, to, self.now)

    async def look_round(self) -> None:
        """The call's state follows from who is in the room."""
        inside = [leg for leg in self.legs if L(leg.state) in (L.IN_ROOM, L.HELD)]
        held = any(leg.role == Role.CALLER and L(leg.state) == L.HELD for leg in inside)
        if seen := of_room(held, len(inside)):
            await self.move(seen)
        with_citizen = any(leg.role in (Role.CALLER, Role.OPERATOR) for leg in inside)
        roles = {leg.role for leg in inside}
        if with_citizen and Role.LAWYER in roles and not self.call.served:
            self.call.served = True
            await self._called_back(next(leg for leg in inside if leg.role == Role.LAWYER))
        if with_citizen and Role.POLICE in roles:
            self.call.police = True

    async def _called_back(self, lawyer: Leg) -> None:
        """Who was to be called has been."""
        ticket = await self.s.get(Ticket, self.call.ticket_id) if self.call.ticket_id else None
        if ticket and lawyer.lawyer_id:
            callbacks.done(self.s, ticket, lawyer.lawyer_id, self.now)

    async def call_police(self, summary: str, tries: int = 1) -> bool:
        """110 into the room. False: this carrier cannot reach it."""
        if self.police is None:
            return False
        if not store.live(self.legs, Role.POLICE):
            script = Script((summary,), "join")
            self._off_the_record()
            self.ring(Role.POLICE, self.police, script, tries=tries)
        return True

    def _off_the_record(self) -> None:
        """Who is called in has not agreed to it."""
        if self.call.consent and self.caller:
            self.task("record", self.caller, on=False)

    async def organs(self) -> list[Organ]:
        """Near the citizen, and this carrier can call them."""
        if self.directory is None:
            return []
        return await near(self.s, self.directory, self.call.conversation_id, self.now)

    def call_organ(self, organ: Organ, said: str) -> None:
        """Into the room with the citizen; one at a time."""
        if not store.live(self.legs, Role.ORGAN):
            self._off_the_record()
            self.ring(Role.ORGAN, organ.number, Script((said,), "join"))

    async def text(self, template: str) -> None:
        """To the caller's own mobile; they want it, from here on too."""
        self.call.texts = True
        await orders.order(self.s, self.call, template, self.now)

    async def danger(self, leg: Leg, summary: str) -> None:
        """110 at once, before anything else; the citizen stays on the line meanwhile."""
        if await self.call_police(summary):
            self.join(leg, words.DANGER)
        else:
            self.ask(leg, "queue", words.DANGER_SELF, seconds=20)
            await self.move(C.QUEUED)
