"""The whole state from the append-only log alone, and where the tables say something else."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch.models import Offer
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket, TicketEvent
from router.tickets.status import NEXT, Status

PAGE = 500  # tickets at once
S = Status


class BrokenLog(ValueError):
    """An event that cannot have followed the one before it."""


@dataclass
class Told:
    """What the log tells of one ticket; fields as in Ticket. `urgency`: None in logs of old."""

    status: str
    created_at: datetime
    urgency: int | None = None
    offered_to: str | None = None
    owner: str | None = None
    outcome: str | None = None
    alarmed_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into: str | None = None

    def follow(self, event: TicketEvent) -> None:
        """Raises BrokenLog."""
        if event.was != self.status:
            raise BrokenLog(f"{event.move}:之前应是 {event.was},实为 {self.status}")
        data: dict[str, Any] = event.data
        if event.now == event.was:
            self._note(event)
            return
        if S(event.now) not in NEXT[S(self.status)]:
            raise BrokenLog(f"{event.move}:{self.status} 之后不能是 {event.now}")
        self.status, self.offered_to = event.now, None
        match S(event.now):
            case S.OPEN:
                self.owner = self.accepted_at = None
            case S.OFFERED:  # the first time, or handed over by its owner
                self.owner = self.accepted_at = None
                self.offered_to = data["to"]
            case S.ACCEPTED:
                self.owner = data.get("to", event.by)
                self.accepted_at, self.alarmed_at = event.at, None
            case S.CLOSED:
                self.outcome, self.closed_at = data.get("outcome"), event.at
                self.merged_into = data.get("merged_into")

    def _note(self, event: TicketEvent) -> None:
        if event.move == "alarmed":
            self.alarmed_at = event.at
        elif event.move == "urged":
            self.urgency = event.data.get("urgency")


def replay(events: Iterable[TicketEvent]) -> Told:
    """One ticket's, in the order of their ids. Raises BrokenLog."""
    opened, *later = events
    if opened.was is not None:
        raise BrokenLog(f"{opened.move}:前面还有没记下的事")
    told = Told(opened.now, opened.at, opened.data.get("urgency"))
    if opened.now == S.CLOSED:
        told.closed_at, told.outcome = opened.at, opened.data.get("outcome", "guided")
    for event in later:
        told.follow(event)
    return told


@dataclass
class Rebuilt:
    """What the log comes to, and every difference from the tables as a sentence."""

    tickets: int = 0
    differences: list[str] = field(default_factory=list)


async def compare(s: AsyncSession) -> Rebuilt:
    """Give it one view of the database: a transaction that sees nothing of those beside it."""
    found = Rebuilt()
    held: Counter[str] = Counter()
    asked: dict[str, str] = {}
    async for page in _pages(s):
        ids = [ticket.id for ticket in page]
        logs = await _logs(s, ids)
        for ticket in page:
            found.tickets += 1
            found.differences += _check(ticket, logs.get(ticket.id, []), held, asked)
    found.differences += await _offers(s, asked)
    found.differences += await _lawyers(s, held)
    return found


async def _pages(s: AsyncSession) -> AsyncIterator[Sequence[Ticket]]:
    last = ""
    while True:
        query = select(Ticket).where(Ticket.id > last).order_by(Ticket.id).limit(PAGE)
        page = list(await s.scalars(query.execution_options(populate_existing=True)))
        if not page:
            return
        yield page
        last = page[-1].id
        s.expunge_all()


async def _logs(s: AsyncSession, ids: Sequence[str]) -> dict[str, list[TicketEvent]]:
    of_page = select(TicketEvent).where(TicketEvent.ticket_id.in_(ids))
    rows = await s.scalars(of_page.order_by(TicketEvent.ticket_id, TicketEvent.id))
    return {key: list(log) for key, log in groupby(rows, key=lambda event: event.ticket_id)}


def _check(
    ticket: Ticket, log: list[TicketEvent], held: Counter[str], asked: dict[str, str]
) -> list[str]:
    if not log:
        return [f"工单 {ticket.id}:没有流转记录"]
    try:
        told = replay(log)
    except BrokenLog as fault:
        return [f"工单 {ticket.id}:{fault}"]
    if told.offered_to:
        asked[ticket.id] = told.offered_to
        held[told.offered_to] += 1
    if told.status == S.ACCEPTED and told.owner:
        held[told.owner] += 1
    return [
        f"工单 {ticket.id}:{name} 记录为 {value},表里是 {getattr(ticket, name)}"
        for name, value in vars(told).items()
        if value != getattr(ticket, name) and not (name == "urgency" and value is None)
    ]


async def _offers(s: AsyncSession, asked: dict[str, str]) -> list[str]:
    rows = await s.execute(
        select(Offer.ticket_id, Offer.lawyer_id).where(Offer.status == "pending")
    )
    pending = sorted((ticket, lawyer) for ticket, lawyer in rows)
    if pending == sorted(asked.items()):
        return []
    return [f"派单:与记录不同的有 {sorted(set(pending) ^ set(asked.items()))},共 {len(pending)} 个"]


async def _lawyers(s: AsyncSession, held: Counter[str]) -> list[str]:
    rows = await s.execute(select(Lawyer.id, Lawyer.load, Lawyer.capacity))
    return [
        f"律师 {who}:在手 {load} 件,按记录是 {held[who]} 件,至多 {room} 件"
        for who, load, room in rows
        if load != held[who] or not 0 <= load <= room
    ]
