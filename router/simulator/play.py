"""Plays a scenario: the agenda moment by moment, until nobody waits any more."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from router.db import Database, ids
from router.settings import Settings
from router.simulator import agenda, clock, draw, invariants
from router.simulator.after import Grown, sealed
from router.simulator.agenda import Call
from router.simulator.database import open_database
from router.simulator.office import Office
from router.simulator.scenario import Scenario
from router.tickets.models import TicketEvent

LOOK = timedelta(minutes=10)  # between two looks at all invariants; the order at every offer


@dataclass(frozen=True)
class Played:
    """What the measuring needs, and no database any more. Lawyers by their number."""

    scenario: Scenario
    seed: int
    calls: list[Call]  # by ticket number, in the order of arrival
    moves: list[tuple[int, datetime, str, int | None]]  # ticket, when, what, whom it concerns
    stays: list[tuple[int, datetime, datetime]]  # lawyer, checked in, checked out
    rostered: int  # blocks of the roster until the last call, and how many nobody came to
    missing: int
    looks: int
    broken: list[invariants.Broken]
    ended: datetime
    grown: Grown | None = None  # none: dispatch alone was played


def play(scenario: Scenario, seed: int, look: timedelta | None = LOOK) -> Played:
    """`look`: how often all invariants are looked at; None: only at the end."""
    with tempfile.TemporaryDirectory(prefix="simulate-") as folder:
        with sealed():
            return clock.run(_play(scenario, seed, look, Path(folder) / "office.db"))


async def _play(scenario: Scenario, seed: int, look: timedelta | None, file: Path) -> Played:
    chance = draw.stream(seed, "ids")
    ids.set(lambda: f"{chance.getrandbits(128):032x}")
    db = await open_database(file)
    try:
        time = clock.VirtualClock(scenario.start)
        settings = Settings.model_construct()  # the defaults, whatever this machine's are
        async with asyncio.TaskGroup() as tasks:
            office = Office(scenario, seed, db, time, settings, tasks)
            day = _Day(scenario, seed, office, db, time)
            await office.furnish(scenario)
            await office.dispatch.start()
            await day.run(look)
            day.ended = time.now()
            office.send_home()
        if office.after:
            await office.close_doors()
            await office.after.play(day.numbers)
        await office.dispatch.stop()
        return await day.told()
    finally:
        await db.close()


class _Day:
    def __init__(
        self, scenario: Scenario, seed: int, office: Office, db: Database, time: clock.VirtualClock
    ) -> None:
        self._scenario, self._seed = scenario, seed
        self._office, self._db, self._time = office, db, time
        self._calls = agenda.calls(scenario, seed)
        self._entries: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []
        self._rostered = self._missing = self._looks = 0
        self.ended = scenario.start

    @property
    def numbers(self) -> dict[str, int]:
        """Of the day's tickets."""
        return {ticket: n for n, ticket in enumerate(self._office.calls)}

    async def run(self, look: timedelta | None) -> None:
        turns = agenda.turns(self._scenario)
        await self._office.roster(turns)
        self._roster(turns)
        for silence in self._scenario.silences:
            self._add(silence.at, 1, lambda: self._silent(True))
            self._add(silence.at + timedelta(seconds=silence.lasts), 1, lambda: self._silent(False))
        for call in self._calls:
            self._add(call.at, 3, lambda call=call: self._office.call(call))  # type: ignore[misc]
        end = self._scenario.stops
        at = self._scenario.start
        while look and (at := at + look) < end:
            self._add(at, 4, self._look)
        self._add(end, 5, self._look)
        self._entries.sort(key=lambda entry: entry[:2])
        for at, _, act in self._entries:
            if at >= self._scenario.ends and not await self._goes_on(min(at, end)):
                return
            await self._time.until(at)
            await act()

    async def _goes_on(self, until: datetime) -> bool:
        """After the last call: False once nobody waits any more, or the time is over."""
        with suppress(TimeoutError):
            await self._time.until(self._scenario.ends)
            left = (until - self._time.now()).total_seconds()
            await asyncio.wait_for(self._office.quiet.wait(), max(left, 0))
        return self._office.live > 0 and until < self._scenario.stops

    def _add(self, at: datetime, order: int, act: Callable[[], Awaitable[None]]) -> None:
        self._entries.append((at, order, act))

    def _roster(self, turns: Sequence[agenda.Turn]) -> None:
        how, chance = self._scenario.answering, draw.stream(self._seed, "roster")
        for turn in turns:
            absent, late = chance.random() < how.no_show, how.late.draw(chance)
            if turn.starts < self._scenario.ends:
                self._rostered += 1
                self._missing += absent
            begins = turn.starts > self._scenario.start  # else they are there already
            starts = turn.starts + timedelta(seconds=late if begins else 0)
            if absent or starts >= turn.ends:
                continue
            self._add(starts, 2, lambda w=turn.lawyer: self._office.check_in(w))  # type: ignore[misc]
            self._add(turn.ends, 0, lambda w=turn.lawyer: self._office.leave(w))  # type: ignore[misc]

    async def _silent(self, silent: bool) -> None:
        self._office.bus.silent = silent

    async def _look(self) -> None:
        self._looks += 1
        async with self._db.read() as s:
            self._office.broken += await invariants.check(s, self._time.now())

    async def told(self) -> Played:
        await self._look()
        number, after = self.numbers, self._office.after
        lawyer = {who: n for n, who in enumerate(self._office.lawyers)}
        async with self._db.read() as s:
            self._office.broken += await invariants.rebuilt(s, self._time.now())
            rows = await s.execute(
                select(
                    TicketEvent.ticket_id,
                    TicketEvent.at,
                    TicketEvent.move,
                    TicketEvent.by,
                    TicketEvent.data,
                ).order_by(TicketEvent.id)
            )
            moves = [
                (number[ticket], at, move, lawyer.get(data.get("to") or by))
                for ticket, at, move, by, data in rows
                if ticket in number  # not what came back from a mediation
            ]
            grown = await after.told(s, self._scenario.start) if after else None
        if grown and grown.figures != grown.log:
            said = f"{dict(grown.figures)} {dict(grown.log)}"
            self._office.broken.append(invariants.Broken(self.ended, "报表和流水不一致", said))
        return Played(
            self._scenario, self._seed, list(self._office.calls.values()), moves,
            self._office.stays, self._rostered, self._missing, self._looks,
            self._office.broken, self.ended, grown,
        )  # fmt: skip
