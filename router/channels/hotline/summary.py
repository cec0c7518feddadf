"""What the case knows, as 110 or another organ hears it before the citizen is on the line."""

import json
from typing import Any

from sqlalchemy import select

from router.channels.hotline import voice, words
from router.channels.hotline.models import Leg
from router.channels.hotline.scene import Scene
from router.channels.hotline.states import Role
from router.conversations.models import Conversation
from router.destinations.labels import LABELS
from router.gateway import emergency

LONGEST = 60  # characters of the citizen's own words


async def for_police(scene: Scene) -> str:
    """What, where, who. What nobody has told is said to be so: 110 then asks for it first."""
    told = await _intake(scene)
    details, caller = told.get("details") or {}, _caller(scene)
    heard = caller.heard.strip() if caller else ""
    kinds = emergency.find(heard) or details.get("danger_signs") or details.get("danger") or []
    signs = [kinds] if isinstance(kinds, str) else kinds
    danger = "、".join(words.DANGERS[kind] for kind in signs if kind in words.DANGERS)
    what = [f"情况是{danger}。"] if danger else []
    if label := LABELS.get(told.get("label") or ""):
        what.append(f"事情是{label}。")
    if heard:
        what.append(f"来电人说：{voice.spoken(heard)[:LONGEST]}。")
    where = str(details.get("region") or "").strip()
    return words.POLICE_SUMMARY.format(
        what="".join(what) or "是什么情况还没有说清。",
        where=f"地点是{where}。" if where else "地点还没有说。",
        who=_who(scene),
    )


async def for_organ(scene: Scene) -> str:
    """The matter alone: the rest the citizen tells there."""
    label = LABELS.get((await _intake(scene)).get("label") or "")
    return words.ORGAN_HEARS.format(what=f"事情是{label}。" if label else "")


def _who(scene: Scene) -> str:
    number = voice.by_digits(scene.call.caller)
    return f"来电号码 {number}。" if number else "来电没有显示号码。"


def _caller(scene: Scene) -> Leg | None:
    return next((leg for leg in reversed(scene.legs) if leg.role == Role.CALLER), None)


async def _intake(scene: Scene) -> dict[str, Any]:
    row: Conversation | None = await scene.s.scalar(
        select(Conversation).where(Conversation.id == scene.call.conversation_id)
    )
    return json.loads(row.intake) if row and row.intake else {}
