"""What the agencies' data say, beside the applicant's own words; asked with recorded consent."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from router.agencies.models import Inquiry
from router.agencies.service import WAYS, of
from router.applications import blocks, card, files
from router.applications.models import Application
from router.errors import BadRequest, Forbidden
from router.lawyers.models import Lawyer
from router.ocr import NotRead
from router.parts import Parts
from router.web import words
from router.web.applytyped import Told
from router.web.citizen import names_of
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk/applications", dependencies=[Depends(same_origin)])
STATES = {
    "asking": ("正在查", "warn"),
    "waiting": ("等当事人去核验", "warn"),
    "answered": ("已回复", "good"),
    "silent": ("没有回复", ""),
    "refused": ("对方不受理", ""),
    "expired": ("已过期，内容已删", ""),
}
ASKS = {"identity": "核验身份", "means": "核查经济状况"}
Text = Annotated[str, Form(max_length=100)]


async def shown(p: Parts, s: AsyncSession, it: Application) -> dict[str, Any]:
    rows = await of(s, it.id)
    names = await names_of(s, {one.asked_by for one in rows})
    there = [one for one in ASKS if p.agencies.asked_for(one)]
    return {
        "rows": [_row(one, names) for one in rows],
        "asks": [(one, ASKS[one], _labels(p, one)) for one in there],
        "ways": [pair for pair in WAYS.items() if pair[0] != "promise" or it.promise],
        "pictures": [paper.id for paper, _ in await files.of(s, it) if paper.item == "identity"],
    }


def _labels(p: Parts, asks: str) -> str:
    return "、".join(peer.label for peer in p.agencies.asked_for(asks))


def _row(one: Inquiry, names: dict[str, str]) -> dict[str, Any]:
    label, tone = STATES[one.state]
    consent = one.consent
    way = WAYS.get(str(consent.get("way")), "")
    return {
        "label": one.label,
        "state": label,
        "tone": tone,
        "facts": one.told.get("facts") or [],
        "nothing": one.state == "answered" and not one.told.get("facts"),
        "at": words.day_time(one.answered_at or one.asked_at),
        "as_of": one.as_of or "",
        "until": words.day_time(one.expires_at) if one.expires_at else "",
        "consent": f"{way}（{consent['who']}）" if consent else "",
        "by": names.get(one.asked_by, ""),
    }


def _reviewer(me: Lawyer) -> None:
    if me.role != "supervisor":
        raise Forbidden(lawyer=me.id)


@pages.post("/{application_id}/agencies/{asks}")
async def ask(p: P, me: Staff, it: Told, asks: str, way: Text = "", who: Text = "") -> Response:
    _reviewer(me)
    if asks not in ASKS:
        raise BadRequest(asks=asks[:20])
    await p.agencies.ask(it.id, me.id, asks, way, who.strip())
    return RedirectResponse(f"/desk/applications/{it.id}#agencies", 303)


@pages.post("/{application_id}/identity/seen")
async def seen(p: P, me: Staff, it: Told, how: Text = "") -> Response:
    """Number, picture and a human eye; no picture of a face is kept or compared by a machine."""
    _reviewer(me)
    if not how.strip():
        raise BadRequest(how="empty")
    async with p.db.read() as s:
        pictures = [one.id for one, _ in await files.of(s, it) if one.item == "identity"]
    facts = [["号码校验", _checked(it)], *(await _read(p, it, pictures)), ["人工核对", how.strip()]]
    await p.agencies.seen(it.id, me.id, facts)
    return RedirectResponse(f"/desk/applications/{it.id}#agencies", 303)


def _checked(it: Application) -> str:
    if it.form.get("id_kind") != "resident":
        return "不是居民身份证，没有校验码可查"
    return "校验码相符" if blocks.born(str(it.form.get("id_number"))) else "校验码不符"


async def _read(p: Parts, it: Application, pictures: list[str]) -> list[list[str]]:
    """What stands on the first card that can be read, beside what was written."""
    for paper in pictures[:2] if p.reader else ():
        _, content = await p.applications.papers.for_staff(it, paper)
        try:
            found = card.of(await p.reader.lines(content)) if p.reader else card.Card()
        except NotRead:
            continue
        if found.fields:
            return [
                [label, _same(read, str(it.form.get(name) or ""))]
                for label, name, read in (
                    ("照片上的姓名", "name", found.name),
                    ("照片上的号码", "id_number", found.number),
                )
            ]
    return [["照片", "没有交，或者没有读出来"]]


def _same(read: str, written: str) -> str:
    if not read:
        return "没有读出来"
    return "和申请表一致" if read == written else "和申请表不一致，请人再看"
