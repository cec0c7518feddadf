"""A duty room under a state machine: two processes on one database, and what must always hold."""

import asyncio
import os
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import select

from router import crypto
from router.db import Database
from router.dispatch import rebuild
from router.dispatch.keys import Wish, keys_of
from router.dispatch.models import Offer, Opening, Timer
from router.errors import RouterError
from router.lawyers.models import Client, Lawyer
from router.settings import Settings
from router.tickets.models import Ticket, TicketEvent
from router.tickets.status import ENDINGS, Status
from tests.conftest import POSTGRESQL, make_tables
from tests.fakes import FakeClock
from tests.router.dispatch.conftest import Room

S = Status
PASSED = ("declined", "expired", "returned", "withdrawn")


class DutyRoom(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        options = Settings(STATE_DIR=Path(self.folder.name), DATABASE_URL=POSTGRESQL)
        self.clock = FakeClock()
        crypto.use(crypto.Keyring([os.urandom(32)]))
        self.run(make_tables(options.database_url))
        self.room = Room(Database(options.database_url), self.clock, options)
        self.second = self.room.another()
        self.seen = 0  # events before this step
        self.waited: set[str] = set()  # tickets that were OPEN before this step
        self.only_time = False  # this step was the clock's alone

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

    # What must hold after each step

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
                assert ticket.place is not None, "nobody has looked for a lawyer for it"
                expected.add(f"ask-{ticket.id}")
            elif ticket.status == S.OFFERED:
                assert offer and ticket.offered_to == offer.lawyer_id and not ticket.owner
                expected.add(offer.id)
            else:
                assert not offer and not ticket.offered_to
                if ticket.status == S.ACCEPTED:
                    expected.add(f"silence-{ticket.id}")
                assert ticket.status == S.ACCEPTED or ticket.outcome in ENDINGS
                assert ticket.owner or ticket.status == S.CLOSED
        assert not offers
        work = {t for t in timers if not t.startswith(("shift-", "hand-in-"))}
        assert work == expected, self._told(work ^ expected)

    def _told(self, timers: set[str]) -> str:
        return "\n".join(["timers too many or too few:", *sorted(timers), self._log()])

    def _log(self) -> str:
        """A race need not come again: what is to be known is said at once."""
        found = self.rows(TicketEvent)[-16:]
        lines = [f"{e.at:%H:%M:%S} {e.ticket_id} {e.move} {e.by} {e.data}" for e in found]
        return "\n".join(["after:", *lines])

    @invariant()
    def who_is_on_duty_can_be_found_and_nobody_else(self) -> None:
        async def read() -> set[tuple[str, str, int]]:
            async with self.room.db.read() as s:
                return {(o.lawyer_id, o.key, o.free) for o in await s.scalars(select(Opening))}

        on_duty = self.rows(Lawyer, Lawyer.on_duty, Lawyer.role == "lawyer")
        stand = {(w.id, key, int(w.load < w.capacity)) for w in on_duty for key in keys_of(w)}
        assert self.run(read()) == stand

    @invariant()
    def nobody_waits_while_a_fitting_lawyer_is_free(self) -> None:
        for ticket in self.rows(Ticket, Ticket.status == S.OPEN.value):
            for lawyer in self.rows(Lawyer, Lawyer.on_duty, Lawyer.load < Lawyer.capacity):
                why = f"{ticket.id} waits, {lawyer.id} of {lawyer.region} is free"
                assert not self.fits(ticket, lawyer), f"{why}, {self._log()}"

    def fits(self, ticket: Ticket, lawyer: Lawyer) -> bool:
        """Beyond doubt: of the same county and the duty team, able in all, never asked for it."""
        spoken = Wish(ticket.post, ticket.matter or "", ticket.language or "", reserve=False)
        siblings = self.rows(
            Ticket,
            Ticket.conversation_id == ticket.conversation_id,
            Ticket.status.in_([S.OFFERED.value, S.ACCEPTED.value]),
        )
        return (
            lawyer.region == ticket.region
            and spoken.met_by(lawyer)
            and not siblings
            and not self.rows(Offer, Offer.ticket_id == ticket.id, Offer.lawyer_id == lawyer.id)
            and not self.against(ticket, lawyer)
        )

    def against(self, ticket: Ticket, lawyer: Lawyer) -> bool:
        """Their firm, or they themselves, act for the other party."""
        theirs = (Client.firm_id == lawyer.firm_id) | (Client.lawyer_id == lawyer.id)
        return bool(self.rows(Client, Client.name_index == ticket.opponent_index, theirs))

    @invariant()
    def urgent_before_ordinary_and_the_oldest_first(self) -> None:
        new = self.rows(TicketEvent, TicketEvent.id > self.seen)
        tickets = {t.id: t for t in self.rows(Ticket)}
        lawyers = {w.id: w for w in self.rows(Lawyer)}
        touched = {event.ticket_id for event in new}
        patient = [tickets[key] for key in self.waited - touched]
        assert all(t.status == S.OPEN for t in patient)
        offered = [event for event in new if event.move == "offered"]
        for event in offered:
            chosen = tickets[event.ticket_id]
            earlier = [t for t in patient if self._rank(t) < self._rank(chosen)]
            passed_over = [t.id for t in earlier if self.fits(t, lawyers[event.data["to"]])]
            assert not passed_over, f"{passed_over} passed over, {self._log()}"
        if self.only_time:  # whatever the clock did: nobody is asked round and round
            asked = Counter(event.ticket_id for event in offered)
            asked -= Counter(event.ticket_id for event in new if event.move == "withdrawn")
            assert max(asked.values(), default=0) <= 1, f"asked {asked}, {self._log()}"
        self.only_time = False
        self.seen = max([self.seen, *(event.id for event in new)])
        self.waited = {t.id for t in tickets.values() if t.status == S.OPEN}

    def _rank(self, ticket: Ticket) -> tuple[Any, ...]:
        return ticket.urgency, ticket.created_at, ticket.id

    @invariant()
    def nobody_is_asked_to_advise_against_their_own_client(self) -> None:
        lawyers = {w.id: w for w in self.rows(Lawyer)}
        for ticket in self.rows(Ticket, Ticket.opponent_index.is_not(None)):
            if who := ticket.offered_to or ticket.owner:
                assert not self.against(ticket, lawyers[who])

    @invariant()
    def one_citizen_meets_one_lawyer_at_a_time(self) -> None:
        person: dict[str, str] = {}
        for ticket in self.rows(Ticket):
            if who := ticket.status != S.CLOSED and (ticket.offered_to or ticket.owner):
                assert person.setdefault(ticket.conversation_id, who) == who

    @invariant()
    def the_whole_state_is_what_the_log_comes_to(self) -> None:
        async def compare() -> rebuild.Rebuilt:
            async with self.room.db.read() as s:
                return await rebuild.compare(s)

        assert self.run(compare()).differences == []

    def pass_time(self, span: timedelta) -> None:
        """And what falls due is done, by both processes at once."""
        self.run(self.clock.advance(span))
        self.fire()

    def fire(self) -> None:
        self.only_time = True
        self.try_(self.room.dispatch.timers.fire_due(), self.second.timers.fire_due())
