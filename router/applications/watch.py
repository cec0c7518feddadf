"""The clocks' timers and the citizen's news; what the board counts."""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.applications import moves, reminding
from router.applications.casework.models import QualityReview
from router.applications.models import Application, ApplicationEvent
from router.applications.status import OPEN, UNDER_REVIEW, State
from router.bus import Bus
from router.clock import Clock
from router.db import Database
from router.dispatch import timers
from router.dispatch.models import Timer
from router.dispatch.service import Dispatch
from router.events import ApplicationMoved, Events

S = State
TOLD = (reminding.REMINDED, reminding.PRIOR_REMINDED)  # whose words are the citizen's


class Watch:
    def __init__(
        self, db: Database, clock: Clock, bus: Bus, events: Events, dispatch: Dispatch
    ) -> None:
        self._db, self._clock, self._bus, self._events = db, clock, bus, events
        dispatch.timers.also |= {
            moves.CLOCK: self._strike,
            moves.TELL: self._tell,
            reminding.REMIND: self._remind,
        }

    async def _strike(self, timer: Timer) -> None:
        async with self._db.write() as s:
            if application := await _claimed(s, timer):
                await moves.strike(s, application, self._clock.now())
        await self._bus.wake("board")

    async def _remind(self, timer: Timer) -> None:
        async with self._db.write() as s:
            if application := await _claimed(s, timer):
                name = str(timer.data["clock"])
                await moves.remind(s, application, name, self._clock.now())
        await self._bus.wake(timers.TOPIC)

    async def _tell(self, timer: Timer) -> None:
        """The citizen hears of what the staff did; told twice it says nothing more."""
        async with self._db.read() as s:
            event = await s.get_one(ApplicationEvent, str(timer.data["event"]))
            application = await s.get_one(Application, event.application_id)
        news = ApplicationMoved(
            ticket_id=application.ticket_id or "",
            conversation_id=application.conversation_id,
            key=event.id,
            reference=application.reference,
            state=event.now,
            move=event.move,
            words=event.words if event.move in TOLD else "",
        )
        await self._events.publish([news])
        async with self._db.write() as s:
            await timers.drop(s, timer.id)

    async def alarms(self, session: AsyncSession) -> tuple[int, int]:
        """How many wait for the review, and how many have a clock that is or will be broken."""
        live = Application.status.in_([S.DRAFT.value, *(state.value for state in OPEN)])
        ours = (Application.overdue_at, Application.warned_at, Application.prior_overdue_at)
        wrong = or_(*(moment.is_not(None) for moment in ours))
        waiting = Application.status.in_([state.value for state in UNDER_REVIEW])
        count = select(func.count(Application.id))
        return (
            await session.scalar(count.where(waiting)) or 0,
            await session.scalar(count.where(live, wrong)) or 0,
        )

    async def in_hand(self, session: AsyncSession, lawyer_id: str) -> int:
        """Aid cases that the lawyer was assigned and has not ended."""
        return await self._held(session, lawyer_id, S.ASSIGNED)

    async def reports(self, session: AsyncSession, lawyer_id: str) -> int:
        """Ended ones whose report the lawyer owes."""
        return await self._held(session, lawyer_id, S.ENDED)

    async def reviews(self, session: AsyncSession, lawyer_id: str) -> int:
        """Files that were given to the lawyer to be reviewed."""
        count = select(func.count(QualityReview.id)).where(
            QualityReview.reviewer == lawyer_id, QualityReview.grade.is_(None)
        )
        return await session.scalar(count) or 0

    async def _held(self, session: AsyncSession, lawyer_id: str, state: State) -> int:
        count = select(func.count(Application.id)).where(
            Application.lawyer_id == lawyer_id, Application.status == state.value
        )
        return await session.scalar(count) or 0


async def _claimed(s: AsyncSession, timer: Timer) -> Application | None:
    """Its application, locked, and the timer gone. None: it was wound anew or fired meanwhile."""
    named = str(timer.data["application"])
    application = await s.get(Application, named, with_for_update=True)
    found = await s.get(Timer, timer.id)
    if found is None or found.due_at != timer.due_at:
        return None
    return application if await timers.drop(s, timer.id) else None
