"""Applications for legal aid, from the case they grow out of to the end of the aid. Each method is
one transaction; rows are locked in the order ticket, application, timers, lawyers."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications import (
    access,
    asking,
    blocks,
    clocks,
    ending,
    moves,
    prefill,
    promise,
    roots,
)
from router.applications.casework.quality import Quality
from router.applications.casework.service import Casework
from router.applications.clocks import Pause
from router.applications.deciding import Review
from router.applications.errors import ApplicationMovedOn, BadDecision, NotComplete, PromiseNeeded
from router.applications.keeping import Papers
from router.applications.models import Application
from router.applications.notices import Notices
from router.applications.status import State
from router.applications.watch import Watch
from router.bus import Bus
from router.clock import Clock, china_date
from router.codes import new_code
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.destinations.registry import Destinations
from router.dispatch import timers
from router.dispatch.errands import Errands
from router.dispatch.service import Dispatch
from router.errors import NotFound
from router.events import Events
from router.lawbook import LawBook
from router.routing.models import Screening
from router.scan import Scanner
from router.tickets.models import Ticket

S = State
OUTCOME = "aid_application"  # of a lawyer's case: its application is opened for the citizen
DOOR = "legal_aid_application"


class Applications:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        bus: Bus,
        events: Events,
        dispatch: Dispatch,
        destinations: Destinations,
        lawbook: LawBook,
        errands: Errands,
        scanner: Scanner | None,
    ) -> None:
        self._db, self._clock, self._bus = db, clock, bus
        self.papers = Papers(db, clock, dispatch, errands, scanner)
        self._destinations, self._lawbook = destinations, lawbook
        self.review = Review(db, clock, lawbook, self._wake)
        self.asking = asking.Asking(db, clock, bus, self._wake)
        self.ending = ending.Ending(db, clock, lawbook, self._wake)
        self.notices = Notices(db, clock, self._wake, self._review_due)
        dispatch.timers.also[asking.ASKED] = self.asking.silent
        dispatch.timers.also[ending.PRIOR] = self.ending.strike
        self.casework = Casework(db, clock, self._wake)
        self.quality = Quality(db, clock)
        dispatch.closing.append(self._grow)
        self.watch = Watch(db, clock, bus, events, dispatch)

    # Where it begins

    def decided_here(self) -> bool:
        """False: the destination's file refers applications to another organ."""
        door = self._destinations.get(DOOR)
        return door is not None and door.referral is None

    def offered(self, intake: Mapping[str, Any]) -> bool:
        """Whether the pre-screening has opened this door, be it only as one more choice."""
        return self.decided_here() and DOOR in (intake.get("destinations") or ())

    async def begin(
        self, conversation_id: str, by: str | None = None, ticket_id: str | None = None
    ) -> Application:
        """That of the ticket's trouble, else of what is talked about now; one each."""
        async with self._db.write() as s:
            ticket = await s.get(Ticket, ticket_id) if ticket_id else None
            return await self._begin(s, conversation_id, ticket, by)

    async def _grow(self, s: AsyncSession, ticket: Ticket, by: str, now: datetime) -> None:
        """A lawyer closes a case as an application: its draft is there in the same moment."""
        if ticket.outcome == OUTCOME and self.decided_here():
            await self._begin(s, ticket.conversation_id, ticket, by)

    async def _begin(
        self, s: AsyncSession, conversation_id: str, ticket: Ticket | None, by: str | None
    ) -> Application:
        """Locks no conversation: its ticket may be locked, and everybody else locks that later."""
        talk = await s.get(Conversation, conversation_id)
        if talk is None:
            raise NotFound(conversation=conversation_id)
        root, intake = roots.trouble(talk, ticket)
        found: Application | None = await s.scalar(roots.grown(root))
        if found is None:
            try:
                async with s.begin_nested():
                    return await self._open(s, talk, root, json.loads(intake or "{}"), ticket, by)
            except IntegrityError:  # begun twice at once: the other one has made it
                found = (await s.scalars(roots.grown(root))).one()
        if found.status == S.DRAFT:
            found.helper = found.helper or by
        if ticket is not None:
            found.ticket_id = found.ticket_id or ticket.id
        return found

    async def _open(
        self, s: AsyncSession, talk: Conversation, root: str, intake: dict[str, Any],
        ticket: Ticket | None, by: str | None,
    ) -> Application:  # fmt: skip
        screening = await s.get(Screening, intake.get("screening_id") or "")
        decided = json.loads(screening.decision) if screening else {}
        application = Application(
            id=new_id(),
            reference=new_code(access.PREFIX),
            grown_from=root,
            conversation_id=talk.id,
            ticket_id=ticket.id if ticket else None,
            screening_id=screening.id if screening else None,
            region=talk.region,
            matter=intake.get("label"),
            code_index="none yet",
            helper=by,
        )
        number = str(ticket.call_back.get("number", "")) if ticket else ""
        application.form = prefill.form_of(intake, decided, await roots.said(s, talk.id), number)
        await moves.open_new(s, application, self._clock.now(), by)
        return application

    # The citizen's browser

    async def open_for(self, application_id: str) -> tuple[str, str]:
        """A fresh code and a token, for who has proved by their talk that it is theirs."""
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            return access.give(application), access.let_in(application, self._clock.now())

    async def enter(self, reference: str, code: str) -> tuple[str, str]:
        """The next code and a token. Raises WrongCode."""
        async with self._db.write() as s:
            _, fresh, token = await access.enter(s, reference, code, self._clock.now())
        return fresh, token

    async def new_code(self, application_id: str, by: str | None = None) -> str:
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if by:
                await audit.record(s, self._clock.now(), by, "application_code", application.id)
            return access.give(application)

    async def mine(self, token: str | None) -> Application:
        async with self._db.read() as s:
            return await access.of_token(s, token, self._clock.now())

    async def of_ticket(self, ticket_id: str) -> Application | None:
        """The application that a lawyer has closed this case as."""
        query = select(Application).where(Application.ticket_id == ticket_id)
        async with self._db.read() as s:
            found: Application | None = await s.scalar(query)
        return found

    async def of_person(self, talk: Conversation) -> list[Application]:
        """All that have grown out of this talk, the newest first."""
        query = select(Application).where(Application.conversation_id == talk.id)
        async with self._db.read() as s:
            return list(await s.scalars(query.order_by(Application.created_at.desc())))

    async def of_talk(self, talk: Conversation) -> Application | None:
        async with self._db.read() as s:
            found: Application | None = await s.scalar(roots.grown(roots.of(talk)))
        return found

    # Filling in

    async def help(self, application_id: str, by: str, where: str, consent: str) -> None:
        """代填: who of the staff types, where, and whose consent they were given."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await _draft(s, application_id)
            application.helper = by
            application.helped = {"where": where, "consent": consent, "at": now.isoformat()}
            moves.custody(s, application, now)
            await audit.record(s, now, by, "application_help", application.id)

    async def save(
        self, application_id: str, block: blocks.Block, given: Mapping[str, Any]
    ) -> dict[str, str]:
        """Keeps the block's answers, the wrong ones too; what is wrong, by field."""
        async with self._db.write() as s:
            application = await _draft(s, application_id)
            form = application.form
            answers, wrong = blocks.read(block, given, form)
            application.form = {**form, **answers}
            application.matter = application.form.get("matter") or application.matter
            moves.custody(s, application, self._clock.now())
        return wrong

    async def submit(
        self, application_id: str, version: str, channel: str, by: str | None = None
    ) -> None:
        """`version`: of the promise that was read and ticked. Raises NotComplete, PromiseNeeded."""
        said = promise.current()
        if version != said.version:
            raise PromiseNeeded()
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.status != S.DRAFT:
                return  # a second click
            if lacking := blocks.missing(application.form):
                raise NotComplete(blocks=lacking)
            if by is not None and not application.helped:
                raise PromiseNeeded()
            kept = {"version": version, "text": said.text, "at": now.isoformat()}
            application.promise = {**kept, "channel": channel, "by": by}
            due = self._review_due(application.region, now)
            sets = {"submitted_at": now}
            await moves.move(s, application, S.SUBMITTED, now, by=by, due=due, sets=sets)
        await self._wake(application)

    async def supply(self, application_id: str, words: str, by: str | None = None) -> None:
        """What was missing is there: the review goes on. `by`: of the staff who received it."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.status == S.SUPPLEMENTED:
                return
            if application.status != S.SUPPLEMENT:
                raise ApplicationMovedOn(application=application_id, now=application.status)
            assert application.submitted_at and application.asked_at
            pause = Pause(china_date(application.asked_at), china_date(now))
            due = self._review_due(application.region, application.submitted_at, pause)
            sets = {"supplied_at": now}
            to = S.SUPPLEMENTED
            await moves.move(s, application, to, now, by=by, words=words, due=due, sets=sets)
            if by:
                await audit.record(s, now, by, "application_supplemented", application.id)
        await self._wake(application)

    async def withdraw(self, application_id: str, by: str | None = None, words: str = "") -> None:
        """By the applicant; by the staff only as deemed so, when nothing was supplied in time."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            over = application.due_at is not None and now > application.due_at
            if by is not None and not (application.status == S.SUPPLEMENT and over):
                raise ApplicationMovedOn(application=application.id)
            freed = {"grown_from": f"{application.grown_from}:{application.id}"}  # to apply again
            await moves.move(s, application, S.WITHDRAWN, now, by=by, words=words, sets=freed)
        await self._wake(application)

    async def object(self, application_id: str, words: str) -> None:
        """A late one is taken too: the bureau looks at it, no machine."""
        if not words:
            raise BadDecision()
        now = self._clock.now()
        due = clocks.due("answer", now)
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            await moves.move(s, application, S.OBJECTED, now, words=words, due=due)
        await self._wake(application)

    def _review_due(self, region: str, received: datetime, pause: Pause | None = None) -> datetime:
        local = self._lawbook.current.regions.get(region)
        days = local.review.workdays if local and local.review else None
        return clocks.end_of(clocks.review_ends(china_date(received), days, pause))

    async def _wake(self, application: Application) -> None:
        for topic in ("board", timers.TOPIC, f"conversation:{application.conversation_id}"):
            await self._bus.wake(topic)


async def _draft(s: AsyncSession, application_id: str) -> Application:
    application = await moves.locked(s, application_id)
    if application.status != S.DRAFT:
        raise ApplicationMovedOn(application=application_id)
    return application
