"""The hotline as this office has it: which carrier, which numbers; absent without one."""

from collections.abc import Callable, Mapping

from router.channels.hotline.cti.carrier import Cti
from router.channels.hotline.ground import Ground
from router.channels.hotline.port import Carrier
from router.channels.hotline.service import Hotline
from router.channels.hotline.sms.aliyun import AliyunTexts
from router.channels.hotline.sms.port import Texter
from router.channels.hotline.sms.sides import Sides
from router.channels.hotline.sms.twilio import TwilioTexts
from router.channels.hotline.twilio.carrier import Twilio
from router.events import Event, OfferAccepted, OfferEnded, OfferMade
from router.mediation import texts as mediation_texts
from router.parts import Parts
from router.settings import MissingSettings, Settings
from router.speech import Transcriber

Maker = Callable[[Parts], Mapping[str, Carrier]]
TextMaker = Callable[[Parts], Texter | None]


def carriers(parts: Parts) -> Mapping[str, Carrier]:
    match parts.settings.HOTLINE_CARRIER:
        case "twilio":
            return {"twilio": Twilio(parts.settings, parts.db, parts.clock)}
        case "cti":
            return {"cti": Cti(parts.settings, parts.clock)}
        case _:
            return {}


def texter(parts: Parts) -> Texter | None:
    """Raises MissingSettings: a carrier is named, and its keys are not there."""
    match parts.settings.SMS_CARRIER:
        case "twilio":
            _need(parts.settings, "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "HOTLINE_NUMBER")
            return TwilioTexts(parts.settings)
        case "aliyun":
            _need(parts.settings, "ALIYUN_SMS_KEY", "ALIYUN_SMS_SECRET", "ALIYUN_SMS_SIGN")
            return AliyunTexts(parts.settings, parts.clock)
        case _:
            return None


def _need(settings: Settings, *names: str) -> None:
    if lacking := [name for name in names if not getattr(settings, name)]:
        raise MissingSettings(f"短信还缺这些设置：{'、'.join(lacking)}")


def install(parts: Parts, make: Maker, texts: TextMaker, ears: Transcriber | None) -> None:
    """Into the wired parts and the table of events."""
    known = make(parts)
    texter = parts.texts.texter = texts(parts)
    parts.texts_links = texter is not None and texter.links
    parts.dispatch.timers.also[mediation_texts.TEXT] = Sides(parts, texter).send
    if not known:
        return
    ground = Ground(
        parts.db, parts.clock, parts.bus, parts.gateway, parts.routing, parts.dispatch,
        parts.limits, parts.settings, known, parts.destinations, texter, ears,
    )  # fmt: skip
    parts.hotline = Hotline(ground)
    hears: dict[type[Event], object] = {
        OfferMade: parts.hotline.offered.made,
        OfferEnded: parts.hotline.offered.ended,
        OfferAccepted: parts.hotline.offered.accepted,
    }
    for kind, handler in hears.items():
        parts.events.table[kind] = [*parts.events.table.get(kind, ()), handler]  # type: ignore[list-item]
