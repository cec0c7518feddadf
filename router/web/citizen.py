"""The citizen's page: consent, then one chat that survives reload and a lost network."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from router.conversations.models import Conversation, Message
from router.dispatch import outlook
from router.errors import NotFound, SessionExpired
from router.gateway.lines import last_client_seq, topic
from router.gateway.text import KEPT_MAX_CHARS
from router.lawyers.models import Lawyer
from router.parts import Parts, parts
from router.tickets import service as tickets
from router.tickets.status import Status
from router.web import live, render, view, words
from router.web.origin import same_origin

pages = APIRouter(dependencies=[Depends(same_origin)])
P = Annotated[Parts, Depends(parts)]
Token = Annotated[str | None, Cookie(alias="jy_session")]
# what only the machine needs to know
HIDDEN = frozenset({"region", "apply_date", "pending_on", "source", "agency_at", "forum_at"})


@pages.get("/")
async def home(request: Request, p: P, token: Token = None) -> Response:
    conversation = await _current(p, token)
    if conversation is None:
        return render.page(request, "citizen/start.html", days=p.settings.SESSION_TTL.days)
    async with p.db.read() as session:
        messages = await p.gateway.transcript(session, conversation.id)
        lines = await lines_of(session, messages)
        state, facts = await panels_of(p, session, conversation.id)
        next_seq = await last_client_seq(session, conversation.id) + 1
    return render.page(
        request,
        "citizen/chat.html",
        conversation=conversation,
        lines=lines,
        state=state,
        facts=facts,
        next_seq=next_seq,
        limit=KEPT_MAX_CHARS,
        to_wechat=p.wechat.accounts
        and conversation.carried_seq is None
        and conversation.status == "open",
    )


@pages.get("/chat/{conversation_id}/events")
async def events(
    request: Request,
    p: P,
    conversation_id: str,
    token: Token = None,
    after: live.After = 0,
) -> EventSourceResponse:
    await _mine(p, token, conversation_id)
    seen = live.resume_after(request, after)
    changed = live.Changed()

    async def look() -> Sequence[ServerSentEvent]:
        nonlocal seen
        async with p.db.read() as session:
            messages = await p.gateway.transcript(session, conversation_id, after=seen)
            lines = [(m.seq, await lines_of(session, [m])) for m in messages]
            state, facts = await panels_of(p, session, conversation_id)
        seen = messages[-1].seq if messages else seen
        said = [ServerSentEvent(event="message", id=str(seq), data=html) for seq, html in lines]
        return [*said, *changed.events({"state": state + facts})]

    return live.stream(p, [topic(conversation_id)], look)


@pages.get("/chat/{conversation_id}/lines")
async def lines(
    p: P,
    conversation_id: str,
    token: Token = None,
    after: live.After = 0,
    wait: Annotated[float, Query(ge=0, le=live.POLL_MAX)] = 0,
) -> Response:
    """The same as `events` for browsers and proxies that let no stream through."""
    await _mine(p, token, conversation_id)

    async def look() -> tuple[str, str]:
        async with p.db.read() as session:
            messages = await p.gateway.transcript(session, conversation_id, after=after)
            state, facts = await panels_of(p, session, conversation_id)
            return await lines_of(session, messages), state + facts

    return render.part(await live.poll(p, topic(conversation_id), look, wait))


async def lines_of(session: AsyncSession, messages: Sequence[Message]) -> str:
    names = await names_of(session, {m.author for m in messages if m.author})
    return render.fragment("parts/lines.html", lines=view.for_citizen(messages, names))


async def names_of(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    if not ids:
        return {}
    rows = await session.execute(select(Lawyer.id, Lawyer.name).where(Lawyer.id.in_(ids)))
    return {row.id: row.name for row in rows}


async def panels_of(p: Parts, session: AsyncSession, conversation_id: str) -> tuple[str, str]:
    """Who speaks, where the ticket stands, and what has been understood so far."""
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound(conversation=conversation_id)
    found = await tickets.of_conversation(session, conversation_id)
    asked = any(t.status == Status.OFFERED for t in found)
    queued = next((t for t in found if t.status == Status.OPEN), None)
    owner = next((t.owner for t in found if t.status == Status.ACCEPTED and t.owner), None)
    names = await names_of(session, {owner} if owner else set())
    speaker = await p.gateway.speaker(session, conversation_id)
    now = p.clock.now()
    waits = await outlook.of(session, queued, now) if queued else None
    state: dict[str, Any] = {
        "closed": conversation.status != "open",
        "speaker": speaker,
        "lawyer": f"{names[owner]} 律师" if owner in names else "",
        "thinking": await p.gateway.thinking(session, conversation_id),
        "asked": asked,
        "position": waits.position if waits else None,
        "nobody": queued is not None and queued.alarmed_at is not None,
        "waits": outlook.words(waits, now) if waits else "",
    }
    intake = view.opened(conversation.intake)
    state["apply"] = await _application(p, conversation, intake)
    facts = words.facts_of(intake, {}, HIDDEN)
    return (
        render.fragment("parts/state.html", state=state),
        render.fragment("parts/facts.html", facts=facts),
    )


async def _application(p: Parts, conversation: Conversation, intake: Mapping[str, Any]) -> str:
    """What the way to the application form is called; empty: there is none yet."""
    if await p.applications.of_talk(conversation):
        return "申请进度"
    if p.applications.offered(intake):
        return "填写法律援助申请表"
    no = intake.get("screening_id") and intake.get("outcome") in ("NOT_MEANS", "OUT_OF_SCOPE")
    return "仍要申请法律援助" if no and p.applications.decided_here() else ""


async def _mine(p: Parts, token: str | None, conversation_id: str) -> Conversation:
    return await p.gateway.find(token, conversation_id)


async def _current(p: Parts, token: str | None) -> Conversation | None:
    """The conversation that this browser's cookie opens, if any."""
    try:
        return await p.gateway.find(token) if token else None
    except SessionExpired:
        return None
