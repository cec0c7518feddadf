"""The hotline as this office has it: which carrier, which numbers; absent without one."""

from collections.abc import Callable, Mapping

from router.channels.hotline.cti.carrier import Cti
from router.channels.hotline.port import Carrier
from router.channels.hotline.service import Ground, Hotline
from router.channels.hotline.twilio.carrier import Twilio
from router.events import Event, OfferAccepted, OfferEnded, OfferMade
from router.parts import Parts

Maker = Callable[[Parts], Mapping[str, Carrier]]


def carriers(parts: Parts) -> Mapping[str, Carrier]:
    match parts.settings.HOTLINE_CARRIER:
        case "twilio":
            return {"twilio": Twilio(parts.settings, parts.db, parts.clock)}
        case "cti":
            return {"cti": Cti(parts.settings, parts.clock)}
        case _:
            return {}


def install(parts: Parts, make: Maker) -> None:
    """Into the wired parts and the table of events."""
    known = make(parts)
    if not known:
        return
    ground = Ground(
        parts.db, parts.clock, parts.bus, parts.gateway, parts.routing, parts.dispatch,
        parts.limits, parts.settings, known,
    )  # fmt: skip
    parts.hotline = Hotline(ground)
    hears: dict[type[Event], object] = {
        OfferMade: parts.hotline.offered.made,
        OfferEnded: parts.hotline.offered.ended,
        OfferAccepted: parts.hotline.offered.accepted,
    }
    for kind, handler in hears.items():
        parts.events.table[kind] = [*parts.events.table.get(kind, ()), handler]  # type: ignore[list-item]
