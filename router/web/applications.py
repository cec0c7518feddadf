"""援助申请 for the staff: what waits and its clocks, the reviewer's page, typing for somebody."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import or_, select
from starlette.responses import RedirectResponse, Response

from router.applications import assigning, clocks, ending, forms, lanes, second
from router.applications.models import Application
from router.applications.status import OPEN, TONES, State
from router.destinations.labels import LABELS as MATTERS
from router.errors import BadRequest, Forbidden, NotFound, RouterError
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.routing.models import Screening
from router.web import (
    agencies,
    aidfile,
    applyform,
    casework,
    letters,
    render,
    staff,
    trace,
    view,
)
from router.web.applytyped import Readable, Told, brings, is_told
from router.web.evidence import HEADERS
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk/applications", dependencies=[Depends(same_origin)])
MOST = 200
NEWEST_ENDED = 20
# A refusal rests on one of these, or on what the pre-screening cites
REFUSALS = ("LAL 31", "LAL 34", "LAL 38", "LAL 41", "LAL 48(1)(6)")
Text = Annotated[str, Form(max_length=2000)]


@dataclass(frozen=True)
class Row:
    id: str
    reference: str
    matter: str
    state: str
    tone: str
    kind: str  # what an organ notified; empty: somebody has applied
    clock: str
    due: str
    warned: bool
    overdue: bool
    drafted: bool

    @classmethod
    def of(cls, one: Application, p: Parts) -> "Row":
        state, standing = State(one.status), applyform.standing(one, p)
        return cls(
            id=one.id,
            reference=one.reference,
            matter=MATTERS.get(one.matter or "", "尚未说明"),
            state=standing["label"],
            tone=TONES.get(state, ""),
            kind=aidfile.kind(one),
            clock=_clock(one),
            due=standing["span"],
            warned=one.warned_at is not None,
            overdue=bool(one.overdue_at or one.prior_overdue_at),
            drafted=one.drafted_by is not None,
        )


def _clock(one: Application) -> str:
    custody = one.status == State.DRAFT and one.due_at is not None
    name = "custody" if custody else clocks.running(State(one.status), one.lane)
    return clocks.rules()[name].label if name else ""


@pages.get("")
async def applications(request: Request, p: P, me: Staff) -> Response:
    query = select(Application)
    if me.role != "supervisor":
        query = query.where(or_(Application.lawyer_id == me.id, Application.helper == me.id))
    live = query.where(Application.status.in_([s.value for s in OPEN])).order_by(Application.due_at)
    drafts = query.where(Application.status == State.DRAFT.value, Application.helper.is_not(None))
    ended = query.where(Application.status.not_in([*(s.value for s in OPEN), State.DRAFT.value]))
    newest = Application.created_at.desc()
    async with p.db.read() as s:
        lists = [
            (title, [Row.of(one, p) for one in await s.scalars(rows)], none)
            for title, rows, none in (
                ("正在办理", live.limit(MOST), "没有正在办理的申请。"),
                ("等着代填", drafts.order_by(newest).limit(MOST), "没有等着代填的申请。"),
                ("决定不予、转走和办结的", ended.order_by(newest).limit(NEWEST_ENDED), "还没有。"),
            )
        ]
        look = await letters.to_look_at(s) if me.role == "supervisor" else []
        second_ones = await aidfile.waiting(s, me)
    titles = ("等您复核的决定", "您起草、等别人复核的", "文书送达要人看的")
    first = [
        (title, [Row.of(one, p) for one in rows], "")
        for title, rows in zip(titles, (*second_ones, look), strict=True)
        if rows
    ]
    return render.page(request, "applications/list.html", me=me, lists=first + lists)


@pages.post("/of-ticket/{ticket_id}")
async def begin(p: P, me: Staff, ticket_id: str) -> Response:
    """From a case in hand: its application, a new one or the one there is."""
    async with p.db.read() as s:
        ticket = await staff.open_case(p, s, ticket_id, me)
    if not staff.may_read(ticket, me):
        raise NotFound(ticket=ticket_id)
    found = await p.applications.begin(ticket.conversation_id, me.id, ticket.id)
    if me.id not in (found.helper, found.lawyer_id) and me.role != "supervisor":
        raise Forbidden(application=found.id)
    return RedirectResponse(f"/desk/applications/{found.id}", 303)


@pages.get("/{application_id}")
async def page(request: Request, p: P, me: Staff, it: Readable, done: str = "") -> Response:
    return await show_page(request, p, me, it, done=done)


async def show_page(
    request: Request, p: Parts, me: Lawyer, it: Application,
    refused: RouterError | None = None, code: str = "", done: str = "",
) -> Response:  # fmt: skip
    state, promised = State(it.status), it.promise
    async with p.db.read() as s:
        checklist = (await applyform.papers_of(s, it))[0] if is_told(it) else []
        screening = await s.get(Screening, it.screening_id or "")
        boss = me.role == "supervisor"
        assigns = state is State.ACCEPTED and boss
        found = await assigning.candidates(s, it, p.clock.now()) if assigns else []
        asked = await p.applications.asking.of(s, it) if assigns else None
        history = await aidfile.history(s, it, boss)
        draft = await aidfile.drafted(p, s, it, me) if boss else None
        said = await agencies.shown(p, s, it) if is_told(it) else {}
        sent = await letters.shown(p, s, it)
        lawyer = await applyform.lawyer_of(s, it)
    decided = view.opened(screening.decision) if screening else {}
    await staff.trace(p, me, "read_application", it.id)
    return render.page(
        request,
        "applications/page.html",
        refused.status if refused else 200,
        me=me,
        it=it,
        boss=boss,
        mine=it.lawyer_id == me.id,
        works=state in casework.STATES and (boss or it.lawyer_id == me.id),
        may_give_code=_may_give_code(me, it),
        may_type=boss or it.helper == me.id,
        brings=brings(me, it),
        relatives=aidfile.relatives(it),
        may=aidfile.may(it),
        notice=lanes.shown(it.notice),
        kind=aidfile.kind(it),
        years=lanes.years_of(it.notice),
        asked=aidfile.asked(asked, found),
        firms=aidfile.firms(found),
        prior_due=applyform.day_of(it.prior_due_at),
        prior_from=state in ending.PRIOR_FROM and draft is None,
        draft=draft,
        two=second.of_office(it),
        prior_grounds=aidfile.titles(p, p.applications.ending.prior_grounds(it.region)),
        end_grounds=aidfile.titles(p, ending.GROUNDS),
        deemed=state is State.SUPPLEMENT and it.overdue_at is not None,
        matter=MATTERS.get(it.matter or "", "尚未说明"),
        standing=applyform.standing(it, p),
        clock=_clock(it),
        lawyer=lawyer,
        refused=refused.sentence if refused else "",
        code=code,
        done=done == "closed",
        told=is_told(it),
        shown=aidfile.shown(it),
        checklist=checklist,
        scans=p.applications.papers.scans,
        papers=[(name, forms.TITLES[name]) for name in forms.names(it)] if is_told(it) else [],
        promised_at=forms.moment_words(promised.get("at")),
        promised_by=forms.CHANNELS.get(promised.get("channel") or "", ""),
        places=forms.PLACES,
        candidates=found,
        citable=_citable(p, decided),
        decision=view.Decision.of(decided) if decided else None,
        rules=trace.rules(decided.get("reasons") or (), p.law),
        history=history,
        agencies=said,
        letters=sent,
    )


def _may_give_code(me: Lawyer, it: Application) -> bool:
    """Who has the applicant before them; afterwards the reviewer, who can be telephoned."""
    return me.role == "supervisor" or (it.helper == me.id and it.status == State.DRAFT)


def _citable(p: Parts, decided: dict[str, Any]) -> list[tuple[str, str]]:
    told = [str(one["cite"]) for one in decided.get("articles") or () if one.get("cite")]
    known = p.law.articles
    cites = [cite for cite in dict.fromkeys((*told, *REFUSALS)) if cite in known]
    return [(cite, known[cite].title or cite) for cite in cites]


# The reviewer's moves


@pages.post("/{application_id}/{step}")
async def step(
    request: Request, p: P, me: Staff, it: Readable, step: str,
    words: Text = "", to: Annotated[str, Form(max_length=100)] = "",
    lawyer: Annotated[str, Form(max_length=40)] = "",
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:  # fmt: skip
    try:
        if step == "code":
            if not _may_give_code(me, it):
                raise Forbidden(application=it.id)
            code = await p.applications.new_code(it.id, me.id)
            return await show_page(request, p, me, it, code=code)
        boss = await staff.supervisor(me)
        given = words.strip(), to.strip(), lawyer, until
        await _decide(request, p, boss, it, step, *given)
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return RedirectResponse(f"/desk/applications/{it.id}", 303)


async def _decide(
    request: Request, p: Parts, me: Lawyer, it: Application, step: str, words: str, to: str,
    lawyer: str, until: str,
) -> None:  # fmt: skip
    sent = await request.form()
    desk = p.applications.review
    if step == "ask":
        more = [line.strip() for line in str(sent.get("more") or "").splitlines()]
        missing = [str(one) for one in sent.getlist("missing")] + [one for one in more if one]
        await desk.ask_more(it.id, me.id, missing, _day(until))
    elif step == "accept":
        await desk.accept(it.id, me.id, words)
    elif step == "refuse":
        await desk.refuse(it.id, me.id, words, [str(one) for one in sent.getlist("cites")])
    elif step == "transfer":
        await desk.transfer(it.id, me.id, to, words)
    elif step == "uphold":
        await desk.uphold(it.id, me.id, words)
    elif step == "deemed":
        await p.applications.withdraw(it.id, me.id, "到期没有补充，视为撤回")
    elif step == "assign":
        await desk.assign(it.id, me.id, lawyer)
    else:
        raise NotFound(step=step[:20])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(until="no day") from None


@pages.get("/{application_id}/papers/{paper_id}")
async def show(p: P, me: Staff, it: Told, paper_id: str) -> Response:
    mime, content = await p.applications.papers.for_staff(it, paper_id)
    await staff.trace(p, me, "read_evidence", paper_id)
    return Response(content, media_type=mime, headers=HEADERS)


@pages.get("/{application_id}/pdf/{name}")
@pages.get("/{application_id}/docx/{name}")
async def paper(request: Request, p: P, me: Staff, it: Told, name: str) -> Response:
    await staff.trace(p, me, "read_application", it.id)
    return await applyform.paper(request, p, it, name)
