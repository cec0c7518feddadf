"""What the gateway tells us: signed, in order for each call, each event with one effect."""

import json
import logging
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from router.channels.hotline.cti import envelope
from router.channels.hotline.cti.carrier import Cti
from router.channels.hotline.errors import BadSignature, NoHotline, Replayed
from router.channels.hotline.models import Call, Leg, Nonce
from router.channels.hotline.port import CarrierError, Event
from router.channels.hotline.service import Hotline
from router.channels.hotline.states import Cause, Kind
from router.parts import Parts, parts

log = logging.getLogger(__name__)
api = APIRouter(prefix="/hotline/cti")
P = Annotated[Parts, Depends(parts)]
Json = dict[str, Any]
GAP_WAIT = timedelta(seconds=2)  # for an event before this one; then the snapshot is asked
YOUNG = timedelta(seconds=30)  # our first command for such a call may be on its way still
KINDS = {
    "leg.ringing": Kind.RINGING,
    "leg.answered": Kind.ANSWERED,
    "leg.digits": Kind.HEARD,
    "asr.final": Kind.HEARD,
    "conf.joined": Kind.JOINED,
    "conf.left": Kind.LEFT,
    "conf.star": Kind.STAR,
    "leg.held": Kind.HELD,
    "leg.unheld": Kind.UNHELD,
    "leg.ended": Kind.ENDED,
}


async def signed(request: Request, p: P) -> Json:
    secret = p.settings.CTI_SECRET_IN
    if p.hotline is None or secret is None or p.settings.HOTLINE_CARRIER != "cti":
        raise NoHotline()
    body, path = await request.body(), request.url.path
    if request.url.query:
        path += f"?{request.url.query}"
    now = p.clock.now()
    known = {p.settings.CTI_KEY: secret.get_secret_value()}
    try:
        nonce = envelope.check(
            request.headers, known, int(now.timestamp()), request.method, path, body
        )
    except envelope.Refused as why:
        raise BadSignature(because=str(why)) from None
    try:
        async with p.db.write() as s:
            old = now - timedelta(seconds=envelope.KEEP_S)
            await s.execute(delete(Nonce).where(Nonce.seen_at < old))
            s.add(Nonce(nonce=nonce, seen_at=now))
    except IntegrityError:
        raise Replayed() from None
    told: Json = json.loads(body)
    return told


Signed = Annotated[Json, Depends(signed)]


@api.post("/events")
async def events(told: Signed, p: P) -> Response:
    """Acknowledged once it is stored; the gateway repeats what was not."""
    hotline = p.hotline
    assert hotline
    if told["type"] == "sidecar.heartbeat":
        await _compare(p, hotline, told["data"])
        return Response(status_code=204)
    if told["type"] == "call.incoming":
        await _incoming(p, hotline, told)
        return Response(status_code=204)
    async with p.db.read() as s:
        call_id = await s.scalar(select(Leg.call_id).where(Leg.id == _leg(told)))
        if call_id is None:  # of a call that came in: under the gateway's own name
            ref = f"cti:{told['call_id']}:{told.get('leg_id')}"
            found = (await s.execute(select(Leg).where(Leg.ref == ref))).scalar_one_or_none()
            call_id = found.call_id if found else None
    if call_id is None:
        return Response(status_code=204)  # nothing of ours
    if not await _in_turn(p, call_id, int(told["seq"])):
        await _catch_up(p, hotline, call_id)
        return Response(status_code=204)
    await _apply(hotline, told)
    await _applied(p, call_id, int(told["seq"]))
    return Response(status_code=204)


def _leg(told: Json) -> str:
    return str(told.get("leg_id") or "")


async def _incoming(p: Parts, hotline: Hotline, told: Json) -> None:
    """The gateway has named the leg itself; from here on it goes by our names."""
    data = told["data"]
    line = p.settings.HOTLINE_POLICE_LINE
    police = bool(line) and data.get("to") == line
    await hotline.incoming("cti", _leg(told), data.get("from", ""), police=police,
                           leg_id=_leg(told), call_id=str(told["call_id"]))  # fmt: skip
    await _applied(p, str(told["call_id"]), int(told["seq"]))


async def _apply(hotline: Hotline, told: Json) -> None:
    kind = KINDS.get(told["type"])
    data = told.get("data") or {}
    if told["type"] in ("rec.ready", "rec.absent"):
        await hotline.recorded(_leg(told), data["rec_id"], told["type"] == "rec.ready")
    if kind is None:
        return
    cause = Cause(told.get("cause") or "normal") if kind == Kind.ENDED else Cause.NORMAL
    event = Event(
        key=f"cti:{told['event_id']}", leg_id=_leg(told), kind=kind, cause=cause,
        keys=str(data.get("digits", "")), speech=str(data.get("text", "")),
        sure=float(data.get("confidence", 1)), script_no=_answered(told.get("caused_by")),
    )  # fmt: skip
    await hotline.hear(event)


def _answered(command: str | None) -> int:
    """A script's commands are named after it: leg:number:what."""
    found = (command or "").split(":")
    return int(found[1]) if len(found) == 3 and found[1].isdigit() else 0


async def _in_turn(p: Parts, call_id: str, seq: int) -> bool:
    """False: one before it is missing and did not come in time."""
    for last in (False, True):
        async with p.db.read() as s:
            applied = await s.scalar(select(Call.seq).where(Call.id == call_id)) or 0
        if seq <= applied + 1:
            return True  # what is old has no effect: its key is known
        if not last:
            await p.clock.sleep(GAP_WAIT)
    return False


async def _applied(p: Parts, call_id: str, seq: int) -> None:
    async with p.db.write() as s:
        call = await s.get(Call, call_id, with_for_update=True)
        if call and seq > call.seq:
            call.seq = seq


async def _catch_up(p: Parts, hotline: Hotline, call_id: str) -> None:
    """What got lost on the way, from the gateway's own picture of the call."""
    carrier = hotline.carrier("cti")
    assert isinstance(carrier, Cti)
    try:
        seen = await carrier.snapshot(call_id)
    except CarrierError as error:
        if not error.gone:
            raise
        seen = {"legs": {}, "last_seq": 0}
    async with p.db.read() as s:
        ours = list(await s.scalars(select(Leg).where(Leg.call_id == call_id)))
    for leg in ours:
        there = seen["legs"].get(leg.id, {"state": "ended", "cause": "failed"})
        for kind in _steps(there):
            key = f"snapshot:{leg.id}:{seen['last_seq']}:{kind}"
            cause = Cause(there.get("cause") or "normal")
            await hotline.hear(Event(key, leg.id, kind, cause))
    await _applied(p, call_id, int(seen["last_seq"]))


def _steps(there: Json) -> list[Kind]:
    match there["state"]:
        case "ended":
            return [Kind.ENDED]
        case "in_conference":
            return [Kind.ANSWERED, Kind.JOINED]
        case "held":
            return [Kind.ANSWERED, Kind.JOINED, Kind.HELD]
        case "answered":
            return [Kind.ANSWERED, Kind.LEFT]
        case _:
            return []


async def _compare(p: Parts, hotline: Hotline, data: Json) -> None:
    """Live calls of ours of which the gateway has told more than we have heard, or nothing."""
    told: dict[str, int] = data.get("calls", {})
    carrier = hotline.carrier("cti")
    assert isinstance(carrier, Cti)
    restarted = carrier.boot_id != data.get("boot_id")  # or this process is new: no harm
    carrier.boot_id = data.get("boot_id")
    async with p.db.read() as s:
        live = select(Call.id, Call.seq).where(
            Call.carrier == "cti", Call.ended_at.is_(None), Call.created_at < p.clock.now() - YOUNG
        )
        ours = {call_id: seq for call_id, seq in await s.execute(live)}
    for call_id, seq in ours.items():
        if told.get(call_id, seq) > seq or (restarted and call_id not in told):
            await _catch_up(p, hotline, call_id)
