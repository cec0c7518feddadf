"""What becomes of those who were passed on: real applications and real mediations, played to their
end by their own services from the next day on; and what the report's queries say of it all."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.applications import assigning, blocks, promise
from router.applications.models import Application, ApplicationEvent
from router.applications.service import Applications
from router.bus import Bus
from router.clock import CHINA, china_date
from router.db import Database, new_id
from router.destinations.registry import Destinations
from router.dispatch.errands import Errands
from router.dispatch.service import Dispatch
from router.events import Events
from router.lawbook import LawBook
from router.lawyers.models import Lawyer
from router.mediation.models import Committee, Mediation, MediationEvent
from router.mediation.service import Mediations
from router.mediation.status import FAILED, State
from router.referrals.models import Referral
from router.referrals.service import Referrals
from router.report.period import Span
from router.report.sources import counted, sources
from router.simulator import draw
from router.simulator.clock import VirtualClock
from router.simulator.scenario import HERE, After, Scenario
from router.tickets.models import Ticket, TicketEvent

ANSWERS = {
    "who": {"who": "self"},
    "person": {"name": "模拟", "id_kind": "other", "id_number": "模拟", "phone": "13900000000",
               "address": "模拟"},
    "case": {"matter": "other", "happened_at": "模拟", "story": "模拟", "wanted": "unsure"},
    "means": {"household_size": "1", "household_income": "0"},
}  # fmt: skip
REFUSED = "LAL 34"


@dataclass(frozen=True)
class Grown:
    """The funnel twice: by the report's queries, and counted from the logs line by line."""

    figures: Mapping[str, int]
    log: Mapping[str, int]


@contextmanager
def sealed() -> Iterator[None]:
    """A key for what nobody will read again."""
    before = crypto.keyring
    crypto.use(crypto.Keyring([bytes(32)]))
    try:
        yield
    finally:
        crypto.keyring = before


class Aftermath:
    def __init__(
        self, how: After, seed: int, db: Database, clock: VirtualClock, bus: Bus, events: Events,
        dispatch: Dispatch, destinations: Destinations,
    ) -> None:  # fmt: skip
        self._how, self._seed, self._db, self._clock = how, seed, db, clock
        self._dispatch = dispatch
        self._law = LawBook(db, clock, bus, HERE)
        Referrals(db, clock, bus, events, dispatch, destinations, lambda text: [])
        errands = Errands(db, clock, bus)
        self._desk = Applications(
            db, clock, bus, events, dispatch, destinations, self._law, errands, scanner=None
        )
        self._room = Mediations(db, clock, bus, events, dispatch)
        self._boss = self._mediator = ""
        self._begins = clock.now()

    async def furnish(self, scenario: Scenario) -> None:
        """A reviewer, a mediator, and a committee in every region."""
        self._boss, self._mediator = new_id(), new_id()
        roles = {"supervisor": self._boss, "mediator": self._mediator}
        async with self._db.write() as s:
            for role, one in roles.items():
                row = {"id": one, "login": role, "name": role, "role": role, "password_hash": ""}
                s.add(Lawyer(**row, region=HERE, idle_since=self._clock.now()))
            for region in scenario.calls.regions:
                s.add(Committee(id=new_id(), name=f"{region}调委会", kind="county", region=region,
                                phone="-", address="-"))  # fmt: skip

    async def play(self, numbers: Mapping[str, int]) -> None:
        """From the next midnight on. `numbers`: of the day's tickets."""
        self._begins = _midnight(china_date(self._clock.now()) + timedelta(days=1))
        await self._clock.until(self._begins)
        async with self._db.read() as s:
            applied = await s.execute(select(Application.ticket_id, Application.id))
            mediated = await s.execute(
                select(Referral.ticket_id, Mediation.id).join(
                    Mediation, Mediation.referral_id == Referral.id
                )
            )
            kinds = ((self._apply, applied.all()), (self._mediate, mediated.all()))
        async with asyncio.TaskGroup() as tasks:
            for act, rows in kinds:
                for number, one in sorted((numbers[ticket], one) for ticket, one in rows if ticket):
                    tasks.create_task(self._story(act, number, one))

    async def _story(
        self, act: Callable[[str, Random], Awaitable[None]], number: int, one: str
    ) -> None:
        await act(one, draw.stream(self._seed, f"{act.__name__}/{number}"))

    async def _apply(self, one: str, chance: Random) -> None:
        how, desk = self._how, self._desk
        await self._wait(how.fills.draw(chance))
        if chance.random() >= how.submitted:
            await desk.withdraw(one)
            return
        for block in blocks.BLOCKS:
            if block.name in ANSWERS:
                await desk.save(one, block, ANSWERS[block.name])
        await desk.submit(one, promise.current().version, "web")
        await self._wait(how.decides.draw(chance))
        if chance.random() >= how.granted:
            await desk.review.refuse(one, self._boss, "模拟", [REFUSED])
            return
        await desk.review.accept(one, self._boss, "")
        async with self._db.read() as s:
            application = await s.get_one(Application, one)
            lawyers = await assigning.candidates(s, application, self._clock.now())
        if lawyers:
            await desk.review.assign(one, self._boss, lawyers[0].id)

    async def _mediate(self, one: str, chance: Random) -> None:
        how, room, by = self._how, self._room, self._mediator
        await self._wait(how.invites.draw(chance))
        await room.invite(one, by)
        await room.consent(one, by, "applicant", True, "phone")
        if chance.random() >= how.both_agree:
            await room.consent(one, by, "respondent", False, "phone")
            await self._came_back(one)
            return
        await room.consent(one, by, "respondent", True, "phone")
        await self._wait(how.meets.draw(chance))
        await room.session(one, by, "模拟")
        if chance.random() < how.agreement:
            await room.agree(one, by, "oral", china_date(self._clock.now()))
        else:
            await room.fail(one, by, State.NO_AGREEMENT, "模拟")
            await self._came_back(one)

    async def _came_back(self, mediation: str) -> None:
        """A duty lawyer answers what did not come to an agreement: not played, the day is over."""
        query = (
            select(Ticket.id)
            .join(Mediation, Ticket.opened_by == "referral:" + Mediation.referral_id + ":returned")
            .where(Mediation.id == mediation)
        )
        async with self._db.read() as s:
            ticket = await s.scalar(query)
        if ticket:
            await self._dispatch.close(ticket, self._boss, "answered")

    async def _wait(self, seconds: float) -> None:
        await self._clock.sleep(timedelta(seconds=seconds))

    # What came of it

    async def told(self, s: AsyncSession, start: datetime) -> Grown:
        now = self._clock.now()
        first = china_date(start)
        day = sources(Span(first, china_date(self._begins), ""))
        since = sources(Span(first, china_date(now) + timedelta(days=1), ""))
        came = await counted(s, day["came"])
        received = await counted(s, since["received"])
        accepted = await counted(s, since["accepted"])
        mediated = await counted(s, since["mediation"])
        figures = {
            "came": came[""], "aid": came["aid"], "mediation": came["mediation"],
            "guided": came["guided"], "received": received[""], "accepted": accepted[""],
            "refused": received["refused"], "ended": mediated["ended"],
            "reached": mediated["reached"],
        }  # fmt: skip
        return Grown(figures, await self._log(s))

    async def _log(self, s: AsyncSession) -> dict[str, int]:
        tickets, applied, mediated = Counter[str](), Counter[str](), Counter[str]()
        of_day = TicketEvent.at < self._begins
        moves = select(TicketEvent.move, TicketEvent.data).where(of_day)
        for move, data in await s.execute(moves):
            tickets[f"closed {data.get('outcome')}" if move == "closed" else move] += 1
        for move in await s.scalars(select(ApplicationEvent.move)):
            applied[move] += 1
        for move in await s.scalars(select(MediationEvent.move)):
            mediated[move] += 1
        reached = mediated[State.AGREEMENT]
        return {
            "came": tickets["opened"], "aid": tickets["closed aid_application"],
            "mediation": tickets["closed referred_mediation"], "guided": tickets["closed guided"],
            "received": applied["submitted"], "accepted": applied["accepted"],
            "refused": applied["refused"], "reached": reached,
            "ended": reached + sum(mediated[state] for state in FAILED),
        }  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
