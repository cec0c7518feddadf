"""Random histories of calls, legs that drop at any moment among them: is anything left over?

Every person may do whatever they can do at any moment; the carrier refuses, times out after it took
effect, tells twice, out of order, or not at all. Afterwards everybody hangs up and time passes.
Wrong: a leg was stuck, a room not empty, a call without outcome, or a citizen who was not served
and stands in no queue.
"""

import asyncio
import logging
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random

from sqlalchemy import select

from bench.telephone.switch import Office, Phone, hire, office
from router.channels.hotline.models import Call, CallTask, Leg
from router.channels.hotline.states import Cause
from router.tickets.models import Ticket

CALLER = "13800000001"
STEPS = 40  # things that happen, at most
AT_A_TIME = 100  # histories of one process, then a fresh database
WRONGS = ("stuck leg", "orphan room", "no outcome", "call not ended", "task left", "dropped")


async def history(there: Office, seed: int) -> tuple[list[str], str]:
    """What is wrong after it, and how it ended."""
    there.switch.rng.seed(seed)
    rng = there.switch.rng
    await there.clear()
    await there.hotline.start()
    await hire(there, rng.randrange(3))
    police = rng.random() < 0.15
    leg = await there.hotline.incoming("switch", f"in{seed}", CALLER, police=police)
    async with there.db.write() as s:
        (await s.get_one(Leg, leg.id)).ref = leg.id
    there.switch.phones[leg.id] = Phone(leg.id, leg.call_id, "talking")
    await there.settle()
    for _ in range(rng.randrange(1, STEPS)):
        there.switch.act()
        if rng.random() < 0.7:
            await there.settle()
        if rng.random() < 0.1:
            await there.later(rng.choice((5, 30, 60)))
    await there.settle()
    for _ in range(8):
        for phone in there.switch.phones.values():
            if phone.state != "over":
                cause = Cause.NO_ANSWER if phone.state == "ringing" else Cause.NORMAL
                there.switch.over(phone, cause)
        await there.later(100)
        if await _quiet(there):
            break
    return await wrong(there)


async def _quiet(there: Office) -> bool:
    """Nothing more will come: all have hung up, all calls are over, nothing is owed."""
    if any(phone.state != "over" for phone in there.switch.phones.values()):
        return False
    going = select(Call.id).where(Call.state != "ended").limit(1)
    owed = select(CallTask.id).where(CallTask.done_at.is_(None)).limit(1)
    async with there.db.read() as s:
        return await s.scalar(going) is None and await s.scalar(owed) is None


async def wrong(there: Office) -> tuple[list[str], str]:
    async with there.db.read() as s:
        legs = list(await s.scalars(select(Leg)))
        calls = list(await s.scalars(select(Call).order_by(Call.created_at, Call.id)))
        tickets = list(await s.scalars(select(Ticket)))
        owed = list(await s.scalars(select(CallTask).where(CallTask.done_at.is_(None))))

    def old(moment: datetime, seconds: int) -> bool:
        return (there.clock.now() - moment).total_seconds() > seconds

    stuck = [leg for leg in legs if leg.state != "ended" and old(leg.created_at, 300)]
    going_on = [call for call in calls if call.state != "ended" and old(call.created_at, 300)]
    found = [f"stuck leg {leg.role} {leg.state}" for leg in stuck]
    found += [f"orphan room {phone.room}" for phone in there.switch.phones.values() if phone.inside]
    found += ["no outcome" for call in calls if call.state == "ended" and not call.outcome]
    found += [f"call not ended {call.state}" for call in going_on]
    found += [f"task left {task.verb}" for task in owed if old(task.due_at, 60)]
    first = next(call for call in calls if call.entry != "call_back")
    if first.caller and not tickets and first.outcome not in ("served", "police"):
        found.append(f"dropped: {first.outcome}")
    return found, str(first.outcome)


async def some(first: int, how_many: int) -> tuple[Counter[str], Counter[str]]:
    """How they ended, and what was wrong; each of these is told with the seed that plays it."""
    logging.disable()  # refusals are what it plays
    ends, wrongs = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        there = await office(Path(folder), Random(first))
        for one in range(first, first + how_many):
            found, how = await history(there, one)
            ends[how] += 1
            wrongs.update(k for k in WRONGS if any(what.startswith(k) for what in found))
            if found:
                print(f"seed {one}: {'; '.join(found)}", flush=True)
        await there.hotline.stop()
        await there.db.close()
    return ends, wrongs


def _some(told: tuple[int, int]) -> tuple[Counter[str], Counter[str]]:
    return asyncio.run(some(*told))


def play(how_many: int, seed: int) -> int:
    """On every core; how many were wrong."""
    first, began = seed * 1_000_000, time.perf_counter()
    parts = [(first + n, min(AT_A_TIME, how_many - n)) for n in range(0, how_many, AT_A_TIME)]
    ends, wrongs = Counter[str](), Counter[str]()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for these, faults in pool.map(_some, parts):
            ends += these
            wrongs += faults
    span = time.perf_counter() - began
    print(f"{how_many} histories in {span:.0f} s; ended: {dict(ends.most_common())}")
    print("; ".join(f"{wrongs[kind]} {kind}" for kind in WRONGS))
    return sum(wrongs.values())
