"""Papers of an application: looked at by content, kept encrypted as evidence of the case."""

import asyncio
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from router.applications import papers
from router.applications.errors import ApplicationMovedOn, BadPaper, TooManyPapers
from router.applications.models import Application, Paper
from router.applications.status import State
from router.conversations.evidence import MAX_BYTES, mime_of, seal, unsealed
from router.conversations.models import Evidence
from router.db import new_id
from router.errors import NotFound

MOST = 40
FITS = ("image/jpeg", "image/png", "image/gif", "application/pdf")
TAKES = (State.DRAFT, State.SUBMITTED, State.SUPPLEMENT)  # later, the review has read them


def takes(application: Application) -> bool:
    """Papers may still come: the review has not read them yet, or aid came before them."""
    return application.status in TAKES or application.prior_due_at is not None


async def add(
    s: AsyncSession, application: Application, item: str, content: bytes, now: datetime,
    scan: str | None,
) -> Paper:  # fmt: skip
    """`scan`: clean | waiting; None: there is no scanner. Raises BadPaper, TooManyPapers."""
    mime = mime_of(content)
    known = {line.item for line in papers.lines() if line.need != "never"}
    if mime not in FITS or len(content) > MAX_BYTES or item not in known:
        raise BadPaper(application=application.id)
    if not takes(application):
        raise ApplicationMovedOn(application=application.id)
    count = select(func.count(Paper.id)).where(Paper.application_id == application.id)
    if (await s.scalar(count) or 0) >= MOST:
        raise TooManyPapers(application=application.id)
    row = Evidence(
        id=new_id(),
        conversation_id=application.conversation_id,
        kind="file" if mime == "application/pdf" else "image",
        state="kept",
        mime=mime,
        size=len(content),
        scan=scan,
        created_at=now,
    )
    row.content_sealed = await asyncio.to_thread(seal, row.id, content)
    s.add(row)
    await s.flush()
    paper = Paper(
        id=new_id(),
        application_id=application.id,
        evidence_id=row.id,
        item=item,
        created_at=now,
    )
    s.add(paper)
    return paper


async def drop(s: AsyncSession, application: Application, paper_id: str) -> None:
    """Before it is submitted; afterwards it is part of the file."""
    if application.status != State.DRAFT:
        raise ApplicationMovedOn(application=application.id)
    paper = await s.get(Paper, paper_id)
    if paper is None or paper.application_id != application.id:
        raise NotFound(paper=paper_id)
    await s.delete(paper)
    await s.flush()
    await s.execute(delete(Evidence).where(Evidence.id == paper.evidence_id))


async def of(s: AsyncSession, application: Application) -> list[tuple[Paper, str | None]]:
    """Each with what the scanner said of it."""
    query = select(Paper, Evidence.scan).join(Evidence, Evidence.id == Paper.evidence_id)
    mine = query.where(Paper.application_id == application.id)
    rows = await s.execute(mine.order_by(Paper.created_at, Paper.id))
    return [(paper, scan) for paper, scan in rows]


async def content(s: AsyncSession, application: Application, paper_id: str) -> tuple[str, bytes]:
    """MIME type and bytes. Raises NotFound."""
    row = await evidence_of(s, application, paper_id)
    if row.content_sealed is None:
        raise NotFound(paper=paper_id)
    return str(row.mime), await asyncio.to_thread(unsealed, row.id, row.content_sealed)


async def evidence_of(s: AsyncSession, application: Application, paper_id: str) -> Evidence:
    """With its content. Raises NotFound."""
    row = await s.scalar(
        select(Evidence)
        .join(Paper, Paper.evidence_id == Evidence.id)
        .where(Paper.id == paper_id, Paper.application_id == application.id)
        .options(undefer(Evidence.content_sealed))
    )
    if row is None:
        raise NotFound(paper=paper_id)
    return row
