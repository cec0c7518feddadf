"""Papers as they come in and are opened: looked through for viruses where the office has a scanner.

Off, nothing is scanned and the pages say so. On, the staff open nothing that is not clean; what
comes while the scanner is away is kept, marked and looked at later.
"""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from router.applications import files, moves
from router.applications.models import Application
from router.clock import Clock
from router.conversations.evidence import MAX_BYTES, unsealed
from router.conversations.models import Evidence
from router.db import Database
from router.dispatch.errands import Errands
from router.dispatch.models import Timer
from router.dispatch.service import Dispatch
from router.scan import Infected, NotScannedYet, Scanner, State

TIMER = "paper_scan"
LATER = timedelta(minutes=5)


class Papers:
    def __init__(
        self, db: Database, clock: Clock, dispatch: Dispatch, errands: Errands,
        scanner: Scanner | None,
    ) -> None:  # fmt: skip
        self._db, self._clock, self._scanner = db, clock, scanner
        dispatch.timers.also[TIMER] = errands.of(self._again)

    @property
    def scans(self) -> bool:
        return self._scanner is not None

    async def add(self, application_id: str, item: str, content: bytes) -> str:
        """Its id. Raises BadPaper, TooManyPapers, Infected."""
        state = await self._look(content) if len(content) <= MAX_BYTES else None
        if state == "infected":
            raise Infected(application=application_id)
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            paper = await files.add(s, application, item, content, now, state)
            if state == "waiting":
                data = {"evidence": paper.evidence_id}
                s.add(Timer(id=f"scan-{paper.id}", due_at=now + LATER, kind=TIMER, data=data))
        return paper.id

    async def drop(self, application_id: str, paper_id: str) -> None:
        async with self._db.write() as s:
            await files.drop(s, await moves.locked(s, application_id), paper_id)

    async def for_staff(self, application: Application, paper_id: str) -> tuple[str, bytes]:
        """MIME type and bytes. Raises NotFound, Infected, NotScannedYet."""
        async with self._db.read() as s:
            row = await files.evidence_of(s, application, paper_id)
            mime, content = await files.content(s, application, paper_id)
        await self.cleared(row, content)
        return mime, content

    async def cleared(self, row: Evidence, content: bytes) -> None:
        """Before the staff open it. Raises Infected, NotScannedYet."""
        if self._scanner is None or row.scan == "clean":
            return
        state = row.scan if row.scan == "infected" else await self._look(content)
        await self._mark(row.id, state)
        if state == "infected":
            raise Infected(evidence=row.id)
        if state != "clean":
            raise NotScannedYet(evidence=row.id)

    async def _look(self, content: bytes) -> State | None:
        return await self._scanner.look(content) if self._scanner else None

    async def _mark(self, evidence_id: str, state: str | None) -> None:
        async with self._db.write() as s:
            await s.execute(update(Evidence).where(Evidence.id == evidence_id).values(scan=state))

    async def _again(self, timer: Timer) -> timedelta | None:
        query = select(Evidence).where(Evidence.id == str(timer.data["evidence"]))
        async with self._db.read() as s:
            row = await s.scalar(query.options(undefer(Evidence.content_sealed)))
        if row is None or row.content_sealed is None or row.scan != "waiting":
            return None
        state = await self._look(unsealed(row.id, row.content_sealed))
        if state == "waiting":
            return LATER
        await self._mark(row.id, state)
        return None
