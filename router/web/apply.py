"""The citizen's application: filled in on a phone, resumed with reference and one-time code, and
where it stands. No page has a name, a number or a code in its address."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from router.agencies import service as agencies
from router.applications import access, blocks, files, forms
from router.applications.casework.ending import ANSWERS
from router.applications.errors import NoAccess
from router.applications.letters import TITLES
from router.applications.models import Application
from router.applications.status import NEXT, State
from router.conversations.models import Conversation
from router.errors import NotFound, RouterError, SessionExpired, TooFast
from router.parts import Parts, parts
from router.sending import service as sendings
from router.sending.status import LABELS
from router.web import applyform, caseview, render, view
from router.web.applyform import Desk
from router.web.evidence import HEADERS
from router.web.origin import same_origin

pages = APIRouter(prefix="/apply", dependencies=[Depends(same_origin)])
COOKIE, UPLOAD = "jy_apply", "/apply/papers"
DESK = Desk("/apply", UPLOAD)
SLOWER = timedelta(seconds=2)  # where many tries come from many addresses
P = Annotated[Parts, Depends(parts)]
Talk = Annotated[str | None, Cookie(alias="jy_session")]
Token = Annotated[str | None, Cookie(alias=COOKIE)]
Words = Annotated[str, Form(max_length=blocks.MOST_CHARS)]


async def own(request: Request, p: P, token: Token = None) -> Application:
    try:
        return await p.applications.mine(token)
    except NoAccess:
        if request.method == "GET":
            raise HTTPException(303, headers={"Location": "/apply"}) from None
        raise


Own = Annotated[Application, Depends(own)]


# The way in


@pages.get("")
async def door(
    request: Request, p: P, talk: Talk = None, token: Token = None, another: str = ""
) -> Response:
    """`another`: the door itself, though an application is open in this browser."""
    try:
        await p.applications.mine(token)
    except NoAccess:
        return await _door(request, p, talk)
    if another:
        return await _door(request, p, talk)
    return RedirectResponse("/apply/status", 303)


async def _door(
    request: Request, p: Parts, talk: str | None, refused: RouterError | None = None
) -> Response:
    conversation = await _talk(p, talk)
    begun = await p.applications.of_talk(conversation) if conversation else None
    intake = view.opened(conversation.intake) if conversation else {}
    return render.page(
        request,
        "apply/door.html",
        refused.status if refused else 200,
        refused.headers if refused else None,
        begun=begun,
        others=[one for one in await _all(p, conversation) if begun is None or one.id != begun.id],
        may_begin=p.applications.decided_here() and bool(intake.get("screening_id")),
        offered=p.applications.offered(intake),
        refused=refused.sentence if refused else "",
    )


async def _talk(p: Parts, token: str | None) -> Conversation | None:
    try:
        return await p.gateway.find(token) if token else None
    except SessionExpired:
        return None


async def _all(p: Parts, conversation: Conversation | None) -> list[Application]:
    return await p.applications.of_person(conversation) if conversation else []


@pages.post("/begin")
async def begin(
    request: Request,
    p: P,
    talk: Talk = None,
    application: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """From the talk in this browser: its application, a new one or the one there is, or the
    one named, of an earlier trouble."""
    conversation = await _talk(p, talk)
    if conversation is None:
        raise NoAccess()
    if application:  # of an earlier trouble of theirs
        theirs = {one.id: one for one in await _all(p, conversation)}
        if application not in theirs:
            raise NoAccess()
        found: Application | None = theirs[application]
    else:
        found = await p.applications.of_talk(conversation)
    if found is None:
        if not view.opened(conversation.intake).get("screening_id"):
            raise NoAccess()
        found = await p.applications.begin(conversation.id)
    code, token = await p.applications.open_for(found.id)
    return _opened(request, p, found.reference, code, token)


@pages.post("/enter")
async def enter(
    request: Request,
    p: P,
    reference: Annotated[str, Form(max_length=40)],
    code: Annotated[str, Form(max_length=40)],
    talk: Talk = None,
) -> Response:
    try:
        await _slow(request, p, access.reference_of(reference))
        fresh, token = await p.applications.enter(reference, code)
    except RouterError as refused:
        return await _door(request, p, talk, refused)
    mine = await p.applications.mine(token)
    return _opened(request, p, mine.reference, fresh, token)


async def _slow(request: Request, p: Parts, reference: str) -> None:
    """By who asks: whoever knows only the reference can make its owner wait, not lock them out."""
    address = request.client.host if request.client else "?"
    rate = p.settings.LOGIN_RATE
    await p.limits.check("apply-from", address, p.settings.OFFICE_LOGIN_RATE)
    await p.limits.check("apply", f"{reference} {address}", rate)
    try:
        await p.limits.check("apply-all", reference, rate)
    except TooFast:
        await p.clock.sleep(SLOWER)


@pages.post("/leave")
async def leave(p: P, token: Token = None) -> Response:
    """Of a telephone that is not one's own: the next at it needs reference and code."""
    async with p.db.write() as s:
        await access.leave(s, token)
    answer = RedirectResponse("/apply", 303)
    answer.delete_cookie(COOKIE, path="/apply")
    return answer


@pages.post("/code")
async def another_code(request: Request, p: P, mine: Own) -> Response:
    return _code_page(request, mine.reference, await p.applications.new_code(mine.id))


def _opened(request: Request, p: Parts, reference: str, code: str, token: str) -> Response:
    answer = _code_page(request, reference, code)
    answer.set_cookie(
        COOKIE,
        token,
        path="/apply",
        httponly=True,
        samesite="lax",
        secure=render.is_https(request),
    )
    return answer


def _code_page(request: Request, reference: str, code: str) -> Response:
    return render.page(request, "apply/code.html", reference=reference, code=code)


# Filling in


@pages.get("/form")
async def form(mine: Own) -> Response:
    if mine.status != State.DRAFT:
        return RedirectResponse("/apply/status", 303)
    first = applyform.first_open(mine)
    return RedirectResponse("/apply/papers" if first == "papers" else f"/apply/form/{first}", 303)


@pages.get("/form/{name}")
async def block(request: Request, p: P, mine: Own, name: str) -> Response:
    if mine.status != State.DRAFT:
        return RedirectResponse("/apply/status", 303)
    return applyform.block_page(request, p, DESK, mine, applyform.block_of(mine, name))


@pages.post("/form/{name}")
async def save(request: Request, p: P, mine: Own, name: str) -> Response:
    return await applyform.save_block(request, p, DESK, mine, name)


@pages.get("/papers")
async def papers(request: Request, p: P, mine: Own) -> Response:
    return await applyform.papers_page(request, p, DESK, mine)


@pages.post("/papers")
async def upload(request: Request, p: P, mine: Own) -> Response:
    return await applyform.upload(request, p, DESK, mine, await request.form())


@pages.get("/papers/{paper_id}")
async def show(p: P, mine: Own, paper_id: str) -> Response:
    async with p.db.read() as s:
        mime, content = await files.content(s, mine, paper_id)
    return Response(content, media_type=mime, headers=HEADERS)


@pages.post("/papers/{paper_id}/drop")
async def drop(p: P, mine: Own, paper_id: str) -> Response:
    await p.applications.papers.drop(mine.id, paper_id)
    return RedirectResponse("/apply/papers", 303)


@pages.get("/send")
async def ready(request: Request, p: P, mine: Own) -> Response:
    if mine.status != State.DRAFT:
        return RedirectResponse("/apply/status", 303)
    return await applyform.send_page(request, p, DESK, mine)


@pages.post("/send")
async def send(
    request: Request, p: P, mine: Own, promised: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    try:
        await p.applications.submit(mine.id, promised, "web")
    except RouterError as refused:
        return await applyform.send_page(request, p, DESK, mine, refused)
    return RedirectResponse("/apply/status", 303)


# Where it stands


@pages.get("/status")
async def status(request: Request, p: P, mine: Own) -> Response:
    return await _status(request, p, mine)


async def _status(
    request: Request, p: Parts, mine: Application, refused: RouterError | None = None
) -> Response:
    told: dict[str, Any] = mine.decision
    async with p.db.read() as s:
        checklist, _ = await applyform.papers_of(s, mine)
        lawyer = await applyform.lawyer_of(s, mine)
        case = await caseview.case(s, mine, for_recipient=True)
        verify = await agencies.to_verify(s, mine)
        sent = await sendings.of(s, mine.id)
    return render.page(
        request,
        "apply/status.html",
        refused.status if refused else 200,
        mine=mine,
        standing=applyform.standing(mine, p),
        told=told,
        lawyer=lawyer,
        case=case,
        answers=ANSWERS,
        verify=verify,
        letters=[(one.id, TITLES[one.letter["kind"]]) for one in sent if one.state == "sent"],
        parcels=[(LABELS[one.state], one.waybill) for one in sent if one.waybill],
        checklist=checklist,
        papers=[(name, forms.TITLES[name]) for name in forms.names(mine)],
        prior_due=applyform.day_of(mine.prior_due_at),
        office=applyform.office_of(p, mine.region),
        may={state.value for state in NEXT[State(mine.status)]},
        refused=refused.sentence if refused else "",
    )


@pages.post("/{step}")
async def step(request: Request, p: P, mine: Own, step: str, words: Words = "") -> Response:
    """What the applicant may do with what was submitted."""
    try:
        if step == "supply":
            await p.applications.supply(mine.id, words.strip())
        elif step == "completed":
            await p.applications.ending.prior_supplied(mine.id, words.strip())
        elif step == "object":
            await p.applications.object(mine.id, words.strip())
        elif step == "withdraw":
            await p.applications.withdraw(mine.id, words=words.strip())
        elif step == "satisfied":
            await p.applications.casework.rate(mine.id, words.strip())
        else:
            raise NotFound(step=step[:20])
    except RouterError as refused:
        return await _status(request, p, mine, refused)
    return RedirectResponse("/apply/status", 303)


@pages.get("/pdf/{name}")
@pages.get("/docx/{name}")
async def paper(request: Request, p: P, mine: Own, name: str) -> Response:
    await p.limits.check("apply-pdf", mine.id, p.settings.MESSAGE_RATE)  # each costs a processor
    return await applyform.paper(request, p, mine, name)
