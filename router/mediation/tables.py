"""Committees and mediators from tables, like the roster: all of it or nothing, every bad cell
named. A committee is known by its name, a mediator by the login."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.lawyers import columns
from router.lawyers.changes import one_writer
from router.lawyers.columns import Column
from router.lawyers.models import Lawyer
from router.lawyers.sheets import Row, Table, Trouble, Unreadable, tables_of
from router.mediation import hours
from router.mediation.models import KINDS, Committee, Mediator

TITLES = {"committees": "调委会", "mediators": "调解员"}
ROLE = "mediator"
_DIGITS = {"village": 12, "township": 9, "county": 6}
_PRESENT = {"yes": "在岗", "no": "不在岗"}


class BadTables(ValueError):
    """Nothing was put in; `troubles` names every cell that stands in the way."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(f"{len(troubles)} troubles")
        self.troubles = troubles


class Count(NamedTuple):
    title: str
    added: int
    changed: int


def _region(text: str) -> str:
    if not re.fullmatch(r"\d{6}|\d{9}|\d{12}", text):
        raise ValueError("地区代码是 6 位（县）、9 位（乡镇）或 12 位（村居）数字。")
    return text


def _phone(text: str) -> str:
    columns.telephone(text)
    return text  # with the area code apart, as people read it


def _hours(text: str) -> str:
    hours.read(text)
    return text


def _columns(matters: Mapping[str, str]) -> dict[str, Sequence[Column]]:
    return {
        "committees": (
            Column("name", "调委会", columns.name, required=True),
            Column("kind", "类型", columns.one_of(KINDS), required=True),
            Column("region", "地区代码", _region, required=True),
            Column("places", "服务地名", columns.words, empty=[]),
            Column("matters", "受理事项", columns.some_of(matters), empty=[]),
            Column("phone", "电话", _phone, required=True),
            Column("address", "地址", columns.name, required=True),
        ),
        "mediators": (
            Column("login", "登录名", columns.login, required=True),
            Column("name", "姓名", columns.name, required=True),
            Column("committee", "所在调委会", columns.name, required=True),
            Column("hours", "值班时间", _hours, required=True),
            Column("present", "在岗", columns.one_of(_PRESENT), empty="yes"),
            Column("phone", "电话", columns.telephone, empty=""),
        ),
    }


class _Entry(NamedTuple):
    table: str
    row: int
    values: Mapping[str, Any]

    def wrong(self, heading: str, sentence: str) -> Trouble:
        return Trouble(self.table, self.row, heading, sentence)


class Read(NamedTuple):
    committees: list[_Entry]
    mediators: list[_Entry]
    troubles: list[Trouble]


def read(files: Iterable[tuple[str, bytes]], matters: Mapping[str, str]) -> Read:
    """(name, content) each; `matters`: label to Chinese."""
    found = Read([], [], [])
    kinds = _columns(matters)
    for name, data in files:
        try:
            for table in tables_of(name, data):
                _read_table(table, kinds, found)
        except Unreadable as error:
            found.troubles.append(error.trouble)
    return found


def _read_table(table: Table, kinds: Mapping[str, Sequence[Column]], found: Read) -> None:
    top = set(table.headings)
    fits = (k for k, some in kinds.items() if {c.heading for c in some if c.required} <= top)
    kind = next(fits, None)
    if kind is None:
        wanted = "；".join(
            f"{TITLES[k]}表要有 {'、'.join(c.heading for c in some if c.required)}"
            for k, some in kinds.items()
        )
        found.troubles.append(Trouble(table.name, 1, "", f"看不懂表头。{wanted}。"))
        return
    for row in table.rows:
        entry, troubles = _read_row(table.name, row, kinds[kind])
        if kind == "committees" and not troubles:
            troubles = _fitting(entry)
        found.troubles.extend(troubles)
        if not troubles:
            (found.committees if kind == "committees" else found.mediators).append(entry)


def _read_row(table: str, row: Row, some: Sequence[Column]) -> tuple[_Entry, list[Trouble]]:
    values, troubles = {}, []
    for column in some:
        if column.heading not in row.cells and not column.required:
            continue
        try:
            values[column.name] = columns.checked(column, row.cells.get(column.heading, ""))
        except ValueError as error:
            troubles.append(Trouble(table, row.number, column.heading, str(error)))
    return _Entry(table, row.number, values), troubles


def _fitting(entry: _Entry) -> list[Trouble]:
    kind, region = entry.values["kind"], entry.values["region"]
    if len(region) != _DIGITS.get(kind, len(region)):
        said = f"{KINDS[kind]}调委会的地区代码是 {_DIGITS[kind]} 位。"
        return [entry.wrong("地区代码", said)]
    if len(region) > _DIGITS["county"] and not entry.values.get("places"):
        return [entry.wrong("服务地名", "写出它服务的村、街道的叫法，当事人说到才会找它。")]
    return []


async def put(session: AsyncSession, found: Read, now: datetime) -> list[Count]:
    """Inside a write transaction. Raises BadTables, with those of reading, too."""
    await one_writer(session)
    troubles = list(found.troubles)
    known = {one.name: one for one in await session.scalars(select(Committee))}
    counts = [_put_committees(session, found.committees, known)]
    await session.flush()
    counts.append(await _put_mediators(session, found.mediators, known, now, troubles))
    if troubles:
        raise BadTables(sorted(troubles, key=lambda t: (t.table, t.row)))
    await session.flush()
    return [count for count in counts if count.added or count.changed]


def _put_committees(
    session: AsyncSession, entries: Sequence[_Entry], known: dict[str, Committee]
) -> Count:
    added = changed = 0
    for entry in entries:
        values = {"places": [], "matters": [], **entry.values}
        row = known.get(values["name"])
        if row is None:
            known[values["name"]] = row = Committee(id=new_id(), **values)
            session.add(row)
            added += 1
        else:
            changed += _set(row, entry.values)
    return Count(TITLES["committees"], added, changed)


async def _put_mediators(
    session: AsyncSession, entries: Sequence[_Entry], known: Mapping[str, Committee],
    now: datetime, troubles: list[Trouble],
) -> Count:  # fmt: skip
    people = {one.login: one for one in await session.scalars(select(Lawyer))}
    stored = {one.id: one for one in await session.scalars(select(Mediator))}
    added = changed = 0
    for entry in entries:
        login, committee = entry.values["login"], known.get(entry.values["committee"])
        person = people.get(login)
        if committee is None:
            said = f"没有“{entry.values['committee']}”这个调委会。"
            troubles.append(entry.wrong("所在调委会", said))
            continue
        if person and person.role != ROLE:
            troubles.append(entry.wrong("登录名", f"“{login}”是律师或主管的登录名。"))
            continue
        own = {"committee_id": committee.id, "hours": entry.values["hours"]}
        if "present" in entry.values:
            own["present"] = entry.values["present"] == "yes"
        if person is None:
            people[login] = person = Lawyer(
                id=new_id(), login=login, name=entry.values["name"], role=ROLE, password_hash="",
                region=committee.region[:6], idle_since=now,
            )  # fmt: skip
            session.add(person)
            await session.flush()
            stored[person.id] = Mediator(id=person.id, **own)
            session.add(stored[person.id])
            added += 1
        else:
            changed += _set(stored[person.id], own) | _set(person, {"name": entry.values["name"]})
        if person.phone != entry.values.get("phone", person.phone):
            person.phone = entry.values["phone"]
    return Count(TITLES["mediators"], added, changed)


def _set(row: Committee | Mediator | Lawyer, values: Mapping[str, Any]) -> bool:
    changed = {name: v for name, v in values.items() if getattr(row, name) != v}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
