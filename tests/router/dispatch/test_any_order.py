"""Whatever happens in whatever order, in two processes: nothing is lost, nobody is overloaded."""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from router.lawyers.models import Lawyer, StaffSession
from router.names import name_indices
from router.tickets.models import Ticket
from router.tickets.service import open_new
from router.tickets.status import OUTCOMES
from tests import factories
from tests.router.dispatch.duty_room import DutyRoom

index = st.integers(0, 20)
HERE, NEXT_COUNTY, FAR = "990101", "990102", "880101"
TEAM = (  # name, what they can
    ("王律师", {"capacity": 1}),
    ("李律师", {"capacity": 2, "languages": ["粤语"], "fields": ["wages", "divorce"]}),
    ("张律师", {"capacity": 3, "region": NEXT_COUNTY}),
    ("赵律师", {"capacity": 2, "tier": "reserve", "posts": ["hotline"]}),
)
troubles = st.fixed_dictionaries(
    {
        "urgency": st.sampled_from([0, 1, 2, 3, 4, 4]),
        "region": st.sampled_from([HERE, HERE, NEXT_COUNTY, FAR]),
        "language": st.sampled_from([None, None, "粤语"]),
        "matter": st.sampled_from([None, "wages", "divorce", "traffic"]),
        "post": st.sampled_from(["web", "web", "hotline"]),
    }
)


class AnyOrder(DutyRoom):
    """Four lawyers of different skill and capacity, a supervisor, citizens with many troubles."""

    @initialize(on=st.lists(st.booleans(), min_size=4, max_size=4))
    def staff(self, on: list[bool]) -> None:
        for (name, given), duty in zip(TEAM, on, strict=True):
            lawyer = self.run(self.room.lawyer(name, on_duty=duty, **given))
            if name == "王律师":
                told = {"firm_id": lawyer.firm_id}
                self.run(factories.client(self.room.db, "某某建筑公司", **told))
        self.boss = self.run(self.room.lawyer("主管", role="supervisor", on_duty=False))
        self.lawyers = self.rows(Lawyer, Lawyer.role == "lawyer")

    @rule(trouble=troubles, same=index, again=st.booleans(), theirs=st.booleans())
    def a_citizen_comes(self, trouble: dict, same: int, again: bool, theirs: bool) -> None:
        known = sorted({t.conversation_id for t in self.rows(Ticket)})
        conversation = self.pick(known, same) if again else None
        against = name_indices("某某建筑公司")[0] if theirs else None
        ticket = self.run(self._open(conversation, opponent_index=against, **trouble))
        self.try_(self.room.dispatch.offer(ticket.id), self.second.offer(ticket.id))

    async def _open(self, conversation: str | None, **trouble: object) -> Ticket:
        db, clock = self.room.db, self.clock
        if conversation is None:
            conversation = (await factories.conversation(db, clock)).id
        common = {"opened_by": factories.new_id(), "destination": "duty_lawyer"}
        common["id"] = factories.new_id()
        ticket = Ticket(conversation_id=conversation, delivery="offer", **common, **trouble)
        async with db.write() as s:
            open_new(s, ticket, clock.now())
        return ticket

    @rule(who=index, on=st.booleans())
    def a_lawyer_comes_or_goes(self, who: int, on: bool) -> None:
        self.try_(self.room.dispatch.duty(self.pick(self.lawyers, who).id, on))

    @rule(who=index, rostered=st.booleans())
    def a_lawyers_shift_ends(self, who: int, rostered: bool) -> None:
        self.try_(self.room.dispatch.end_shift(self.pick(self.lawyers, who).id, rostered))

    @rule(who=index, minutes=st.sampled_from([1, 30]))
    def a_lawyer_signs_in_for_a_while(self, who: int, minutes: int) -> None:
        lawyer = self.pick(self.lawyers, who)
        self.run(self._sign_in(lawyer.id, timedelta(minutes=minutes)))
        self.try_(self.room.dispatch.duty(lawyer.id, True))

    async def _sign_in(self, lawyer_id: str, span: timedelta) -> None:
        ends = self.clock.now() + span
        row = StaffSession(token_hash=factories.new_id(), lawyer_id=lawyer_id, expires_at=ends)
        async with self.room.db.write() as s:
            s.add(row)

    @rule(seconds=st.sampled_from([1, 30, 44, 45, 120, 600]))
    def time_passes(self, seconds: int) -> None:
        self.pass_time(timedelta(seconds=seconds))

    @rule(hours=st.sampled_from([-1, 1]))
    def the_clock_jumps(self, hours: int) -> None:
        self.clock.jump(timedelta(hours=hours))
        self.fire()

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
            "expire": lambda: self.second.expire(offer.id),
        }[other]
        self.try_(self.room.dispatch.accept(offer.id, who), second())

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

    @rule(n=index)
    def the_supervisor_closes_what_nobody_owns(self, n: int) -> None:
        if (ticket := self.pick(self.rows(Ticket, Ticket.owner.is_(None)), n)) is not None:
            self.try_(self.room.dispatch.close(ticket.id, self.boss.id, "withdrawn"))

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

    @rule(n=index, urgency=st.integers(0, 3))
    def a_trouble_turns_more_urgent(self, n: int, urgency: int) -> None:
        if (ticket := self.pick(self.rows(Ticket), n)) is not None:
            self.try_(self.room.dispatch.urge(ticket.id, urgency, {}))


TestAnyOrder = pytest.mark.usefixtures("postgresql_tables")(AnyOrder.TestCase)
TestAnyOrder.settings = settings(
    max_examples=int(os.environ.get("DUTY_ROOM_EXAMPLES", "12")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
