"""Whatever happens in whatever order, in two processes: nothing is lost, nobody is overloaded."""

import asyncio
import os
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from router import crypto
from router.db import Database
from router.dispatch.keys import keys_of
from router.dispatch.models import Offer, Opening, Timer
from router.errors import RouterError
from router.lawyers.models import Lawyer
from router.settings import Settings
from router.tickets.models import Ticket, TicketEvent
from router.tickets.status import ENDINGS, NEXT, OUTCOMES, Status
from tests.conftest import POSTGRESQL, _all_tables, make_tables
from tests.fakes import FakeClock
from tests.router.dispatch.conftest import Room

index = st.integers(0, 20)
S = Status


class DutyRoom(RuleBasedStateMachine):
    """Three lawyers of different capacity, one supervisor, citizens with one or more troubles."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        options = Settings(STATE_DIR=Path(self.folder.name), DATABASE_URL=POSTGRESQL)
        self.clock = FakeClock()
        crypto.use(crypto.Keyring([os.urandom(32)]))
        self.run(self.tables(options.database_url))
        self.room = Room(Database(options.database_url), self.clock, options)
        self.second = self.room.another()

    async def tables(self, url: str) -> None:
        if POSTGRESQL:
            db = Database(url)
            async with db.engine.begin() as connection:
                await connection.run_sync(_all_tables().create_all)
            await db.close()
        await make_tables(url)

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.room.close())
        self.run(self.room.db.close())
        self.run(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()

    def try_(self, *work: Any) -> None:
        """At the same time; a refusal is an answer, anything else is a fault."""
        for result in self.run(self._together(work)):
            if isinstance(result, BaseException) and not isinstance(result, RouterError):
                raise result

    async def _together(self, work: Any) -> list[Any]:
        return await asyncio.gather(*work, return_exceptions=True)

    def rows(self, kind: Any, *where: Any) -> list[Any]:
        async def read() -> list[Any]:
            async with self.room.db.read() as s:
                return list(await s.scalars(select(kind).where(*where).order_by(kind.id)))

        return self.run(read())

    def pick(self, rows: list[Any], n: int) -> Any:
        """None of none: a race may end either way, so no rule may hang on how it did."""
        return rows[n % len(rows)] if rows else None

    @property
    def pending(self) -> list[Offer]:
        return self.rows(Offer, Offer.status == "pending")

    @property
    def owned(self) -> list[Ticket]:
        return self.rows(Ticket, Ticket.status == S.ACCEPTED.value)

    # What happens

    @initialize(on=st.lists(st.booleans(), min_size=3, max_size=3))
    def staff(self, on: list[bool]) -> None:
        people = zip(("王律师", "李律师", "张律师"), (1, 2, 3), on, strict=True)
        for name, capacity, duty in people:
            self.run(self.room.lawyer(name, capacity=capacity, on_duty=duty))
        self.boss = self.run(self.room.lawyer("主管", role="supervisor", on_duty=False))
        self.lawyers = self.rows(Lawyer, Lawyer.role == "lawyer")

    @rule(urgency=st.sampled_from([0, 1, 4]), same=index, again=st.booleans())
    def a_citizen_comes(self, urgency: int, same: int, again: bool) -> None:
        known = sorted({t.conversation_id for t in self.rows(Ticket)})
        conversation = self.pick(known, same) if again else None
        ticket = self.run(self.room.ticket(conversation, urgency=urgency))
        self.run(self._history(ticket))
        self.try_(self.room.dispatch.drain())

    async def _history(self, ticket: Ticket) -> None:
        async with self.room.db.write() as s:
            s.add(
                TicketEvent(
                    ticket_id=ticket.id, at=self.clock.now(), move="opened", was=None, now="open"
                )
            )

    @rule(who=index, on=st.booleans())
    def a_lawyer_comes_or_goes(self, who: int, on: bool) -> None:
        self.try_(self.room.dispatch.duty(self.pick(self.lawyers, who).id, on))

    @rule(seconds=st.sampled_from([1, 44, 45, 120, 600]))
    def time_passes(self, seconds: int) -> None:
        self.run(self.clock.advance(timedelta(seconds=seconds)))
        self.try_(self.room.dispatch.timers.fire_due(), self.second.timers.fire_due())

    @rule(n=index)
    def a_lawyer_accepts(self, n: int) -> None:
        if (offer := self.pick(self.pending, n)) is None:
            return
        self.try_(self.room.dispatch.accept(offer.id, offer.lawyer_id))

    @rule(n=index)
    def a_lawyer_declines(self, n: int) -> None:
        if (offer := self.pick(self.pending, n)) is None:
            return
        self.try_(self.room.dispatch.decline(offer.id, offer.lawyer_id, None))

    @rule(n=index, other=st.sampled_from(["decline", "accept", "leave", "close", "expire"]))
    def two_things_happen_to_an_offer_at_once(self, n: int, other: str) -> None:
        if (offer := self.pick(self.pending, n)) is None:
            return
        who = offer.lawyer_id
        second = {
            "decline": lambda: self.second.decline(offer.id, who, None),
            "accept": lambda: self.second.accept(offer.id, who),
            "leave": lambda: self.second.duty(who, False),
            "close": lambda: self.second.close(offer.ticket_id, self.boss.id, "withdrawn"),
            "expire": lambda: self._expire(offer.id),
        }[other]
        self.try_(self.room.dispatch.accept(offer.id, who), second())

    async def _expire(self, offer_id: str) -> None:
        """As the timer loop does it."""
        await self.second.expire(offer_id)
        await self.second.drain()

    @rule(n=index, outcome=st.sampled_from(sorted(OUTCOMES)))
    def a_lawyer_closes(self, n: int, outcome: str) -> None:
        if (ticket := self.pick(self.owned, n)) is None:
            return
        self.try_(self.room.dispatch.close(ticket.id, ticket.owner, outcome))

    @rule(n=index)
    def a_lawyer_gives_back_twice_at_once(self, n: int) -> None:
        if (ticket := self.pick(self.owned, n)) is None:
            return
        self.try_(
            self.room.dispatch.give_back(ticket.id, ticket.owner),
            self.second.give_back(ticket.id, ticket.owner),
        )

    @rule(n=index, to=index, how=st.sampled_from(["hand_over", "assign"]))
    def a_ticket_goes_to_a_colleague(self, n: int, to: int, how: str) -> None:
        if (ticket := self.pick(self.owned, n)) is None:
            return
        other = self.pick(self.lawyers, to).id
        if how == "assign":
            self.try_(self.room.dispatch.assign(ticket.id, other, self.boss.id))
        else:
            self.try_(self.room.dispatch.hand_over(ticket.id, ticket.owner, other, "请接着办"))

    @rule(n=index, other=index, how=st.sampled_from(["take_back", "requeue", "merge", "assign"]))
    def the_supervisor_steps_in(self, n: int, other: int, how: str) -> None:
        tickets, room, boss = self.rows(Ticket), self.room.dispatch, self.boss.id
        if not tickets:
            return
        ticket = self.pick(tickets, n).id
        to = self.pick(self.lawyers, other).id
        does = {
            "take_back": lambda: room.take_back(ticket, boss),
            "requeue": lambda: room.requeue(ticket, boss),
            "merge": lambda: room.merge(ticket, self.pick(tickets, other).id, boss),
            "assign": lambda: room.assign(ticket, to, boss),
        }[how]
        self.try_(does(), self.second.drain())

    @rule(n=index)
    def a_trouble_turns_dangerous(self, n: int) -> None:
        if (ticket := self.pick(self.rows(Ticket), n)) is not None:
            self.try_(self.room.dispatch.urge(ticket.id, 0, {}))

    # What must hold after each of them

    @invariant()
    def each_lawyers_load_is_what_they_hold(self) -> None:
        held = Counter(o.lawyer_id for o in self.pending) + Counter(t.owner for t in self.owned)
        for lawyer in self.rows(Lawyer):
            assert lawyer.load == held[lawyer.id] <= lawyer.capacity

    @invariant()
    def no_ticket_waits_unseen(self) -> None:
        offers = {o.ticket_id: o for o in self.pending}
        assert len(offers) == len(self.pending), "two lawyers are asked at once"
        timers = {t.id for t in self.rows(Timer)}
        expected = set()
        for ticket in self.rows(Ticket):
            offer = offers.pop(ticket.id, None)
            if ticket.status == S.OPEN:
                assert not offer and not ticket.owner and not ticket.offered_to
                assert ticket.alarmed_at, "it waits without an alarm"
                expected.add(f"ask-{ticket.id}")
            elif ticket.status == S.OFFERED:
                assert offer and ticket.offered_to == offer.lawyer_id and not ticket.owner
                expected.add(offer.id)
            else:
                if ticket.status == S.ACCEPTED:
                    expected.add(f"silence-{ticket.id}")
                assert not offer and not ticket.offered_to
                assert ticket.status == S.ACCEPTED or ticket.outcome in ENDINGS
                assert ticket.owner or ticket.status == S.CLOSED
        assert not offers
        assert timers == expected, "a timer too many or too few"

    @invariant()
    def who_is_on_duty_can_be_found_and_nobody_else(self) -> None:
        async def read() -> set[tuple[str, str, int]]:
            async with self.room.db.read() as s:
                return {(o.lawyer_id, o.key, o.free) for o in await s.scalars(select(Opening))}

        on_duty = self.rows(Lawyer, Lawyer.on_duty, Lawyer.role == "lawyer")
        stand = {(w.id, key, int(w.load < w.capacity)) for w in on_duty for key in keys_of(w)}
        assert self.run(read()) == stand

    @invariant()
    def nobody_waits_while_a_lawyer_who_was_not_asked_is_free(self) -> None:
        with_person = {
            t.conversation_id
            for t in self.rows(Ticket, Ticket.status.in_([S.OFFERED.value, S.ACCEPTED.value]))
        }
        free = {w.id for w in self.rows(Lawyer, Lawyer.on_duty, Lawyer.load < Lawyer.capacity)}
        for ticket in self.rows(Ticket, Ticket.status == S.OPEN.value):
            if ticket.conversation_id not in with_person:
                asked = {o.lawyer_id for o in self.rows(Offer, Offer.ticket_id == ticket.id)}
                assert not free - asked

    @invariant()
    def one_citizen_meets_one_lawyer_at_a_time(self) -> None:
        person: dict[str, str] = {}
        for ticket in self.rows(Ticket):
            if who := ticket.status != S.CLOSED and (ticket.offered_to or ticket.owner):
                assert person.setdefault(ticket.conversation_id, who) == who

    @invariant()
    def the_history_tells_how_each_ticket_came_to_its_status(self) -> None:
        now: dict[str, str] = {}
        for event in self.rows(TicketEvent):
            assert event.was == now.get(event.ticket_id)
            if event.was is not None and event.was != event.now:
                assert Status(event.now) in NEXT[Status(event.was)]
            now[event.ticket_id] = event.now
        assert now == {t.id: t.status for t in self.rows(Ticket)}


TestDutyRoom = DutyRoom.TestCase
TestDutyRoom.settings = settings(
    max_examples=int(os.environ.get("DUTY_ROOM_EXAMPLES", "12")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
