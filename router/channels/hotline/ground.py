"""What the parts of the hotline share, and a call's scene made of it. Holds no part of the hotline,
so that each of them may know it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.channels.hotline import store
from router.channels.hotline.models import Call
from router.channels.hotline.organs import Directory
from router.channels.hotline.port import Carrier
from router.channels.hotline.scene import Scene
from router.channels.hotline.sms import orders
from router.channels.hotline.sms.port import Texter
from router.clock import Clock
from router.db import Database
from router.destinations.registry import Destinations
from router.dispatch.service import Dispatch
from router.gateway.service import Gateway
from router.limits import Limits
from router.routing.service import Routing
from router.settings import Settings
from router.speech import Transcriber


@dataclass(frozen=True)
class Ground:
    db: Database
    clock: Clock
    bus: Bus
    gateway: Gateway
    routing: Routing
    dispatch: Dispatch
    limits: Limits
    settings: Settings
    carriers: Mapping[str, Carrier]
    destinations: Destinations
    texter: Texter | None = None
    ears: Transcriber | None = None

    def carrier(self, call: Call) -> Carrier:
        return self.carriers[call.carrier]

    async def scene(self, s: AsyncSession, call_id: str) -> Scene:
        call, legs = await store.locked(s, call_id)
        number = self.settings.HOTLINE_POLICE
        reached = number if self.carrier(call).dials(number) else None
        texts = self.texter is not None and call.entry != "police" and orders.reaches(call.caller)
        return Scene(s, call, legs, self.clock.now(), reached, self.directory(call), texts)

    def directory(self, call: Call) -> Directory:
        own = self.settings
        ours = {"110", "12348", own.HOTLINE_NUMBER, own.HOTLINE_POLICE, own.HOTLINE_POLICE_LINE}
        return Directory(self.destinations, frozenset(ours), self.carrier(call).dials)
