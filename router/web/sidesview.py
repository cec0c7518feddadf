"""What a mediation's page shows of links and appointments, as plain values."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from router.mediation import doors, meetings, sidewords
from router.mediation.models import Mediation, MediationDoor, MediationMeeting
from router.mediation.sides import MAY_BE_ASKED, MAY_MEET
from router.mediation.status import FAILED, State
from router.parts import Parts
from router.web import words

FAULTS = {"too_many": "今天给这个号码发得太多", "no_carrier": "短信通道没有开通"}


@dataclass(frozen=True)
class DoorSeen:
    link: str  # empty once it was used
    code: str
    state: str
    until: str


async def of(s: AsyncSession, p: Parts, row: Mediation) -> dict[str, Any]:
    now, state = p.clock.now(), State(row.status)
    to_come = await meetings.of(s, row.id, meetings.SET, now)
    return {
        "texts": p.texts_links,
        "may_ask": state in MAY_BE_ASKED,
        "may_meet": state in MAY_MEET,
        "may_offer": state in (State.INVITED, *MAY_MEET),
        "may_let_in": state not in FAILED,
        "doors": {
            side: _door(p, await doors.live(s, row.id, side, now))
            for side in (doors.COMMITTEE, doors.RESPONDENT)
        },
        "set": [_meeting(one) for one in to_come],
        "offered": [_meeting(m) for m in await meetings.of(s, row.id, meetings.OFFERED, now)],
    }


def _door(p: Parts, door: MediationDoor | None) -> DoorSeen | None:
    if door is None:
        return None
    code = str(door.told.get("code") or "")
    base = p.settings.PUBLIC_URL.rstrip("/")
    return DoorSeen(
        f"{base}/m/{code}" if code else "", code, _state(door), words.day_time(door.expires_at)
    )


def _state(door: MediationDoor) -> str:
    if door.entered_at:
        return f"{words.day_time(door.entered_at)} 打开了"
    if door.fault:
        return (
            f"短信没有发出：{FAULTS.get(door.fault, '运营商没有接收')}。请打印出来，或者换一个号码"
        )
    if door.sent_at:
        return f"{words.day_time(door.sent_at)} 短信已发，还没有打开"
    return "短信正在发" if door.told.get("number") else "还没有打开"


def _meeting(one: MediationMeeting) -> dict[str, str]:
    return {"id": one.id, "when": sidewords.moment(one.at), "place": one.place}
