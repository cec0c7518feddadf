"""The form, block by block, as the citizen's browser and the staff's show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from router import docx
from router.applications import blocks, card, files, forms, lanes, papers, promise
from router.applications.blocks import Block, Field
from router.applications.errors import BadPaper, NotComplete
from router.applications.models import Application
from router.applications.service import DOOR
from router.applications.status import LABELS, TONES, State, next_step
from router.clock import china_date
from router.conversations.evidence import MAX_BYTES
from router.destinations.registry import Place
from router.errors import NotFound, RouterError, TooFast
from router.lawyers.models import Lawyer
from router.ocr import NotRead
from router.parts import Parts
from router.web import render
from router.web.evidence import HEADERS

UNREAD = "照片收下了，但上面的字没有读出来。请照着证件自己填；也可以在亮处平放、占满画面再拍一张。"
ENDINGS = {"pdf": (forms.pdf, "application/pdf"), "docx": (forms.docx, docx.MIME)}
UPLOAD_MAX_BYTES = MAX_BYTES + 64 * 1024  # the picture, and what the form puts around it


@dataclass(frozen=True)
class Desk:
    """Where the form's pages are, and who sits at them."""

    base: str  # /apply, or /desk/applications/<id>
    papers: str  # where a picture is posted to
    me: Any = None  # of the staff; none: the citizen


def step_of(application: Application, name: str) -> dict[str, int]:
    """Which step of how many; papers and the promise are the last two."""
    names = [block.name for block in blocks.blocks_of(application.form)] + ["papers", "send"]
    return {"number": names.index(name) + 1, "of": len(names)}


def block_of(application: Application, name: str) -> Block:
    found = next((b for b in blocks.blocks_of(application.form) if b.name == name), None)
    if found is None:
        raise NotFound(block=name)
    return found


def first_open(application: Application) -> str:
    """The block to go on with; papers, when all are done."""
    return (blocks.missing(application.form) or ["papers"])[0]


def block_page(
    request: Request, p: Parts, desk: Desk, application: Application, block: Block,
    wrong: dict[str, str] | None = None, read: Mapping[str, str] | None = None, trouble: str = "",
) -> Response:  # fmt: skip
    """`read`: off a photograph; shown in the fields, saved by nobody but who looks at them."""
    form = {**application.form, **(read or {})}
    names = [one.name for one in blocks.blocks_of(form)]
    at = names.index(block.name)
    return render.page(
        request,
        "apply/block.html",
        422 if wrong else 200,
        desk=desk,
        me=desk.me,
        block=block,
        fields=[field for field in block.fields if field.when(form)],
        form=form,
        wrong=wrong or {},
        trouble=trouble,
        read=read,
        may_read=p.reader is not None and block.name == "person",
        step=step_of(application, block.name),
        back=f"{desk.base}/form/{names[at - 1]}" if at else "",
        reference=application.reference,
    )


async def save_block(
    request: Request, p: Parts, desk: Desk, application: Application, name: str
) -> Response:
    block = block_of(application, name)
    given = _given(block.fields, await request.form())
    wrong = await p.applications.save(application.id, block, given)
    async with p.db.read() as s:
        fresh = await s.get_one(Application, application.id)
    if wrong:
        return block_page(request, p, desk, fresh, block, wrong)
    names = [one.name for one in blocks.blocks_of(fresh.form)]
    at = names.index(name) + 1
    onward = f"form/{names[at]}" if at < len(names) else "papers"
    return RedirectResponse(f"{desk.base}/{onward}", 303)


def _given(fields: Sequence[Field], sent: FormData) -> dict[str, Any]:
    return {
        field.name: [str(one) for one in sent.getlist(field.name)]
        if field.kind == "many"
        else str(sent.get(field.name) or "")
        for field in fields
    }


async def papers_page(
    request: Request, p: Parts, desk: Desk, application: Application,
    refused: RouterError | None = None,
) -> Response:  # fmt: skip
    async with p.db.read() as s:
        checklist, never = await papers_of(s, application)
    return render.page(
        request,
        "apply/papers.html",
        refused.status if refused else 200,
        desk=desk,
        me=desk.me,
        application=application,
        checklist=checklist,
        never=never,
        refused=refused.sentence if refused else "",
        draft=application.status == State.DRAFT,
        scans=p.applications.papers.scans,
        step=step_of(application, "papers"),
        last=blocks.blocks_of(application.form)[-1].name,
    )


async def papers_of(
    s: AsyncSession, application: Application
) -> tuple[list[dict[str, Any]], list[papers.Line]]:
    """The checklist with what is there, and what nobody may demand."""
    form = application.form
    lines = papers.checklist(
        application.matter, str(form.get("who") or "self"), blocks.asks_means(form)
    )
    there: dict[str, list[dict[str, str]]] = {}
    for one, scan in await files.of(s, application):
        there.setdefault(one.item, []).append({"id": one.id, "scan": scan or ""})
    shown = [
        {
            "item": line.item,
            "label": line.label,
            "need": line.need,
            "papers": there.get(line.item, []),
        }
        for line in lines
        if line.need != "never"
    ]
    return shown, [line for line in lines if line.need == "never"]


async def upload(
    request: Request, p: Parts, desk: Desk, application: Application, sent: FormData
) -> Response:
    """With `read` it is the identity card: what stands on it is offered to the form."""
    file = sent.get("file")
    reads = bool(sent.get("read")) and p.reader is not None and application.status == State.DRAFT
    try:
        if not isinstance(file, UploadFile):
            raise BadPaper()
        content = await file.read()
        await p.applications.papers.add(application.id, str(sent.get("item") or ""), content)
    except RouterError as refused:
        if reads:
            person = block_of(application, "person")
            return block_page(request, p, desk, application, person, trouble=refused.sentence)
        return await papers_page(request, p, desk, application, refused)
    if reads:
        return await _read_card(request, p, desk, application, content)
    return RedirectResponse(f"{desk.base}/papers", 303)


async def _read_card(
    request: Request, p: Parts, desk: Desk, application: Application, content: bytes
) -> Response:
    assert p.reader
    person, found = block_of(application, "person"), card.Card()
    try:
        await p.limits.check(
            "read-card", application.id, p.settings.LOGIN_RATE
        )  # a core for seconds
        found = card.of(await p.reader.lines(content))
    except (NotRead, TooFast):
        pass
    trouble = "" if found.fields else UNREAD
    return block_page(
        request, p, desk, application, person, read=found.fields or None, trouble=trouble
    )


async def send_page(
    request: Request, p: Parts, desk: Desk, application: Application,
    refused: RouterError | None = None,
) -> Response:  # fmt: skip
    if isinstance(refused, NotComplete) or blocks.missing(application.form):
        return RedirectResponse(f"{desk.base}/form/{first_open(application)}", 303)
    async with p.db.read() as s:
        checklist, _ = await papers_of(s, application)
    lacking = [one["label"] for one in checklist if one["need"] == "needed" and not one["papers"]]
    return render.page(
        request,
        "apply/send.html",
        refused.status if refused else 200,
        desk=desk,
        me=desk.me,
        application=application,
        shown=blocks.shown(application.form),
        lacking=lacking,
        promise=promise.current(),
        refused=refused.sentence if refused else "",
        step=step_of(application, "send"),
    )


def _left(days: int) -> str:
    if days < 0:
        return f"已过 {-days} 天"
    return f"还有 {days} 天" if days else "今天到期"


def day_of(moment: datetime | None) -> str:
    if moment is None:
        return ""
    day = china_date(moment)
    return f"{day.month}月{day.day}日"


def label_of(application: Application) -> str:
    """What an organ notifies is not decided, only assigned."""
    state = State(application.status)
    waits = application.lane != lanes.APPLIED and state is State.ACCEPTED
    return "等待指派律师" if waits else LABELS[state]


def standing(application: Application, p: Parts) -> dict[str, Any]:
    """Where it stands, what is next and by when, in words."""
    state = State(application.status)
    day = china_date(application.due_at) if application.due_at else None
    due = day_of(application.due_at)
    return {
        "label": label_of(application),
        "tone": TONES.get(state, ""),
        "next": next_step(state, due),
        "due": due,
        "span": f"{due}（{_left((day - china_date(p.clock.now())).days)}）" if day else "",
    }


async def lawyer_of(s: AsyncSession, application: Application) -> str:
    found = await s.get(Lawyer, application.lawyer_id) if application.lawyer_id else None
    return found.name if found else ""


def office_of(p: Parts, region: str) -> Place:
    """The legal aid institution of the region, else what the destination says of all."""
    door = p.destinations.get(DOOR)
    assert door
    place = door.places.get(region) or Place(name="法律援助中心")
    return place.model_copy(update={"phone": place.phone or door.phone})


async def paper(request: Request, p: Parts, application: Application, name: str) -> Response:
    """As the last folder of its address says: pdf or docx."""
    if name not in forms.names(application):
        raise NotFound(paper=name[:20])
    ending = request.url.path.split("/")[-2]
    make, mime = ENDINGS[ending]
    office = office_of(p, application.region).name
    content = await make(name, application, p.law.articles, office)
    told = f'attachment; filename="{application.reference}-{name}.{ending}"'
    return Response(content, media_type=mime, headers={**HEADERS, "Content-Disposition": told})
