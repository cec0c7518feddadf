"""Twilio's webhooks: signed, answered with what the leg hears next, each with one effect."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import func, update
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from router.channels.hotline import store
from router.channels.hotline.errors import BadSignature, NoHotline, Replayed
from router.channels.hotline.models import Call, TextMessage
from router.channels.hotline.port import Event, Script
from router.channels.hotline.service import Hotline, Next
from router.channels.hotline.states import Kind
from router.channels.hotline.states import Leg as L
from router.channels.hotline.twilio import twiml
from router.channels.hotline.twilio.carrier import CAUSES
from router.errors import NotFound
from router.parts import Parts, parts

api = APIRouter(prefix="/hotline/twilio")
P = Annotated[Parts, Depends(parts)]
Form = dict[str, str]
WAIT = timedelta(seconds=8)  # for the dialogue; a carrier hangs up at 15
ENDS = {"delivered": "delivered", "undelivered": "failed", "failed": "failed"}
IN_ROOM = {
    "participant-join": Kind.JOINED,
    "participant-leave": Kind.LEFT,
    "participant-hold": Kind.HELD,
    "participant-unhold": Kind.UNHELD,
}


async def signed(request: Request, p: P) -> Form:
    """The form, if the signature is the carrier's over the public address and every field."""
    token = p.settings.TWILIO_AUTH_TOKEN
    if p.hotline is None or token is None or p.settings.HOTLINE_CARRIER != "twilio":
        raise NoHotline()
    url = p.settings.PUBLIC_URL.rstrip("/") + request.url.path  # what a proxy says is not asked
    if request.url.query:
        url += f"?{request.url.query}"
    pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True)
    shown = request.headers.get("x-twilio-signature", "")
    fields = ImmutableMultiDict(pairs)  # a name may come twice: the validator asks it for all
    if not RequestValidator(token.get_secret_value()).validate(url, fields, shown):
        raise BadSignature()
    return {name: fields.getlist(name)[0] for name in fields}


Signed = Annotated[Form, Depends(signed)]


def hotline(p: Parts) -> Hotline:
    assert p.hotline  # signed() has seen to it
    return p.hotline


@api.post("/voice")
async def voice(form: Signed, p: P) -> Response:
    """A call comes in."""
    police = bool(p.settings.HOTLINE_POLICE_LINE) and form["To"] == p.settings.HOTLINE_POLICE_LINE
    number = form.get("From", "")
    leg = await hotline(p).incoming("twilio", form["CallSid"], number, police=police, expects=True)
    if leg.state == L.ENDED or leg.script_no > 1:
        raise Replayed(leg=leg.id)
    first = Next(leg.call_id, False, leg.script_no, Script.of(leg.script))
    return await _next(p, leg.id, 0, first)


@api.post("/status")
async def inbound_status(form: Signed, p: P) -> Response:
    """Of a call that came in: the number's own status callback."""
    async with p.db.read() as s:
        leg = await store.leg_by_ref(s, form["CallSid"])
    if leg is None:
        raise NotFound(call=form["CallSid"])
    return await _status(p, leg.id, form)


@api.post("/legs/{leg_id}/status")
async def status(leg_id: str, form: Signed, p: P) -> Response:
    return await _status(p, leg_id, form)


async def _status(p: Parts, leg_id: str, form: Form) -> Response:
    said = form["CallStatus"]
    key = f"{form['CallSid']}:{form.get('SequenceNumber', '')}:{said}"
    data, ref = {"sip": form.get("SipResponseCode")}, form["CallSid"]
    if said == "ringing":  # perhaps before the answer to our own request
        await hotline(p).hear(Event(key, leg_id, Kind.RINGING), ref=ref)
    elif said in CAUSES:  # that it was answered tells the request for its script
        await hotline(p).hear(Event(key, leg_id, Kind.ENDED, CAUSES[said], data=data), ref=ref)
    return Response(status_code=204)


@api.post("/legs/{leg_id}/answered")
async def answered(leg_id: str, form: Signed, p: P) -> Response:
    event = Event(f"answered:{leg_id}", leg_id, Kind.ANSWERED)
    return await _next(p, leg_id, 0, await hotline(p).hear(event, True, form["CallSid"]))


@api.post("/legs/{leg_id}/script")
async def script(leg_id: str, form: Signed, p: P) -> Response:
    """We have asked the carrier to fetch another one."""
    return await _next(p, leg_id, 0)


@api.post("/legs/{leg_id}/after/{no}")
async def after(leg_id: str, no: int, form: Signed, p: P) -> Response:
    """There was none yet."""
    return await _next(p, leg_id, no)


@api.post("/legs/{leg_id}/said/{no}")
async def said(leg_id: str, no: int, form: Signed, p: P) -> Response:
    """Keys, speech or silence. The carrier's repetition has the same answer, a replay has none."""
    event = Event(
        key=f"said:{leg_id}:{no}",
        leg_id=leg_id,
        kind=Kind.HEARD,
        keys=form.get("Digits", ""),
        speech=form.get("SpeechResult", ""),
        sure=float(form.get("Confidence") or 1),
        script_no=no,
    )
    return await _next(p, leg_id, no, await hotline(p).hear(event, expects=True))


@api.post("/legs/{leg_id}/out/{no}")
async def out(leg_id: str, no: int, form: Signed, p: P) -> Response:
    """Out of the room: by the star key, or because it was closed."""
    if form.get("CallStatus") in CAUSES:
        return Response(status_code=204)
    event = Event(f"out:{leg_id}:{no}", leg_id, Kind.STAR, script_no=no)
    return await _next(p, leg_id, no, await hotline(p).hear(event, expects=True))


@api.post("/rooms/{call_id}")
async def room(call_id: str, form: Signed, p: P) -> Response:
    kind = IN_ROOM.get(form["StatusCallbackEvent"])
    sid, order = form["ConferenceSid"], int(form["SequenceNumber"])
    if kind is None:
        return Response(status_code=204)
    if kind == Kind.JOINED:
        async with p.db.write() as s:
            call = await s.get(Call, call_id)
            if call is None:
                raise NotFound(call=call_id)
            call.room_ref = sid
    event = Event(
        f"{sid}:{order}", form["ParticipantLabel"], kind, room=sid, order=order,
        at=int(form.get("Timestamp") or 0),
    )  # fmt: skip
    await hotline(p).hear(event)
    return Response(status_code=204)


@api.post("/legs/{leg_id}/recording")
async def recording(leg_id: str, form: Signed, p: P) -> Response:
    there = form["RecordingStatus"] == "completed"
    await hotline(p).recorded(leg_id, form["RecordingSid"], there)
    return Response(status_code=204)


@api.post("/messages/{message_id}/status")
async def message_status(message_id: str, form: Signed, p: P) -> Response:
    """Of a short message: told in any order, an end stays the end."""
    said = ENDS.get(form["MessageStatus"])
    if said:
        ended = update(TextMessage).where(
            TextMessage.id == message_id, TextMessage.state.in_(("ordered", "sent"))
        )
        sent_at = func.coalesce(TextMessage.sent_at, p.clock.now())  # told before the answer to us
        sets = {"fault": form.get("ErrorCode"), "ref": form["MessageSid"], "sent_at": sent_at}
        async with p.db.write() as s:
            await s.execute(ended.values(state=said, **sets))
    return Response(status_code=204)


async def _next(p: Parts, leg_id: str, no: int, known: Next | None = None) -> Response:
    """After its script of this number; `known`: where that was clear at once."""
    if known is None or not (known.over or known.script):
        known = await hotline(p).answer(leg_id, no, WAIT)
    if known.over:
        return _xml(twiml.gone())
    base = f"{p.settings.PUBLIC_URL.rstrip('/')}/hotline/twilio"
    to = twiml.Addresses(
        said=f"{base}/legs/{leg_id}/said/{known.no}",
        out=f"{base}/legs/{leg_id}/out/{known.no}",
        room=f"{base}/rooms/{known.call_id}",
        again=f"{base}/legs/{leg_id}/after/{no}",
    )
    if known.script is None:
        return _xml(twiml.not_yet(to))
    return _xml(twiml.render(known.script, leg_id, known.call_id, to))


def _xml(text: str) -> Response:
    return Response(text, media_type="text/xml")
