"""A picture or a voice of the citizen's talk, for who may read the case. Every look leaves a trace.
Papers of an application are shown by the application's pages alone, to those who may read it."""

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import undefer
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from router.applications.models import Paper
from router.conversations import evidence as files
from router.conversations.models import Evidence
from router.errors import NotFound, RouterError
from router.tickets.service import of_conversation
from router.web import staff
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk")
# it was made by a stranger: shown alone, with no right to do anything
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class NotHereYet(RouterError):
    """这份材料还没有取到，请过一会儿再打开；如果一直打不开，请当事人再发一次。"""

    status = 404


@pages.get("/evidence/{evidence_id}")
async def show(p: P, me: Staff, evidence_id: str) -> Response:
    async with p.db.read() as session:
        of_application = select(Paper.id).where(Paper.evidence_id == Evidence.id).exists()
        query = select(Evidence).where(Evidence.id == evidence_id, ~of_application)
        row = await session.scalar(query.options(undefer(Evidence.content_sealed)))
        tickets = await of_conversation(session, row.conversation_id) if row else []
        if row is None or not any(staff.may_read(ticket, me) for ticket in tickets):
            raise NotFound(evidence=evidence_id, lawyer=me.id)
    if not row.content_sealed or not row.mime:
        raise NotHereYet(evidence=evidence_id)
    content = await run_in_threadpool(files.unsealed, row.id, row.content_sealed)
    await p.applications.papers.cleared(row, content)
    await staff.trace(p, me, "read_evidence", evidence_id)
    return Response(content, media_type=row.mime, headers=HEADERS)
