"""Citizens who hand in their trouble until it is taken, and lawyers at their desks, over HTTP."""

import asyncio
import hashlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import and_, func, insert, select

from bench.duty import office
from bench.duty.routers import Router
from router.clock import SystemClock
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.dispatch import rebuild
from router.dispatch.models import Offer
from router.lawyers.models import Lawyer, StaffSession
from router.tickets.models import Ticket, TicketEvent

PATIENCE = 3.0  # seconds for one request
LOOK = 0.15
AT_ONCE = 10


@dataclass
class Town:
    """`home`: a lawyer's desk is at one router alone; without it, at whichever answers."""

    db: Database
    routers: Sequence[Router]
    service: str
    seed: int = 1
    home: dict[str, Router] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)  # ticket by the citizen's key
    waiting: set[str] = field(default_factory=set)  # citizens without an answer yet
    live: int = 0  # tickets that are offered or owned
    busy: set[str] = field(default_factory=set)
    flying: Counter[str] = field(default_factory=Counter)  # requests under way, by router
    stuck: set[str] = field(default_factory=set)  # did not go on after a blow
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.http = httpx.AsyncClient(timeout=PATIENCE)

    async def settle(self, lawyers: Sequence[str]) -> None:
        """Each of them has signed in."""
        ends = SystemClock().now() + timedelta(hours=12)
        self.tokens = {who: new_id() for who in lawyers}
        rows = [
            {"token_hash": hashlib.sha256(token.encode()).hexdigest(), "lawyer_id": who,
             "expires_at": ends}
            for who, token in self.tokens.items()
        ]  # fmt: skip
        async with self.db.write() as s:
            await s.execute(insert(StaffSession), rows)

    async def citizens(self, apart: float) -> None:
        """No more at once than the machine can serve: what is measured is loss, not load."""
        while True:
            if len(self.waiting) + self.live < AT_ONCE:
                self._do(self._citizen())
            await asyncio.sleep(apart * self.dice.uniform(0.5, 1.5))

    async def _citizen(self) -> None:
        """As the dialogue's action does it: the same key until somebody has answered."""
        key = new_id()
        self.waiting.add(key)
        while True:
            person = office.citizen(SystemClock().now())
            with suppress(Exception):  # the connection may be one of those that are cut
                async with self.db.write() as s:
                    await s.execute(insert(Conversation), [person])
                break
        body = {"conversation": person["id"], "message_id": key, "destination": "duty_lawyer"}
        while True:
            at = self.dice.choice(self.routers)
            with suppress(httpx.HTTPError):
                shown = {"Authorization": f"Bearer {self.service}"}
                answer = await self._post(at, "/internal/tickets", json=body, headers=shown)
                if answer.is_success:
                    self.taken[key] = answer.json()["ticket"]
                    self.waiting.discard(key)
                    return
            await asyncio.sleep(0.2)

    async def lawyers(self) -> None:
        while True:
            with suppress(Exception):  # the connection may be one of those that are cut
                await self._look()
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        async with self.db.read() as s:
            pending = select(Offer.id, Offer.lawyer_id).where(Offer.status == "pending")
            owned = select(Ticket.id, Ticket.owner).where(Ticket.status == "accepted")
            offers, tickets = (await s.execute(pending)).all(), (await s.execute(owned)).all()
            away = list(await s.scalars(select(Lawyer.id).where(Lawyer.on_duty.is_(False))))
        self.live = len(offers) + len(tickets)
        for offer, who in offers:
            chance = self.dice.random()
            if chance > 0.2:  # else they do not see it, this time
                how = "accept" if chance > 0.3 else "decline"
                self._once(offer, who, f"/desk/offers/{offer}/{how}", {"reason": "暂时走不开"})
        for ticket, who in tickets:
            if self.dice.random() > 0.3:
                path = f"/desk/tickets/{ticket}/close"
                self._once(ticket, who, path, {"outcome": "answered"})

        for who in away:  # who did not answer was taken for gone
            if self.dice.random() > 0.8:
                self._once(f"duty-{who}", who, "/desk/duty", {"on": "yes"})

    def _once(self, what: str, who: str, path: str, form: dict[str, str]) -> None:
        if what not in self.busy and who in self.tokens:
            self.busy.add(what)
            self._do(self._click(what, who, path, form))

    async def _click(self, what: str, who: str, path: str, form: dict[str, str]) -> None:
        at = self.home.get(who) or self.dice.choice(self.routers)
        headers = {"Origin": at.url, "Cookie": f"jy_staff={self.tokens[who]}"}
        with suppress(httpx.HTTPError):
            await self._post(at, path, data=form, headers=headers)
        self.busy.discard(what)

    async def _post(self, at: Router, path: str, **what: Any) -> httpx.Response:
        self.flying[at.url] += 1
        try:
            return await self.http.post(at.url + path, **what)
        finally:
            self.flying[at.url] -= 1

    def _do(self, work) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def alive(self, but_at: Router | None = None) -> set[str]:
        """Tickets that are not closed. `but_at`: without what lawyers at that router have in hand,
        for nobody takes a citizen from a lawyer they may be talking with."""
        there = [who for who, router in self.home.items() if router is but_at]
        theirs = Ticket.owner.in_(there), Ticket.status == "accepted"
        async with self.db.read() as s:
            live = select(Ticket.id).where(Ticket.status != "closed", ~and_(*theirs))
            return set(await s.scalars(live))

    async def resumed(self, tickets: set[str], at_most: float = 30) -> float:
        """Seconds until each of them has gone on by at least one move, or was at its end."""
        began = time.perf_counter()
        before, behind = await self._moves(tickets), tickets
        while behind and time.perf_counter() - began < at_most:
            with suppress(Exception):
                now, alive = await self._moves(tickets), await self.alive()
                behind = {t for t in tickets & alive if now[t] == before[t]}
            await asyncio.sleep(0.1)
        self.stuck |= behind
        return time.perf_counter() - began

    async def _moves(self, tickets: set[str]) -> dict[str, int]:
        last = select(TicketEvent.ticket_id, func.max(TicketEvent.id)).where(
            TicketEvent.ticket_id.in_(tickets)
        )
        async with self.db.read() as s:
            rows = await s.execute(last.group_by(TicketEvent.ticket_id))
            return {ticket: number for ticket, number in rows}

    async def judge(self, at_most: float = 60) -> tuple[int, list[str]]:
        """After all is quiet: tickets lost, and every other thing that is not as it must be."""
        began = time.perf_counter()
        while self.waiting or await self.alive():  # a ticket may close before its citizen knows
            if time.perf_counter() - began > at_most:
                break
            await asyncio.sleep(0.3)
        async with self.db.read() as s:
            closed = set(await s.scalars(select(Ticket.id).where(Ticket.status == "closed")))
            wrong = (await rebuild.compare(s)).differences
        if len(set(self.taken.values())) < len(self.taken):
            wrong.append("two citizens have one ticket")
        if more := closed - set(self.taken.values()):
            wrong.append(f"{len(more)} tickets of nobody")
        if self.waiting:
            wrong.append(f"{len(self.waiting)} citizens without an answer")
        wrong += [f"ticket {one} did not go on" for one in sorted(self.stuck)]
        return len(set(self.taken.values()) - closed), wrong
