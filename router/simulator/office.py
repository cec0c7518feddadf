"""The office that is played: real dispatch, and lawyers who come, answer, miss and close."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select

from router.bus import Bus, Waiter
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.destinations.registry import Destinations
from router.dispatch import silence, timers
from router.dispatch.models import Offer
from router.dispatch.service import Dispatch
from router.errors import NotFound, OfferGone, TicketMovedOn
from router.events import Event, Events, OfferEnded, OfferMade, TicketClosed
from router.lawyers.models import Firm, Lawyer, Shift
from router.settings import ROOT, Settings
from router.simulator import draw, invariants
from router.simulator.after import Aftermath
from router.simulator.agenda import Call, Turn
from router.simulator.clock import VirtualClock
from router.simulator.scenario import Scenario
from router.tickets import service as tickets
from router.tickets.models import Ticket

DESK_LOOKS = 15.0  # seconds: an open desk looks again so often when nothing wakes it (web/live.py)
WORDS_EVERY = 300.0  # seconds
_TOO_LATE = (OfferGone, TicketMovedOn, NotFound)  # the office was faster
_OFFER = select(Offer.id).where(
    Offer.ticket_id == bindparam("ticket"),
    Offer.lawyer_id == bindparam("lawyer"),
    Offer.status == "pending",
)


class Wakes(Bus):
    """While silent, no wake-up arrives anywhere: as if all went through a Redis that is gone."""

    silent = False

    def __init__(self, sure: bool) -> None:
        """`sure`: no wake-up will ever be lost, so nobody need look whether one was."""
        super().__init__(None)
        self._sure = sure

    @asynccontextmanager
    async def waiting_for(self, *topics: str) -> AsyncIterator[Waiter]:
        async with super().waiting_for(*topics) as waiter:
            yield _Sure(waiter) if self._sure else waiter

    async def wake(self, topic: str) -> None:
        if not self.silent:
            await super().wake(topic)


class _Sure(Waiter):
    def __init__(self, waiter: Waiter) -> None:
        self._waiter = waiter

    async def wait(self, at_most: timedelta) -> bool:
        return await self._waiter.wait(timedelta(days=1))


class Office:
    """Everything a scenario may do to an office; `tasks` is where its people act."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        db: Database,
        clock: VirtualClock,
        settings: Settings,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._how = scenario.answering
        self._chance = draw.stream(seed, "answers")
        self._db, self._clock, self._group = db, clock, tasks
        self._acting: dict[asyncio.Task[None], None] = {}
        self.bus, events = Wakes(sure=not scenario.silences), Events()
        events.table = {
            OfferMade: [self._offered],
            OfferEnded: [self._ended],
            TicketClosed: [self._closed],
        }
        doors = Destinations.load(ROOT / "data" / "destinations")
        self.dispatch = Dispatch(db, clock, self.bus, events, settings, doors.queues())
        self.after: Aftermath | None = None
        if scenario.after:
            rooms = self.bus, events, self.dispatch, doors
            self.after = Aftermath(scenario.after, seed, db, clock, *rooms)
        self.lawyers: list[str] = []  # ids, by their number in the scenario
        self._numbers: dict[str, int] = {}
        self.calls: dict[str, Call] = {}  # by ticket
        self.present: dict[int, datetime] = {}  # since when
        self.stays: list[tuple[int, datetime, datetime]] = []
        self.broken: list[invariants.Broken] = []
        self.live = 0
        self.quiet = asyncio.Event()  # no ticket is live
        self.quiet.set()

    async def furnish(self, scenario: Scenario) -> None:
        firm, people = new_id(), []
        for group in scenario.lawyers:
            for number in range(group.people):
                region = group.regions[number % len(group.regions)]
                self.lawyers.append(new_id())
                self._numbers[self.lawyers[-1]] = len(self.lawyers) - 1
                people.append(
                    {
                        "id": self.lawyers[-1], "firm_id": firm, "login": f"l{len(self.lawyers)}",
                        "name": f"{len(self.lawyers)}", "password_hash": "-",
                        "fields": group.fields, "languages": group.languages, "tier": group.tier,
                        "region": region, "capacity": group.capacity,
                        "idle_since": self._clock.now(),
                    }
                )  # fmt: skip
        async with self._db.write() as s:
            s.add(Firm(id=firm, name="模拟律所"))
            await s.flush()
            await s.execute(insert(Lawyer), people)
        if self.after:
            await self.after.furnish(scenario)

    async def roster(self, turns: Sequence[Turn]) -> None:
        rows = [
            {
                "id": new_id(), "lawyer_id": self.lawyers[turn.lawyer],
                "starts_at": turn.starts, "ends_at": turn.ends,
            }
            for turn in turns
        ]  # fmt: skip
        async with self._db.write() as s:
            await s.execute(insert(Shift), rows)

    # A citizen

    async def call(self, call: Call) -> None:
        """A ticket for a duty lawyer, opened as routing does it."""
        now = self._clock.now()
        conversation = Conversation(
            id=new_id(), channel="web", reference=new_id(), token_hash=new_id(),
            token_expires_at=now, region=call.region, consent_at=now, created_at=now,
            updated_at=now,
        )  # fmt: skip
        ticket = Ticket(
            id=new_id(), conversation_id=conversation.id, opened_by=new_id(),
            destination="duty_lawyer", delivery="offer", urgency=call.urgency, matter=call.matter,
            region=call.region, language=call.language,
        )  # fmt: skip
        self.calls[ticket.id] = call
        self.live += 1
        self.quiet.clear()
        async with self._db.write() as s:
            s.add(conversation)
            await s.flush()
            tickets.open_new(s, ticket, now)
            await s.flush()
            timers.ask_again(s, ticket.id, now + timers.RESUME)
        await self.dispatch.offer(ticket.id)

    async def _closed(self, event: Event) -> None:
        self.live -= 1
        if self.live == 0:
            self.quiet.set()

    # A lawyer

    async def check_in(self, lawyer: int) -> None:
        self.present[lawyer] = self._clock.now()
        await self.dispatch.duty(self.lawyers[lawyer], True)

    async def leave(self, lawyer: int) -> None:
        """Their block is over; dispatch sees that in its own roster."""
        if since := self.present.pop(lawyer, None):
            self.stays.append((lawyer, since, self._clock.now()))

    async def _ended(self, event: Event) -> None:
        assert isinstance(event, OfferEnded)
        if event.how == "expired":
            self._act(self._comes_back(event.lawyer_id))

    async def _comes_back(self, lawyer_id: str) -> None:
        """Who missed so many that they were checked out sees it after a while."""
        await self._wait(self._how.comes_back.draw(self._chance))
        async with self._db.read() as s:
            on_duty = await s.scalar(select(Lawyer.on_duty).where(Lawyer.id == lawyer_id))
        if not on_duty and self._numbers[lawyer_id] in self.present:
            await self.dispatch.duty(lawyer_id, True)

    async def _offered(self, event: Event) -> None:
        assert isinstance(event, OfferMade)
        if event.ticket_id in self.calls:  # what a mediator returned is the supervisor's
            self._act(self._answer(event.ticket_id, event.lawyer_id, self._clock.now()))

    async def _answer(self, ticket_id: str, lawyer_id: str, offered_at: datetime) -> None:
        async with self._db.read() as s:
            self.broken += await invariants.passed_over(s, ticket_id, lawyer_id, offered_at)
            offer = await s.scalar(_OFFER, {"ticket": ticket_id, "lawyer": lawyer_id})
        if offer is None or self._chance.random() < self._how.missed:
            return
        await self._wait(self._how.reaction.draw(self._chance) + self._unheard())
        try:
            if self._chance.random() < self._how.declined:
                await self.dispatch.decline(offer, lawyer_id)
            else:
                await self.dispatch.accept(offer, lawyer_id)
                await self._work(ticket_id, lawyer_id)
        except _TOO_LATE:
            return

    async def _work(self, ticket_id: str, lawyer_id: str) -> None:
        call = self.calls[ticket_id]
        if self._chance.random() < self._how.given_back:
            await self._wait(call.handling * self._chance.random())
            await self.dispatch.give_back(ticket_id, lawyer_id)
            return
        await self._talk(ticket_id, call.handling)
        await self.dispatch.close(ticket_id, lawyer_id, call.outcome)

    async def _talk(self, ticket_id: str, seconds: float) -> None:
        """A word to the citizen every few minutes, else the ticket would be taken for forgotten."""
        while seconds > WORDS_EVERY:
            await self._wait(WORDS_EVERY)
            seconds -= WORDS_EVERY
            async with self._db.write() as s:
                await silence.spoke(s, ticket_id, self._clock.now())
        await self._wait(seconds)

    def _unheard(self) -> float:
        return self._chance.uniform(0, DESK_LOOKS) if self.bus.silent else 0.0

    async def _wait(self, seconds: float) -> None:
        await self._clock.sleep(timedelta(seconds=seconds))

    def _act(self, what: Coroutine[Any, Any, None]) -> None:
        task = self._group.create_task(what)
        self._acting[task] = None
        task.add_done_callback(self._acting.pop)

    def send_home(self) -> None:
        """The scenario is over: who still waits or works stops."""
        for lawyer, since in self.present.items():
            self.stays.append((lawyer, since, self._clock.now()))
        for task in self._acting:
            task.cancel()

    async def close_doors(self) -> None:
        """Nobody is on duty while applications and mediations go on."""
        async with self._db.read() as s:
            there = select(Lawyer.id).where(Lawyer.on_duty.is_(True)).order_by(Lawyer.id)
            present = list(await s.scalars(there))
        for lawyer in present:
            await self.dispatch.duty(lawyer, False)
