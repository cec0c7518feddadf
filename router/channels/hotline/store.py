"""The only writer of calls and legs: one conditional update a move, one line of history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline import states
from router.channels.hotline.models import Call, CallEvent, CallTask, Leg, number_indices
from router.channels.hotline.port import Event, Line, Script
from router.channels.hotline.states import LIVE, MOVES, NEXT, Kind, Role
from router.db import new_id
from router.errors import NotFound

C, L = states.Call, states.Leg


async def locked(s: AsyncSession, call_id: str) -> tuple[Call, list[Leg]]:
    """The call, row-locked, and all its legs in the order they came."""
    call = await s.get(Call, call_id, with_for_update=True, populate_existing=True)
    if call is None:
        raise NotFound(call=call_id)
    legs = await s.scalars(
        select(Leg)
        .where(Leg.call_id == call_id)
        .order_by(Leg.created_at, Leg.id)
        .execution_options(populate_existing=True)
    )
    return call, list(legs)


def open_call(
    s: AsyncSession,
    carrier: str,
    entry: str,
    number: str,
    now: datetime,
    state: states.Call,
    call_id: str | None = None,
) -> Call:
    call = Call(
        id=call_id or new_id(), carrier=carrier, entry=entry, state=state, created_at=now,
        misheard=0, slow=False, seq=0, served=False, police=False, texts=False,
    )  # fmt: skip
    name_caller(call, number)
    s.add(call)
    return call


def name_caller(call: Call, number: str) -> None:
    call.caller = number
    call.caller_index = number_indices(number)[0] if number else None


def open_leg(
    s: AsyncSession,
    call: Call,
    role: Role,
    number: str,
    now: datetime,
    leg_id: str | None = None,
    **given: Any,
) -> Leg:
    leg = Leg(
        id=leg_id or new_id(), call_id=call.id, role=role.value, state=L.CREATED.value,
        created_at=now,
        script_no=0, room_seq=0, room_at=0,
        **{"tries": 1, "took": False} | given,
    )  # fmt: skip
    leg.number = number
    s.add(leg)
    return leg


async def note(
    s: AsyncSession, call: Call, key: str, kind: str, now: datetime, leg: str | None = None,
    **data: object,
) -> None:  # fmt: skip
    s.add(CallEvent(key=key, call_id=call.id, leg_id=leg, kind=kind, at=now, data=data))


async def seen(s: AsyncSession, key: str) -> bool:
    return await s.scalar(select(CallEvent.id).where(CallEvent.key == key)) is not None


async def move_leg(s: AsyncSession, call: Call, leg: Leg, event: Event, now: datetime) -> bool:
    """False: it came late, or says what is known. What is told twice is in the history once."""
    await note(s, call, event.key, event.kind.value, now, leg.id, **event.data)
    to = MOVES[L(leg.state)].get(event.kind)
    if to is None or _late(leg, event):
        return False
    sets: dict[str, Any] = {"state": to.value}
    if event.room:
        sets |= {"room": event.room, "room_seq": event.order, "room_at": event.at}
    if to == L.ENDED:
        sets |= {"ended_at": now, "cause": event.cause.value, "expected_until": None}
    elif leg.answered_at is None and to in states.ON_THE_LINE:
        sets["answered_at"] = now
    claim = update(Leg).where(Leg.id == leg.id, Leg.state == leg.state).values(**sets)
    if (await s.execute(claim)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    await s.refresh(leg)
    return True


def _late(leg: Leg, event: Event) -> bool:
    """Told after what came after it. A room that all have left begins to count anew."""
    if not event.room:
        return False
    if event.room == leg.room:
        return event.order <= leg.room_seq
    return event.at < leg.room_at or (leg.room is not None and event.kind != Kind.JOINED)


async def move_call(s: AsyncSession, call: Call, to: states.Call, now: datetime) -> bool:
    """False: it is there already, or this state knows no way to it."""
    was = C(call.state)
    if to not in NEXT[was] or to == was:
        return False
    sets: dict[str, Any] = {"state": to.value}
    if to == C.ENDED:
        sets["ended_at"] = now
    claim = update(Call).where(Call.id == call.id, Call.state == was.value).values(**sets)
    if (await s.execute(claim)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    await s.refresh(call)
    s.add(
        CallEvent(
            key=f"move:{new_id()}", call_id=call.id, kind=f"call_{to.value}", at=now,
            data={"was": was.value},
        )
    )  # fmt: skip
    return True


def live(legs: Sequence[Leg], *roles: Role) -> list[Leg]:
    return [leg for leg in legs if L(leg.state) in LIVE and (not roles or leg.role in roles)]


def talking(legs: Sequence[Leg], *roles: Role) -> list[Leg]:
    """Who is on the line, not ringing."""
    return [leg for leg in live(legs, *roles) if L(leg.state) in states.ON_THE_LINE]


def task(
    s: AsyncSession, call: Call, verb: str, now: datetime, leg: Leg | None = None,
    key: str | None = None, due: datetime | None = None, **args: object,
) -> None:  # fmt: skip
    s.add(
        CallTask(
            key=key or new_id(), call_id=call.id, leg_id=leg.id if leg else None, verb=verb,
            args=args, due_at=due or now,
        )
    )  # fmt: skip


def give(s: AsyncSession, call: Call, leg: Leg, script: Script, now: datetime) -> None:
    """Another script for the leg; it hears it now, or when it answers."""
    leg.script = script.to_dict() | ({"slow": True} if call.slow else {})
    leg.script_no += 1
    if L(leg.state) in states.ON_THE_LINE:
        task(s, call, "run", now, leg, no=leg.script_no)


def line(call: Call, leg: Leg) -> Line:
    answered = L(leg.state) in states.ON_THE_LINE
    return Line(leg.id, call.id, leg.ref, answered, call.room_ref)


async def leg_by_ref(s: AsyncSession, ref: str) -> Leg | None:
    found: Leg | None = await s.scalar(select(Leg).where(Leg.ref == ref))
    return found


async def call_of(s: AsyncSession, conversation_id: str) -> Call | None:
    """The live one of the conversation, else its newest."""
    found: Call | None = await s.scalar(
        select(Call)
        .where(Call.conversation_id == conversation_id)
        .order_by(Call.ended_at.is_not(None), Call.created_at.desc(), Call.id)
        .limit(1)
    )
    return found


async def from_110(s: AsyncSession, conversation_id: str) -> bool:
    """Whether the talk began as a call that 110 passed on; what we call back is another call."""
    passed_on = Call.conversation_id == conversation_id, Call.entry == "police"
    return await s.scalar(select(Call.id).where(*passed_on).limit(1)) is not None
