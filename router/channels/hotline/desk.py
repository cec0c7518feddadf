"""What the lawyer does from the case's page while on the telephone: the same as by keys."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline import states, store, summary
from router.channels.hotline.errors import NotOnThePhone, OutOfReach
from router.channels.hotline.ground import Ground
from router.channels.hotline.models import Call, Leg
from router.channels.hotline.organs import Organ
from router.channels.hotline.scene import Scene
from router.channels.hotline.states import Role

TALKING = (states.Call.CONNECTED, states.Call.THREE_WAY, states.Call.HELD)
L = states.Leg


@dataclass(frozen=True)
class Talk:
    """The live talk of a case, as its page shows it."""

    call_id: str
    state: str
    people: list[tuple[str, str]]  # role and state of who is on the line or being rung
    held: bool
    organs: list[Organ]
    police: bool  # this carrier reaches 110


class Desk:
    def __init__(self, ground: Ground) -> None:
        self._g = ground

    async def seen(self, ticket_id: str, lawyer_id: str) -> Talk | None:
        """None: this lawyer is not on the telephone about it."""
        async with self._g.db.write() as s:
            found = await self._of(s, ticket_id, lawyer_id)
            if found is None:
                return None
            scene, _ = found
            people = [(leg.role, leg.state) for leg in store.live(scene.legs)]
            held = any(role == Role.CALLER and state == L.HELD for role, state in people)
            organs = await scene.organs()
            here = scene.police is not None
            return Talk(scene.call.id, scene.call.state, people, held, organs, here)

    async def police(self, ticket_id: str, lawyer_id: str) -> str:
        """110 into the room, with what the case knows. Raises NotOnThePhone, OutOfReach."""
        async with self._g.db.write() as s:
            scene, _ = await self._mine(s, ticket_id, lawyer_id)
            if not await scene.call_police(await summary.for_police(scene)):
                raise OutOfReach()
            return scene.call.id

    async def pass_on(self, ticket_id: str, lawyer_id: str, name: str) -> str:
        async with self._g.db.write() as s:
            scene, _ = await self._mine(s, ticket_id, lawyer_id)
            organ = next((one for one in await scene.organs() if one.name == name), None)
            if organ is None:
                raise OutOfReach(organ=name)
            scene.call_organ(organ, await summary.for_organ(scene))
            return scene.call.id

    async def hold(self, ticket_id: str, lawyer_id: str, on: bool) -> str:
        """The citizen hears music outside the talk, or is back in it."""
        async with self._g.db.write() as s:
            scene, _ = await self._mine(s, ticket_id, lawyer_id)
            caller = scene.caller
            if caller and L(caller.state) == (L.IN_ROOM if on else L.HELD):
                scene.task("hold", caller, on=on)
            return scene.call.id

    async def _mine(self, s: AsyncSession, ticket_id: str, lawyer_id: str) -> tuple[Scene, Leg]:
        found = await self._of(s, ticket_id, lawyer_id)
        if found is None:
            raise NotOnThePhone(ticket=ticket_id)
        return found

    async def _of(
        self, s: AsyncSession, ticket_id: str, lawyer_id: str
    ) -> tuple[Scene, Leg] | None:
        live = Call.ticket_id == ticket_id, Call.state.in_([one.value for one in TALKING])
        call_id = await s.scalar(select(Call.id).where(*live).limit(1))
        if call_id is None:
            return None
        scene = await self._g.scene(s, call_id)
        mine = [leg for leg in scene.there(Role.LAWYER) if leg.lawyer_id == lawyer_id and leg.took]
        return (scene, mine[0]) if mine else None
