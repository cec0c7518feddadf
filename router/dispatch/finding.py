"""Filter: who may be asked for a ticket now, the duty team before the reserve, the near before the
far; and where the ticket waits if nobody can.

Each question is a few probes of an index: as quick for 38,000 lawyers as for twenty.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from router.dispatch import conflicts
from router.dispatch.conflicts import Excluded
from router.dispatch.keys import PERSON, Ring, Wish, place, wishes
from router.dispatch.past import Past
from router.dispatch.probes import Barred, Probes
from router.dispatch.rules import Rules, Stage, stage
from router.dispatch.strategies.candidate import Candidate
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.status import Status
from router.tickets.urgency import Urgency


@dataclass(frozen=True)
class Found:
    """Candidates; if there are none, the place and the wish that the ticket waits with."""

    place: str
    wants: str
    pool: list[Candidate] = field(default_factory=list)
    until: timedelta | None = None  # the waiting time that lets it look farther


class Finder:
    """One look for one ticket, in the transaction that has locked it."""

    def __init__(
        self, probes: Probes, ticket: Ticket, past: Past, rules: Rules, now: datetime,
        pause: timedelta, on_telephone: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """`on_telephone`: they are there, but cannot be rung now."""
        self._s, self._probes = probes.session, probes
        self._ticket, self._past, self._rules = ticket, past, rules
        self._now, self._pause, self._on_telephone = now, pause, on_telephone
        self._stage: Stage = stage(rules, ticket.urgency, now - ticket.created_at)
        self._out = Excluded()
        self._unrested: list[str] = []

    async def find(self, siblings: Sequence[Ticket], only: str | None = None) -> Found:
        """`only`: asks for nobody but this lawyer.

        One person per citizen: while somebody is asked for or owns another ticket of the same
        conversation, this one goes to nobody else.
        """
        s, ticket = self._s, self._ticket
        self._out = await conflicts.excluded(s, ticket, self._now)
        if times := self._past.refusals.times:
            asked = await s.scalars(select(Lawyer).where(Lawyer.id.in_(times)))
            self._unrested = [one.id for one in asked if not self._rested(one)]
        person = next((t.offered_to or t.owner for t in siblings if t.status != Status.OPEN), None)
        if person:
            pool = [_candidate(one) for one in await self._these([person])]
            return Found(PERSON, person, pool, self._stage.until)
        if only:
            return await self._only(only)
        return await self._by_rings()

    async def _these(self, ids: Collection[str]) -> list[Lawyer]:
        """Of these lawyers who can be asked now, whatever they are there for."""
        rows = await self._s.scalars(
            select(Lawyer).where(
                Lawyer.id.in_(ids),
                Lawyer.on_duty,
                Lawyer.role == "lawyer",
                Lawyer.load < Lawyer.capacity,
            )
        )
        can = [one for one in rows if not self._out.bars(one) and self._rested(one)]
        return [one for one in can if one.id not in self._on_telephone]

    def _rested(self, lawyer: Lawyer) -> bool:
        return self._past.refusals.rested(lawyer, self._now, self._pause)

    async def _only(self, lawyer_id: str) -> Found:
        where, wants = self._ticket.place, self._ticket.wants
        waiting = Found(where or "", wants or "", until=self._stage.until)
        if where is None or wants is None:
            return waiting
        if where == PERSON:  # whom it waited for has nothing more of this citizen
            return await self._by_rings()
        lawyer = await self._s.get(Lawyer, lawyer_id)
        if lawyer and lawyer.region.startswith(where) and Wish.of(wants).met_by(lawyer):
            waiting.pool.extend(_candidate(one) for one in await self._these([lawyer_id]))
        return waiting

    async def _by_rings(self) -> Found:
        """Farther than its waiting time allows only while nobody is on duty so near."""
        known = await self._known()
        for reserve in sorted({self._stage.reserve, True}):
            options = self._wishes(reserve)
            for ring in list(Ring)[self._stage.ring :]:
                for wish in options:
                    pool = await self._fit(wish, ring)
                    if pool or await self._on_duty(wish, ring):  # they are busy: it waits for them
                        where = place(self._ticket.region, ring)
                        return Found(where, str(wish), [*known, *pool], self._stage.until)
                    if not await self._on_duty(options[-1], ring):
                        break  # nobody at all
        return Found("", str(options[-1]), known)

    def _wishes(self, reserve: bool) -> Sequence[Wish]:
        ticket = self._ticket
        if ticket.urgency == Urgency.DANGER:
            return [Wish()]
        return wishes(ticket.post, ticket.matter, ticket.language, reserve)

    async def _known(self) -> list[Candidate]:
        """The citizen's own lawyer of an earlier ticket, when free and at the post."""
        if self._rules.strategy != "same_lawyer":
            return []
        earlier = self._past.earlier
        lawyers = await self._these([earlier]) if earlier else []
        post = Wish(self._ticket.post)
        return [_candidate(one, known=True) for one in lawyers if post.met_by(one)]

    async def _fit(self, wish: Wish, ring: Ring) -> list[Candidate]:
        """The duty team before the reserve, the near before the far; at last who was asked."""
        for tier in range(1 + wish.reserve):
            for near in list(Ring)[: ring + 1]:
                if pool := await self._free(wish, near, tier):
                    return pool
        where, asked = place(self._ticket.region, ring), self._past.refusals.times
        return [
            _candidate(one, asked[one.id])
            for one in (await self._these(asked) if asked else [])
            if one.region.startswith(where) and wish.met_by(one)
        ]

    async def _free(self, wish: Wish, ring: Ring, tier: int) -> list[Candidate]:
        out = *self._past.refusals.times, *self._out.lawyers, *sorted(self._on_telephone)
        barred = Barred(out, (*self._out.firms,))
        where = place(self._ticket.region, ring)
        rows = await self._probes.free(wish.keys(), ring, where, tier, barred)
        return [Candidate(who, idle, 0, load, room) for who, idle, load, room in rows]

    async def _on_duty(self, wish: Wish, ring: Ring) -> bool:
        """Somebody who meets it, free or not, and could be asked."""
        barred = Barred((*self._unrested, *self._out.lawyers), (*self._out.firms,))
        where = place(self._ticket.region, ring)
        return await self._probes.on_duty(wish.keys(), ring, where, int(wish.reserve), barred)


def _candidate(lawyer: Lawyer, asked: int = 0, known: bool = False) -> Candidate:
    return Candidate(lawyer.id, lawyer.idle_since, asked, lawyer.load, lawyer.capacity, known)
