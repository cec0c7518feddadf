"""The mediators' pages: what came, a case as far as mediating needs it, a button for each step."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from router import audit
from router.clock import china_date
from router.errors import BadRequest, NotFound
from router.lawyers.models import Lawyer
from router.mediation import document, hours, report
from router.mediation.errors import BadHours, WordsNeeded
from router.mediation.models import Committee, Mediator
from router.mediation.status import FAILED, FORMS, OPEN, SIDES, SUCCESS, WAYS, State
from router.tickets import service as tickets
from router.web import case, mediating, mediationview, render, sidesview
from router.web.mediating import GUEST, Hand, Handling
from router.web.origin import same_origin
from router.web.staff import Mediating, P, Supervisor

pages = APIRouter(prefix="/mediation", dependencies=[Depends(same_origin)])
Words = Annotated[str, Form(max_length=2000)]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pages.get("")
async def listed(request: Request, p: P, me: Mediating) -> Response:
    async with p.db.read() as s:
        own = await s.get(Mediator, me.id)
        committee = await s.get(Committee, own.committee_id) if own else None
        live, over = await mediationview.rows(s, own, p.clock.now())
    return render.page(
        request,
        "mediation/list.html",
        me=me,
        own=own,
        there=bool(own and own.present and hours.open_at(own.hours, p.clock.now())),
        committee=committee,
        live=live,
        over=over,
    )


@pages.post("/presence")
async def presence(
    p: P, me: Mediating, on: Annotated[str, Form()], when: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """There or not, and the weekly hours."""
    try:
        known = hours.read(when.strip())
    except BadHours:
        raise BadRequest(hours="unreadable") from None
    async with p.db.write() as s:
        own = await s.get(Mediator, me.id, with_for_update=True)
        if own is None:
            raise NotFound(mediator=me.id)
        own.present = on == "yes"
        if known:
            own.hours = when.strip()
        await audit.record(s, p.clock.now(), me.id, "mediator_presence", on)
    return RedirectResponse("/mediation", 303)


@pages.get("/figures")
async def figures(request: Request, p: P, me: Supervisor) -> Response:
    now = p.clock.now()
    first = mediationview.midnight(china_date(now).replace(month=1, day=1))
    async with p.db.read() as s:
        found = await report.figures(s, first)
    return render.page(
        request, "mediation/figures.html", me=me, figures=found, year=china_date(now).year
    )


@pages.get("/{mediation_id}")
async def show(request: Request, p: P, me: Handling, mediation_id: str) -> Response:
    async with p.db.read() as s:
        row, referral = await mediating.mine(s, me, mediation_id)
        ticket = await tickets.get(s, referral.ticket_id)
        shown = await mediationview.case(s, p, row, referral, ticket)
        sides = await sidesview.of(s, p, row)
    await _trace(p, me, "read_mediation", mediation_id)
    state = State(row.status)
    return render.page(
        request,
        "mediation/case.html",
        me=me,
        m=shown,
        sides_of=sides,
        guest=me.role == GUEST,
        state=state.value,
        open=state in OPEN,
        reached=state in SUCCESS,
        failed=state in FAILED,
        today=china_date(p.clock.now()).isoformat(),
        fields=document.FIELDS,
        forms=FORMS,
        ways=WAYS,
        sides=SIDES,
    )


@pages.get("/{mediation_id}/talk")
async def talk(request: Request, p: P, me: Mediating, mediation_id: str) -> Response:
    """What the citizen said, while the mediation is open, each look traced."""
    async with p.db.read() as s:
        row, referral = await mediating.mine(s, me, mediation_id)
        if row.status not in OPEN:
            raise NotFound(mediation=mediation_id)
        ticket = await tickets.get(s, referral.ticket_id)
        messages = await p.gateway.transcript(s, ticket.conversation_id)
        lines = await case.lines_for_desk(s, [m for m in messages if m.who == "citizen"])
    await _trace(p, me, "read_mediation_talk", mediation_id)
    return render.page(request, "mediation/talk.html", me=me, id=mediation_id, lines=lines)


@pages.get("/{mediation_id}/agreement.{form}")
async def agreement(p: P, me: Handling, mediation_id: str, form: str) -> Response:
    """The paper as the template makes it, as DOCX or PDF."""
    if form not in ("docx", "pdf"):
        raise NotFound(mediation=mediation_id)
    async with p.db.read() as s:
        row, referral = await mediating.mine(s, me, mediation_id)
        committee = await s.get(Committee, row.committee_id) if row.committee_id else None
        who = await mediationview.who_mediated(s, row.id)
    if committee is None or row.status not in (State.IN_SESSION, *SUCCESS):
        raise NotFound(mediation=mediation_id)
    await _trace(p, me, "read_agreement", mediation_id)
    filled = document.filled(row, committee, referral.receipt, who)
    made = await run_in_threadpool(document.docx, filled)
    if form == "pdf":
        made = await run_in_threadpool(document.pdf, made)
    kind = DOCX if form == "docx" else "application/pdf"
    name = f'attachment; filename="{referral.receipt}.{form}"'
    headers = {**render.HEADERS, "Content-Disposition": name}
    return Response(made, media_type=kind, headers=headers)


# The steps


@pages.post("/{mediation_id}/invite")
async def invite(p: P, me: Handling, mediation_id: str) -> Response:
    await mediating.may(p, me, mediation_id)
    await p.mediations.invite(mediation_id, me.id)
    return _back(mediation_id)


@pages.post("/{mediation_id}/consent")
async def consent(
    p: P, me: Handling, mediation_id: str,
    side: Annotated[str, Form()], said: Annotated[str, Form()], way: Annotated[str, Form()],
    words: Words = "",
) -> Response:  # fmt: skip
    await mediating.may(p, me, mediation_id)
    if side not in SIDES or said not in ("yes", "no") or way not in WAYS:
        raise BadRequest(consent="unknown")
    await p.mediations.consent(mediation_id, me.id, side, said == "yes", way, words.strip())
    return _back(mediation_id)


@pages.post("/{mediation_id}/session")
async def session(p: P, me: Handling, mediation_id: str, words: Words) -> Response:
    await mediating.may(p, me, mediation_id)
    await p.mediations.session(mediation_id, me.id, _needed(words))
    return _back(mediation_id)


@pages.post("/{mediation_id}/message")
async def message(p: P, me: Handling, mediation_id: str, words: Words) -> Response:
    await mediating.may(p, me, mediation_id)
    await p.mediations.message(mediation_id, me.id, _needed(words))
    return _back(mediation_id)


@pages.post("/{mediation_id}/paper")
async def paper(request: Request, p: P, me: Handling, mediation_id: str) -> Response:
    await mediating.may(p, me, mediation_id)
    await p.mediations.write(mediation_id, me.id, await _paper(request))
    return _back(mediation_id)


@pages.post("/{mediation_id}/agree")
async def agree(
    request: Request, p: P, me: Handling, mediation_id: str,
    form: Annotated[str, Form()], effective: Annotated[date, Form()],
) -> Response:  # fmt: skip
    await mediating.may(p, me, mediation_id)
    written = await _paper(request)
    if form not in FORMS:
        raise BadRequest(form="unknown")
    for name in ("applicant", "respondent", "terms"):
        _needed(written[name])
    await p.mediations.write(mediation_id, me.id, written)
    await p.mediations.agree(mediation_id, me.id, form, effective)
    return _back(mediation_id)


@pages.post("/{mediation_id}/fail")
async def fail(
    p: P, me: Handling, mediation_id: str, to: Annotated[str, Form()], words: Words
) -> Response:
    await mediating.may(p, me, mediation_id)
    if to not in {state.value for state in FAILED}:
        raise BadRequest(to="unknown")
    await p.mediations.fail(mediation_id, me.id, State(to), _needed(words))
    return _back(mediation_id)


@pages.post("/{mediation_id}/alarm")
async def alarm(p: P, me: Handling, mediation_id: str, words: Words) -> Response:
    await mediating.may(p, me, mediation_id)
    await p.mediations.alarm(mediation_id, me.id, _needed(words))
    return _back(mediation_id)


@pages.post("/{mediation_id}/give")
async def give(
    p: P, me: Mediating, mediation_id: str, to: Annotated[str, Form(max_length=64)]
) -> Response:
    await _may(p, me, mediation_id)
    await p.mediations.give_to(mediation_id, me.id, to)
    return RedirectResponse("/mediation", 303)


@pages.post("/{mediation_id}/file")
async def file(p: P, me: Handling, mediation_id: str, on: Annotated[date, Form()]) -> Response:
    await mediating.may(p, me, mediation_id)
    await p.mediations.file(mediation_id, me.id, on)
    return _back(mediation_id)


@pages.post("/{mediation_id}/court")
async def court(
    p: P, me: Handling, mediation_id: str, confirmed: Annotated[str, Form()]
) -> Response:
    await mediating.may(p, me, mediation_id)
    if confirmed not in ("yes", "no"):
        raise BadRequest(court="unknown")
    await p.mediations.court(mediation_id, me.id, confirmed == "yes")
    return _back(mediation_id)


def _needed(words: str) -> str:
    if not words.strip():
        raise WordsNeeded()
    return words.strip().replace("\r\n", "\n")


async def _paper(request: Request) -> dict[str, str]:
    form: Any = await request.form()
    return {
        name: str(form.get(name) or "").strip().replace("\r\n", "\n")[: document.MOST_CHARS]
        for name in document.FIELDS
    }


def _back(mediation_id: str) -> Response:
    return RedirectResponse(f"/mediation/{mediation_id}", 303)


async def _may(p: P, me: Lawyer, mediation_id: str) -> None:
    """Not whom a link has let in."""
    async with p.db.read() as s:
        await mediating.mine(s, me, mediation_id)


async def _trace(p: P, me: Hand | Lawyer, action: str, about: str) -> None:
    async with p.db.write() as s:
        await audit.record(s, p.clock.now(), me.id, action, about)
