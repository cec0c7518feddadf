"""A look for lawyers for some waiting tickets, all in one transaction and a dozen statements.

The tickets are gone through in their order; what was decided for one counts for those after it. It
is written at the end, for all at once. Where what follows hangs on something unwritten (a lawyer
had room for one more, a citizen's other ticket), the look ends before that ticket.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from router.conversations.models import HOTLINE
from router.db import new_id
from router.dispatch import past, timers, writing
from router.dispatch.finding import Finder, Found
from router.dispatch.ground import Ground
from router.dispatch.models import Offer
from router.dispatch.past import Past
from router.dispatch.probes import Probes
from router.dispatch.strategies import choose
from router.dispatch.strategies.candidate import Candidate
from router.dispatch.waiting import Rank, first_besides, first_is_another, rank
from router.events import Event, NobodyThere, OfferMade
from router.tickets.models import Ticket
from router.tickets.status import Status

S = Status
MOMENT = timedelta(microseconds=1)
NET = timedelta(minutes=10)  # a backlog of thousands is not looked through all the time


@dataclass(frozen=True)
class News:
    ticket: Ticket
    events: list[Event]
    lawyer_id: str | None = None


@dataclass
class Came:
    """What a look came to. What is asked for and not in `offers` is for another look."""

    offers: dict[str, Offer | None] = field(default_factory=dict)  # None: does not wait, or nobody
    ended_before: str | None = None
    serve: str | None = None  # whom something older or more urgent than that waits for


class Look:
    def __init__(self, s: AsyncSession, ground: Ground, asked: Sequence[str]) -> None:
        self._s, self._g, self._asked = s, ground, asked
        self._now = ground.clock.now()
        self._probes = Probes(s)
        self._first: Rank | None = None
        self._telephoning: frozenset[str] | None = None
        self._given: Counter[str] = Counter()  # by lawyer
        self._made: list[tuple[Ticket, Offer]] = []
        self._waits: list[writing.Waits] = []
        self.came = Came()
        self.news: list[News] = []

    async def through(self, tickets: Sequence[Ticket], only: str | None = None) -> None:
        """`tickets`: those asked for, locked, with the other live ones of their citizens.
        `only`: asks for nobody but this lawyer, and leaves the ticket as it is."""
        open_ = [t for t in tickets if t.id in self._asked and t.status == S.OPEN]
        waiting = {t.id for t in open_}
        self.came.offers = {ticket: None for ticket in self._asked if ticket not in waiting}
        if not open_:
            return
        before = await past.of(self._s, open_)
        if not only:
            self._first = await first_besides(self._s, self._asked)
        for ticket in sorted(open_, key=rank):
            others = [t for t in tickets if t.conversation_id == ticket.conversation_id]
            siblings = [t for t in others if t is not ticket]
            if not await self._decide(ticket, siblings, before[ticket.id], only):
                self.came.ended_before = ticket.id
                return

    async def _decide(
        self, ticket: Ticket, siblings: Sequence[Ticket], before: Past, only: str | None
    ) -> bool:
        """False: not now."""
        if any(self.came.offers.get(sibling.id) for sibling in siblings):
            return False  # one person per citizen
        rules = self._g.queues.of(ticket.destination)
        finder = Finder(
            self._probes, ticket, before, rules, self._now, self._g.pause,
            await self._on_telephone() if ticket.post == HOTLINE else frozenset(),
        )  # fmt: skip
        found = await finder.find(siblings, only)
        best = choose(rules.strategy, [c for c in map(self._by_now, found.pool) if c])
        if best is None and found.pool:
            return False  # those before it have filled them
        if best is None:
            if not only:
                self._wait(ticket, found, before.asked)
            return not only
        if self._first and self._first < rank(ticket):
            told = self._asked, self._now, self._g.pause
            rings = best.lawyer_id in await self._on_telephone()
            if await first_is_another(self._s, ticket, best.lawyer_id, *told, rings):
                self.came.serve = best.lawyer_id
                return False
        self._give(ticket, best.lawyer_id)
        return True

    async def _on_telephone(self) -> frozenset[str]:
        if self._telephoning is None:
            self._telephoning = await self._g.on_telephone(self._s)
        return self._telephoning

    def _by_now(self, candidate: Candidate) -> Candidate | None:
        """With what this look has given them; None: they are full."""
        given = self._given[candidate.lawyer_id]
        if not given:
            return candidate
        load, idle = candidate.load + given, self._now + given * MOMENT
        full = load >= candidate.capacity
        return None if full else replace(candidate, load=load, idle_since=idle)

    def _give(self, ticket: Ticket, lawyer_id: str) -> None:
        offer = Offer(
            id=new_id(), ticket_id=ticket.id, lawyer_id=lawyer_id, status="pending",
            created_at=self._now, expires_at=self._now + self._g.ttl,
        )  # fmt: skip
        self._given[lawyer_id] += 1
        self._made.append((ticket, offer))
        self.came.offers[ticket.id] = offer
        made = OfferMade(ticket.id, ticket.conversation_id, lawyer_id)
        self.news.append(News(ticket, [made], lawyer_id))

    def _wait(self, ticket: Ticket, found: Found, asked: bool) -> None:
        """On an alarm, once, until somebody accepts. Who opens a ticket tells the citizen
        themselves; an event goes up when lawyers have been asked and nobody is left."""
        waited = self._now - ticket.created_at
        # who let it pass rests for so long; else whoever becomes free looks, and this is the net
        again = self._now + (self._g.pause if asked else sorted((self._g.pause, waited, NET))[1])
        if found.until is not None:
            again = min(again, max(ticket.created_at + found.until, self._now + timers.RETRY))
        self.came.offers[ticket.id] = None
        self._waits.append(writing.Waits(ticket, found.place, found.wants, again))
        alarmed = asked and not ticket.alarmed_at
        nobody = [NobodyThere(ticket.id, ticket.conversation_id)] if alarmed else []
        self.news.append(News(ticket, list[Event](nobody)))

    async def write(self) -> None:
        """Raises NoRoom where a lawyer was faster taken or gone than asked."""
        if self.came.offers:
            await writing.drop_timers(self._s, list(self.came.offers))
        if self._made:
            await writing.offers(self._s, self._made, self._now)
        if self._waits:
            await writing.waits(self._s, self._waits, self._now)
