"""Looks one after the other; what comes while one is under way goes together into the next.

Alone a ticket is looked at the moment it comes. Under load a look serves many, and the transaction
costs hardly more than for one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from router.dispatch.look import Came
from router.dispatch.models import Offer
from router.dispatch.probes import ENOUGH

AT_ONCE = ENOUGH  # else the longest idle might not be among the candidates any more
TRIES = 8


@dataclass
class _Asked:
    answers: list[asyncio.Future[Offer | None]] = field(default_factory=list)
    tries: int = 0

    def answer(self, offer: Offer | None) -> None:
        for one in self.answers:
            if not one.done():  # who asked may be gone
                one.set_result(offer)

    def fail(self, trouble: Exception) -> None:
        for one in self.answers:
            if not one.done():
                one.set_exception(trouble)


class Together:
    def __init__(
        self,
        look: Callable[[Sequence[str]], Awaitable[Came]],
        serve: Callable[[str], Awaitable[None]],
    ) -> None:
        self._look, self._serve = look, serve
        self._asked: dict[str, _Asked] = {}
        self._task: asyncio.Task[None] | None = None

    async def offer(self, ticket_id: str) -> Offer | None:
        """None: it does not wait, or nobody can be asked."""
        answer: asyncio.Future[Offer | None] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(ticket_id, _Asked()).answers.append(answer)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="looks")
        return await answer

    async def rest(self) -> None:
        """Before the end: no look is left half-way."""
        if self._task:
            await self._task

    async def _run(self) -> None:
        try:
            while self._asked:
                await self._take(list(self._asked)[:AT_ONCE])
        finally:
            self._task = None

    async def _take(self, ids: list[str]) -> None:
        asked = {ticket_id: self._asked.pop(ticket_id) for ticket_id in ids}
        try:
            came = await self._look(ids)
        except Exception as trouble:  # one that cannot be offered holds up no other
            await self._one_by_one(asked, trouble)
            return
        for ticket_id, offer in came.offers.items():
            asked.pop(ticket_id).answer(offer)
        if came.ended_before:
            await self._see_to(came, asked)
        self._back(asked)

    async def _see_to(self, came: Came, asked: dict[str, _Asked]) -> None:
        """What the look has ended before is the next one's first."""
        assert came.ended_before
        first = asked[came.ended_before]
        first.tries += not came.offers
        if first.tries == TRIES:  # others are at it; its timer looks again
            asked.pop(came.ended_before).answer(None)
        elif came.serve:
            try:
                await self._serve(came.serve)
            except Exception as trouble:
                asked.pop(came.ended_before).fail(trouble)

    async def _one_by_one(self, asked: dict[str, _Asked], trouble: Exception) -> None:
        if len(asked) == 1:
            for one in asked.values():
                one.fail(trouble)
            return
        self._back(asked)
        for ticket_id in asked:
            if ticket_id in self._asked:
                await self._take([ticket_id])

    def _back(self, asked: dict[str, _Asked]) -> None:
        """To the front; who has asked meanwhile for the same gets the same answer."""
        for ticket_id, one in asked.items():
            if again := self._asked.pop(ticket_id, None):
                one.answers += again.answers
        self._asked = {**asked, **self._asked}
