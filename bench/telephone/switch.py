"""A carrier in memory whose people do whatever comes to their minds, and the office behind it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text

from router import crypto
from router.bus import Bus
from router.channels.hotline.ground import Ground
from router.channels.hotline.port import CarrierError, Event, Line, Script
from router.channels.hotline.service import Hotline
from router.channels.hotline.states import Cause, Kind
from router.db import Base, Database, new_id
from router.destinations.registry import Destinations
from router.dispatch.service import Dispatch
from router.events import Events, OfferAccepted, OfferEnded, OfferMade
from router.gateway.service import Gateway
from router.lawbook import LawBook
from router.lawyers.models import Firm, Lawyer
from router.limits import Limits
from router.routing.service import Routing
from router.settings import Settings
from router.simulator.database import open_database

POLICE = "110"
SAID = ("老板不给我发工资", "我要离婚", "他拿刀要砍我，救命", "转人工", "嗯")


class Still:
    """Moved by hand; who sleeps is woken by being cancelled."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, span: timedelta) -> None:
        if span > timedelta(0):
            await asyncio.Event().wait()


class Parrot:
    def __init__(self, thinks: float = 0) -> None:
        """`thinks`: seconds for an answer."""
        self.thinks = thinks

    async def say(self, sender: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        if self.thinks:
            await asyncio.sleep(self.thinks)
        return [{"text": "您还想说什么？", "buttons": [{"title": "找律师", "payload": "转人工"}]}]

    async def answered(self, sender: str, message_id: str) -> list[dict[str, Any]] | None:
        return None

    async def alive(self) -> bool:
        return True

    async def close(self) -> None: ...


@dataclass
class Phone:
    leg: str
    room: str
    state: str = "ringing"  # ringing | talking | over
    script: Script | None = None
    no: int = 0
    inside: bool = False
    held: bool = False
    cause: Cause = Cause.NORMAL


@dataclass
class Switch:
    """`rng` also decides what of the carrier fails, is told twice, or never told."""

    rng: Random
    name: str = "switch"
    phones: dict[str, Phone] = field(default_factory=dict)
    untold: list[Event] = field(default_factory=list)
    count: itertools.count = field(default_factory=itertools.count)  # type: ignore[type-arg]

    def dials(self, number: str) -> bool:
        return True

    def tell(self, phone: Phone, kind: Kind, **more: Any) -> None:
        event = Event(f"e{next(self.count)}", phone.leg, kind, **more)
        if kind == Kind.ENDED and self.rng.random() < 0.05:
            return  # never told: the carrier's list makes up for it
        self.untold += [event] * (2 if self.rng.random() < 0.1 else 1)

    async def call_out(self, line: Line, to: str, ring_s: int, again: bool) -> str | None:
        dice = self.rng.random()
        if dice < 0.03:
            raise CarrierError("20429", wait=1.0)
        if dice < 0.05:
            raise CarrierError("21211")
        if line.leg_id not in self.phones:
            self.phones[line.leg_id] = Phone(line.leg_id, line.call_id)
        if dice < 0.07:
            raise CarrierError("timeout", unknown=True)
        return line.leg_id

    def _live(self, line: Line) -> Phone:
        phone = self.phones.get(line.leg_id)
        if phone is None or phone.state == "over":
            raise CarrierError("21220", gone=True)
        return phone

    async def run(self, line: Line, script: Script, no: int) -> None:
        phone = self._live(line)
        self.leave(phone)
        phone.script, phone.no = script, no
        if script.then == "hang_up":
            self.over(phone, Cause.NORMAL)
        elif script.then == "join":
            phone.inside = True
            self.tell(phone, Kind.JOINED)

    async def hold(self, line: Line, on: bool) -> None:
        phone = self._live(line)
        if phone.inside:
            phone.held = on
            self.tell(phone, Kind.HELD if on else Kind.UNHELD)

    async def hang_up(self, line: Line) -> None:
        phone = self._live(line)
        self.over(phone, Cause.NORMAL if phone.state == "talking" else Cause.CANCELED)

    async def record(self, line: Line, on: bool) -> None:
        self._live(line)

    async def fetch(self, recording: str) -> AsyncIterator[bytes]:
        yield b"-"

    async def delete(self, recording: str) -> None: ...

    async def ended(self, line: Line) -> Cause | None:
        phone = self.phones.get(line.leg_id)
        if phone is None:
            return Cause.FAILED
        return phone.cause if phone.state == "over" else None

    def leave(self, phone: Phone) -> None:
        if phone.inside:
            phone.inside = phone.held = False
            self.tell(phone, Kind.LEFT)

    def over(self, phone: Phone, cause: Cause) -> None:
        self.leave(phone)
        phone.state, phone.cause = "over", cause
        self.tell(phone, Kind.ENDED, cause=cause)

    # --- people

    def act(self) -> None:
        """One of them does something that they can do now."""
        live = [one for one in self.phones.values() if one.state != "over"]
        if not live:
            return
        phone = self.rng.choice(live)
        if phone.state == "ringing":
            if self.rng.random() < 0.7:
                phone.state = "talking"
                self.tell(phone, Kind.ANSWERED)
            else:
                how = (Cause.BUSY, Cause.NO_ANSWER, Cause.FAILED)
                self.over(phone, self.rng.choice(how))
        elif self.rng.random() < 0.05:
            self.over(phone, self.rng.choice((Cause.NORMAL, Cause.FAILED)))
        elif phone.inside and phone.script and phone.script.menu:
            phone.inside = False
            self.tell(phone, Kind.STAR, script_no=phone.no)
        elif phone.script and phone.script.then == "listen":
            self._replies(phone)

    def _replies(self, phone: Phone) -> None:
        said: dict[str, Any] = {}
        dice = self.rng.random()
        if dice < 0.6:
            said = {"keys": self.rng.choice("0112249*")}
        elif dice < 0.85 and phone.script and phone.script.speech:
            said = {"speech": self.rng.choice(SAID)}
        self.tell(phone, Kind.HEARD, script_no=phone.no, **said)


@dataclass
class Office:
    db: Database
    clock: Still
    switch: Switch
    dispatch: Dispatch
    gateway: Gateway
    hotline: Hotline

    async def settle(self) -> None:
        """Until nothing is being worked at, and everything is told."""
        while True:
            while self.switch.untold:
                at = self.switch.rng.randrange(min(len(self.switch.untold), 2))
                await self.hotline.hear(self.switch.untold.pop(at))
            if not self.busy():
                return
            await asyncio.sleep(0)

    def busy(self) -> bool:
        return bool(
            self.hotline._background
            or self.gateway.turns._workers
            or self.gateway.intake._background
        )

    async def later(self, seconds: int) -> None:
        self.clock.at += timedelta(seconds=seconds)
        for _ in range(3):
            await self.dispatch.timers.fire_due()
            await self.settle()

    async def clear(self) -> None:
        self.switch.phones.clear()
        names = [table.name for table in reversed(Base.metadata.sorted_tables)]
        async with self.db.core() as c:
            used = ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in names)
            row = (await c.exec_driver_sql(f"SELECT {used}")).one()
            for name in (name for name, has_rows in zip(names, row, strict=True) if has_rows):
                await c.exec_driver_sql(f"DELETE FROM {name}")


async def office(folder: Path, rng: Random) -> Office:
    crypto.use(crypto.Keyring([b"k" * 32]))
    settings = Settings(
        STATE_DIR=folder, HOTLINE_CARRIER="cti", CALL_OUT_RATE="100000000/hour", JIEYUAN_ENV="demo"
    )
    db, clock, bus, events = await open_database(folder / "calls.db"), Still(), Bus(None), Events()
    destinations = Destinations.load()
    dispatch = Dispatch(db, clock, bus, events, settings, destinations.queues())
    lawbook = LawBook(db, clock, bus, settings.REGION)
    routing = Routing(db, clock, bus, lawbook, destinations, dispatch, settings)
    gateway = Gateway(db, clock, bus, Parrot(), routing, settings)
    switch = Switch(rng)
    limits = Limits(None)
    ground = Ground(
        db,
        clock,
        bus,
        gateway,
        routing,
        dispatch,
        limits,
        settings,
        {"switch": switch},
        destinations,
    )
    hotline = Hotline(ground)
    events.table = {
        OfferMade: [hotline.offered.made],
        OfferEnded: [hotline.offered.ended],
        OfferAccepted: [hotline.offered.accepted],
    }
    return Office(db, clock, switch, dispatch, gateway, hotline)


async def hire(there: Office, how_many: int) -> None:
    async with there.db.write() as s:
        firm = Firm(id=new_id(), name=new_id())
        s.add(firm)
        await s.flush()
        for n in range(how_many):
            row = Lawyer(
                id=new_id(), firm_id=firm.id, login=f"l{n}", name=f"律师{n}", password_hash="-",
                region="990101", on_duty=False, idle_since=there.clock.now(),
            )  # fmt: skip
            row.phone = f"1390000{n:04}"
            s.add(row)
    async with there.db.read() as s:
        ids = list((await s.execute(text("SELECT id FROM lawyers"))).scalars())
    for one in ids:
        await there.dispatch.duty(one, True)
