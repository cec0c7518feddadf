"""The demonstration county: fictional duty lawyers and a supervisor, put in at first start."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from router.clock import Clock, china_date
from router.db import Database, new_id
from router.destinations.labels import LABELS
from router.lawyers.changes import put_in
from router.lawyers.models import Firm, Lawyer
from router.lawyers.passwords import first_passwords, password
from router.lawyers.pattern import load, plan
from router.lawyers.service import hash_password
from router.mediation import tables
from router.settings import ROOT

COUNTY = ROOT / "data" / "demo" / "county.yml"
Login = tuple[str, str, str, str]  # login, name, role, password


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Person(_Strict):
    login: str
    name: str
    fields: list[str] = []
    languages: list[str] = []
    defends_since: date | None = None
    posts: list[str] = []
    tier: Literal["duty", "reserve"] = "duty"


class _Firm(_Strict):
    name: str
    lawyers: list[_Person]


class _County(_Strict):
    region: str
    name: str
    capacity: int
    supervisor: _Person
    firms: list[_Firm]


async def is_seeded(db: Database, path: Path = COUNTY) -> bool:
    firms = [firm.name for firm in _read(path).firms]
    async with db.read() as s:
        return await s.scalar(select(Firm.id).where(Firm.name.in_(firms)).limit(1)) is not None


async def seed_demo(db: Database, clock: Clock, path: Path = COUNTY) -> list[Login]:
    """Logins with their passwords, to be shown once; nothing when there is staff already."""
    async with db.read() as s:
        if await s.scalar(select(Lawyer.id).limit(1)):
            return []
    county = _read(path)
    people: list[tuple[_Person, str, str | None]] = [(county.supervisor, "supervisor", None)]
    firms = [Firm(id=new_id(), name=firm.name) for firm in county.firms]
    for row, firm in zip(firms, county.firms, strict=True):
        people += [(person, "lawyer", row.id) for person in firm.lawyers]
    passwords = [password() for _ in people]
    hashes = await asyncio.to_thread(lambda: [hash_password(p) for p in passwords])
    async with db.write() as s:
        s.add_all(firms)
        await s.flush()
        for (person, role, firm_id), digest in zip(people, hashes, strict=True):
            s.add(
                Lawyer(
                    id=new_id(), firm_id=firm_id, login=person.login, name=person.name,
                    role=role, password_hash=digest, fields=person.fields,
                    languages=person.languages, posts=person.posts, tier=person.tier,
                    defends_since=person.defends_since,
                    region=county.region, capacity=county.capacity, idle_since=clock.now(),
                )
            )  # fmt: skip
    return [
        (person.login, person.name, role, secret)
        for (person, role, _), secret in zip(people, passwords, strict=True)
    ] + await _seed_mediators(db, clock)


async def _seed_mediators(db: Database, clock: Clock) -> list[Login]:
    """The committees' tables, by the office's own import; each mediator with a first password."""
    files = [COUNTY.with_name(name) for name in ("committees.csv", "mediators.csv")]
    found = tables.read([(path.name, path.read_bytes()) for path in files], LABELS)
    async with db.write() as s:
        await tables.put(s, found, clock.now())
        made = await first_passwords(s, "demo", clock.now())
    return [(login, name, tables.ROLE, secret) for _, name, login, secret in made]


async def plan_demo(db: Database, clock: Clock) -> None:
    """Shifts from yesterday, whose night may still run, for four weeks; at each start again, so
    that they never run out."""
    first = china_date(clock.now()) - timedelta(days=1)
    pattern = load(COUNTY.with_name("pattern.yml"))
    async with db.write() as s:
        await put_in(s, plan(pattern, first, first + timedelta(weeks=4)))


def _read(path: Path) -> _County:
    return _County.model_validate(yaml.safe_load(path.read_text("utf-8")))
