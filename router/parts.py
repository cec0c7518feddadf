"""The wired parts of a router process. Built by app.py, handed to endpoints by `parts(request)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from router.agencies.service import Agencies
    from router.applications.service import Applications
    from router.bus import Bus
    from router.channels.hotline.service import Hotline
    from router.channels.hotline.sms.cases import CaseTexts
    from router.channels.wechat.service import WeChat
    from router.clock import Clock
    from router.db import Database
    from router.destinations.registry import Destinations
    from router.dispatch.errands import Errands
    from router.dispatch.service import Dispatch
    from router.eligibility import Law
    from router.events import Events
    from router.gateway.service import Gateway
    from router.lawbook import LawBook
    from router.lawyers.service import Lawyers
    from router.limits import Limits
    from router.mediation.service import Mediations
    from router.mediation.sides import Sides
    from router.ocr import Reader
    from router.referrals.service import Referrals
    from router.routing.service import Routing
    from router.sending.service import Sendings
    from router.settings import Settings


@dataclass
class Parts:
    settings: Settings
    clock: Clock
    db: Database
    bus: Bus
    events: Events
    limits: Limits
    lawbook: LawBook
    destinations: Destinations
    lawyers: Lawyers
    dispatch: Dispatch
    routing: Routing
    referrals: Referrals
    applications: Applications
    mediations: Mediations
    sides: Sides
    gateway: Gateway
    texts: CaseTexts
    wechat: WeChat
    errands: Errands
    agencies: Agencies
    sendings: Sendings
    reader: Reader | None  # none: photographs are not read
    hotline: Hotline | None  # none: no carrier is set up
    texts_links: bool = False  # whether an address of the web may stand in a short message

    @property
    def law(self) -> Law:
        """As it stands; take it once for one piece of work."""
        return self.lawbook.current


async def parts(connection: HTTPConnection) -> Parts:
    """FastAPI dependency: `p: Annotated[Parts, Depends(parts)]`."""
    return connection.app.state.parts  # type: ignore[no-any-return]
