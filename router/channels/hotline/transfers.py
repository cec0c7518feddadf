"""`POST /api/transfers`: 110's desk passes a call on; citizen, operator and lawyer meet in a room.

Signed with the partner's key, which itself is never sent: docs/transfers.md.
"""

import hmac
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline import answers, store, words
from router.channels.hotline.errors import BadSignature, NoHotline
from router.channels.hotline.models import Call, CallEvent
from router.channels.hotline.port import Script
from router.channels.hotline.scene import Scene
from router.channels.hotline.states import Call as C
from router.channels.hotline.states import Role
from router.channels.hotline.voice import dialable
from router.conversations.models import HOTLINE, Conversation
from router.errors import BadRequest
from router.parts import Parts, parts
from router.referrals import partners
from router.referrals.models import Partner
from router.referrals.signing import SIGNATURE, TIMESTAMP, sign

api = APIRouter(prefix="/api/transfers")
P = Annotated[Parts, Depends(parts)]
KEY_ID = "X-Jieyuan-Key"
WINDOW_S = 300
_NUMBER = r"^\+?[0-9][0-9 ()-]{2,24}$"


class Transfer(BaseModel):
    """A call that a desk of 110 passes on."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    incident: str = Field(min_length=1, max_length=64)  # 110's own number of it
    caller: str = Field(pattern=_NUMBER)  # the citizen's telephone
    operator: str = Field(pattern=_NUMBER)  # the desk that stays on the line
    told: str = Field(default="", max_length=1000)


async def sender(request: Request, p: P) -> Partner:
    """Whose signature it is, over these very bytes, made in these minutes."""
    if p.hotline is None:
        raise NoHotline()
    body, stamp = await request.body(), request.headers.get(TIMESTAMP, "")
    now = p.clock.now()
    if not stamp.isdigit() or abs(int(stamp) - now.timestamp()) > WINDOW_S:
        raise BadSignature(because="time")
    async with p.db.read() as s:
        found = await partners.by_key_id(s, request.headers.get(KEY_ID, ""), now)
    if found is None or not found[1].secret:
        raise BadSignature(because="key")
    right = sign(found[1].secret, int(stamp), body)
    if not hmac.compare_digest(right, request.headers.get(SIGNATURE, "")):
        raise BadSignature(because="signature")
    await p.limits.check("partner", found[0].id, p.settings.PARTNER_RATE)
    return found[0]


@api.post("")
async def transfer(
    request: Request, answer: Response, p: P, partner: Annotated[Partner, Depends(sender)]
) -> dict[str, Any]:
    """The same incident of the same partner is the same call, however often it is sent."""
    try:
        sent = Transfer.model_validate_json(await request.body())
    except ValidationError as trouble:
        raise BadRequest(fields=[str(one["loc"]) for one in trouble.errors()]) from None
    key = f"transfer:{partner.id}:{sent.incident}"
    async with p.db.read() as s:
        known = await _known(s, key)
    if known is None:
        try:
            known = await _take(p, partner, sent, key)
            answer.status_code = 201
        except IntegrityError:  # the same at the same moment: the other one is in
            async with p.db.read() as s:
                known = await _known(s, key)
    assert known
    async with p.db.read() as s:
        talk = await s.get_one(Conversation, known.conversation_id)
    return {"call": known.id, "reference": talk.reference, "state": known.state}


async def _known(s: AsyncSession, key: str) -> Call | None:
    found: Call | None = await s.scalar(
        select(Call).join(CallEvent, CallEvent.call_id == Call.id).where(CallEvent.key == key)
    )
    return found


async def _take(p: Parts, partner: Partner, sent: Transfer, key: str) -> Call:
    assert p.hotline
    talk, _ = await p.gateway.open(HOTLINE, partner.region, consent=True)
    now = p.clock.now()
    async with p.db.write() as s:
        carrier = p.settings.HOTLINE_CARRIER
        call = store.open_call(s, carrier, "police", "", now, C.QUEUED)
        call.conversation_id, call.incident = talk.id, sent.incident
        await s.flush()
        await store.note(s, call, key, "transferred", now, partner=partner.id)
        row = await s.get_one(Conversation, talk.id)
        told = {"sender": partner.label, "sender_number": sent.incident, "told": sent.told}
        details = {name: value for name, value in told.items() if value}
        row.intake = json.dumps({"details": details}, ensure_ascii=False)
        scene = Scene(s, call, [], now, None)
        waits = Script((words.OPERATOR_WAITS,), "join")
        scene.ring(Role.OPERATOR, dialable(sent.operator), waits)
        answers.from_110(scene, dialable(sent.caller))
        scene.task("open_person")
    p.hotline.kick(call.id)
    return call
