"""送达: how the staff send a letter, how the applicant opens it, where the carrier's news comes."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from starlette.responses import RedirectResponse, Response

from router import peers
from router.applications import forms
from router.applications.lanes import APPLIED
from router.applications.letters import TITLES, TO_ORGAN
from router.applications.models import Application
from router.channels.hotline.models import TextMessage
from router.channels.hotline.sms import letters as letter_texts
from router.errors import BadRequest, Forbidden, NotFound, RouterError
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.sending.models import Sending
from router.sending.service import of
from router.sending.status import GOOD, LABELS, LOOK, ON_ROAD, RUNS, WAYS
from router.web import applyform, texts, words
from router.web.apply import Own
from router.web.applytyped import Readable
from router.web.citizen import names_of
from router.web.evidence import HEADERS
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(dependencies=[Depends(same_origin)])
api = APIRouter(prefix="/api/courier")
TO = {"name": "收件人", "phone": "电话", "address": "地址"}
Text = Annotated[str, Form(max_length=200)]


async def shown(p: Parts, s: AsyncSession, it: Application) -> dict[str, Any]:
    """For the reviewer's page and the applicant's."""
    rows = await of(s, it.id)
    names = await names_of(s, {one.ended_by or one.by for one in rows})
    told = await letter_texts.of(s, [one.id for one in rows])
    ways, to = p.sendings.ways(it), _addressee(it)
    return {
        "rows": [_row(one, names, p) | _text(told.get(one.id)) for one in rows],
        "ways": [(way, WAYS[way]) for way in ways] if it.decision else [],
        "to": [(name, label, to[name]) for name, label in TO.items()],
        "carrier": p.sendings.courier.label if p.sendings.courier else "",
    }


def _addressee(it: Application) -> dict[str, str]:
    """Whom a courier would look for, as far as it is known: the organ, who is held, who applied."""
    notice = it.notice
    if it.decision.get("kind") in TO_ORGAN:
        to = {"name": f"{notice['organ']} {notice['handler']}", "phone": notice["handler_phone"]}
    elif it.lane != APPLIED:
        to = {"name": it.form["name"], "phone": "", "address": notice["place_held"]}
    else:
        to = {name: it.form.get(name) for name in TO}
    return {name: str(to.get(name) or "") for name in TO}


def _row(one: Sending, names: dict[str, str], p: Parts) -> dict[str, Any]:
    late = one.way == "link" and one.state == "sent" and one.expires_at
    state = "expired" if late and p.clock.now() > late else one.state
    tone = "good" if state in GOOD else "danger" if state in LOOK or one.lost_at else "warn"
    return {
        "id": one.id,
        "title": TITLES[one.letter["kind"]],
        "way": WAYS[one.way],
        "state": state,
        "label": LABELS[state],
        "tone": tone if state in RUNS | LOOK | GOOD else "",
        "at": words.day_time(one.sent_at),
        "ended": words.day_time(one.ended_at) if one.ended_at else "",
        "by": names.get(one.ended_by or one.by, ""),
        "waybill": one.waybill or "",
        "lost": one.lost_at is not None and state in RUNS,
        "signer": one.to.get("name", "") if state == "signed" else "",
    }


def _text(row: TextMessage | None) -> dict[str, str]:
    """What became of the short message about it; empty: there is none."""
    word, tone = texts.STATES[row.state] if row else ("", "")
    return {"text": word, "text_tone": tone}


async def to_look_at(s: AsyncSession) -> list[Application]:
    """Whose letter is perhaps sent, lost, refused or come back, and nothing was sent since."""
    later = aliased(Sending)
    since = select(later.id).where(
        later.application_id == Sending.application_id, later.sent_at > Sending.sent_at
    )
    lost = and_(Sending.lost_at.is_not(None), Sending.state.in_(ON_ROAD))
    failed = and_(or_(Sending.state.in_(LOOK), lost), ~since.exists())
    about = select(Sending.application_id).where(or_(Sending.state == "perhaps", failed))
    rows = await s.scalars(select(Application).where(Application.id.in_(about)).limit(50))
    return list(rows)


def _reviewer(me: Lawyer) -> None:
    if me.role != "supervisor":
        raise Forbidden(lawyer=me.id)


@pages.post("/desk/applications/{application_id}/letters")
async def send(
    request: Request, p: P, me: Staff, it: Readable, way: Text = "",
    name: Text = "", phone: Text = "", address: Text = "",
) -> Response:  # fmt: skip
    _reviewer(me)
    to = {"name": name.strip(), "phone": phone.strip(), "address": address.strip()}
    await p.sendings.send(it.id, me.id, way, to)
    return RedirectResponse(f"/desk/applications/{it.id}#letters", 303)


@pages.post("/desk/applications/{application_id}/letters/{sending_id}/{step}")
async def settle(
    p: P, me: Staff, it: Readable, sending_id: str, step: str, text: Text = ""
) -> Response:
    _reviewer(me)
    async with p.db.read() as s:
        row = await s.get(Sending, sending_id)
    if row is None or row.application_id != it.id:
        raise NotFound(sending=sending_id)
    if step == "signed":
        await p.sendings.signed_for(row.id, me.id, text.strip())
    elif step == "posted" and text.strip():
        await p.sendings.cleared_up(row.id, me.id, text.strip())
    elif step == "void":
        await p.sendings.cleared_up(row.id, me.id, "")
    else:
        raise BadRequest(step=step[:20])
    return RedirectResponse(f"/desk/applications/{it.id}#letters", 303)


@pages.get("/apply/letter/{sending_id}")
async def read(p: P, mine: Own, sending_id: str) -> Response:
    """For its owner, who is there with reference and code; once."""
    row = await p.sendings.open(sending_id, mine)
    office = applyform.office_of(p, mine.region).name
    content = await forms.letter(mine, row.letter, p.law.articles, office)
    told = {**HEADERS, "Content-Disposition": f'inline; filename="{mine.reference}-letter.pdf"'}
    return Response(content, media_type="application/pdf", headers=told)


class NotTheirs(RouterError):
    """签名不对，或者时间相差超过五分钟。"""

    status = 401


@api.post("")
async def news(request: Request, p: P) -> dict[str, str]:
    """{waybill, state, at}, signed by the carrier."""
    body, courier = await request.body(), p.sendings.courier
    secret = courier.secret.get_secret_value() if courier else ""
    if not courier or not peers.genuine(secret, request.headers.get, body, p.clock.now()):
        raise NotTheirs()
    try:
        told = json.loads(body)
        at = datetime.fromisoformat(told["at"]).astimezone(UTC)
        waybill, state = str(told["waybill"]), str(told["state"])
    except (ValueError, KeyError, TypeError):
        raise BadRequest() from None
    await p.sendings.news(waybill, state, at)
    return {"taken": waybill}
