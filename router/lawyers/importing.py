"""Puts tables of lawyers, shifts and clients into the database: all of it or nothing.

The same file twice changes nothing: a lawyer is known by the login, a shift by lawyer and start,
a client by firm, lawyer and name.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.clock import CHINA
from router.db import new_id
from router.lawyers.changes import one_writer
from router.lawyers.entries import TITLES, Entries, Entry
from router.lawyers.hours import LONGEST
from router.lawyers.models import Client, Firm, Lawyer, Shift
from router.lawyers.sheets import Trouble
from router.names import name_indices, normalised

SEALED = ("phone", "seat_phone")
OF_LAWYER = ("name", "region", "fields", "languages", "posts", "tier", "capacity", "defends_since")
OF_SHIFT = ("ends_at", "post", "seat", "state")


class BadRows(ValueError):
    """Nothing was put in; `troubles` names every row that stands in the way."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(f"{len(troubles)} troubles")
        self.troubles = troubles


class Count(NamedTuple):
    kind: str
    added: int
    changed: int
    same: int

    @property
    def title(self) -> str:
        return TITLES[self.kind]


class _Rows(NamedTuple):
    """What to write of one table."""

    model: type[Lawyer] | type[Shift] | type[Client]
    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    same: int


class _Taken(NamedTuple):
    starts_at: datetime
    ends_at: datetime
    entry: Entry | None  # None: stored before


async def put(session: AsyncSession, entries: Entries, now: datetime) -> list[Count]:
    """Inside a write transaction. Raises BadRows, with those of reading the tables, too."""
    await one_writer(session)
    troubles = list(entries.troubles)
    firms = await _firms(session, entries)
    lawyers, ids = await _lawyers(session, entries, firms, now, troubles)
    shifts = await _shifts(session, entries.shifts, ids, troubles)
    clients = await _clients(session, entries.clients, firms, ids, troubles)
    if troubles:
        raise BadRows(sorted(troubles, key=lambda t: (t.table, t.row)))
    if lawyers.changed:  # as dispatch locks several: in the order of their ids
        theirs = select(Lawyer.id).where(Lawyer.role == "lawyer").order_by(Lawyer.id)
        await session.execute(theirs.with_for_update(key_share=True))
    counts = []
    for kind, rows in zip(TITLES, (lawyers, shifts, clients), strict=True):
        if rows.new:
            await session.execute(insert(rows.model), rows.new)
        if rows.changed:
            await session.execute(update(rows.model), rows.changed)
        if any((rows.new, rows.changed, rows.same)):
            counts.append(Count(kind, len(rows.new), len(rows.changed), rows.same))
    return counts


async def _firms(session: AsyncSession, entries: Entries) -> Mapping[str, str]:
    """name -> id. A firm that only a lawyer's row names is new; rolled back if a row is bad."""
    known = {name: key for name, key in await session.execute(select(Firm.name, Firm.id))}
    named = dict.fromkeys(entry.values.get("firm") for entry in entries.lawyers)
    new = {name: new_id() for name in named if name and name not in known}
    if new:
        await session.execute(insert(Firm), [{"id": key, "name": n} for n, key in new.items()])
    return known | new


async def _lawyers(
    session: AsyncSession,
    entries: Entries,
    firms: Mapping[str, str],
    now: datetime,
    troubles: list[Trouble],
) -> tuple[_Rows, dict[str, str]]:
    stored = {row.login: row for row in await session.execute(_stored_lawyers())}
    ids = {login: row.id for login, row in stored.items() if row.role == "lawyer"}
    rows, seen = _Rows(Lawyer, [], [], 0), dict[str, Entry]()
    same = 0
    for entry in entries.lawyers:
        login = entry.values["login"]
        before = stored.get(login)
        if login in seen:
            troubles.append(entry.wrong("登录名", f"和第 {seen[login].row} 行的相同。"))
            continue
        seen[login] = entry
        if before and before.role != "lawyer":
            troubles.append(entry.wrong("登录名", f"“{login}”是主管的登录名。"))
            continue
        values = {key: entry.values[key] for key in OF_LAWYER if key in entry.values}
        if "firm" in entry.values:
            values["firm_id"] = firms.get(entry.values["firm"])
        if before is None:
            ids[login] = new_id()
        values |= _sealed(entry, ids[login], before)
        if before is None:
            rows.new.append(
                {"region": entries.home, **values, "id": ids[login], "login": login,
                 "password_hash": "", "idle_since": now}
            )  # fmt: skip
        elif any(getattr(before, key) != value for key, value in values.items()):
            rows.changed.append({"id": before.id, **values})
        else:
            same += 1
    return rows._replace(same=same), ids


def _sealed(entry: Entry, lawyer_id: str, before: Any) -> dict[str, Any]:
    """The columns of what is encrypted; the stored ones where it says the same."""
    found: dict[str, Any] = {}
    for key in SEALED:
        if key in entry.values:
            name = f"{key}_sealed"
            stored = getattr(before, name) if before else None
            row = Lawyer(id=lawyer_id, **{name: stored})
            if getattr(row, key) != entry.values[key]:
                setattr(row, key, entry.values[key])
            found[name] = getattr(row, name)
    return found


def _stored_lawyers() -> Any:
    columns = (getattr(Lawyer, key) for key in (*OF_LAWYER, *(f"{key}_sealed" for key in SEALED)))
    return select(Lawyer.id, Lawyer.login, Lawyer.role, Lawyer.firm_id, *columns)


async def _shifts(
    session: AsyncSession,
    entries: Sequence[Entry],
    ids: Mapping[str, str],
    troubles: list[Trouble],
) -> _Rows:
    if not entries:
        return _Rows(Shift, [], [], 0)
    stored = await _stored_shifts(session, entries)
    rows, same = _Rows(Shift, [], [], 0), 0
    seen: dict[tuple[str, datetime], Entry] = {}
    for entry in entries:
        lawyer_id, starts_at = ids.get(entry.values["login"]), entry.values["starts_at"]
        if lawyer_id is None:
            said = f"没有登录名“{entry.values['login']}”的律师。"
            troubles.append(entry.wrong("登录名", said))
            continue
        key = (lawyer_id, starts_at)
        if key in seen:
            said = f"和{_place(entry, seen[key])}是同一个人的同一个开始时间。"
            troubles.append(entry.wrong("开始", said))
            continue
        seen[key] = entry
        before = stored.get(key)
        values = {name: entry.values[name] for name in OF_SHIFT if name in entry.values}
        if before is None:
            rows.new.append(
                {"id": new_id(), "lawyer_id": lawyer_id, "starts_at": starts_at, **values}
            )
        elif any(getattr(before, name) != value for name, value in values.items()):
            rows.changed.append({"id": before.id, **values})
        else:
            same += 1
    troubles += _overlaps(seen, stored)
    return rows._replace(same=same)


async def _stored_shifts(
    session: AsyncSession, entries: Sequence[Entry]
) -> dict[tuple[str, datetime], Any]:
    """Those that could be one of the entries or overlap it, by lawyer and start."""
    starts = [entry.values["starts_at"] for entry in entries]
    found = await session.execute(
        select(
            Shift.id, Shift.lawyer_id, Shift.starts_at, Shift.ends_at,
            Shift.post, Shift.seat, Shift.state,
        ).where(Shift.starts_at > min(starts) - LONGEST, Shift.starts_at < max(starts) + LONGEST)
    )  # fmt: skip
    return {(row.lawyer_id, row.starts_at): row for row in found}


def _overlaps(
    seen: Mapping[tuple[str, datetime], Entry], stored: Mapping[tuple[str, datetime], Any]
) -> Iterable[Trouble]:
    """Nobody is on two shifts at once: of the table, or of the table and what is stored."""
    of_lawyer: dict[str, list[_Taken]] = defaultdict(list)
    for (lawyer_id, begin), entry in seen.items():
        before = stored.get((lawyer_id, begin))
        state = entry.values.get("state", before.state if before else "planned")
        if state == "planned":
            of_lawyer[lawyer_id].append(_Taken(begin, entry.values["ends_at"], entry))
    for (lawyer_id, begin), row in stored.items():
        if lawyer_id in of_lawyer and row.state == "planned" and (lawyer_id, begin) not in seen:
            of_lawyer[lawyer_id].append(_Taken(begin, row.ends_at, None))
    for spans in of_lawyer.values():
        spans.sort(key=lambda span: span.starts_at)
        latest = spans[0]  # of those begun, the one that ends last
        for span in spans[1:]:
            if span.starts_at < latest.ends_at and (wrong := _overlap(latest, span)):
                yield wrong
            latest = max(latest, span, key=lambda one: one.ends_at)


def _overlap(first: _Taken, second: _Taken) -> Trouble | None:
    if first.entry and second.entry:
        said = f"和{_place(second.entry, first.entry)}的时间重叠。"
        return second.entry.wrong("开始", said)
    ours, stored = (second, first) if second.entry else (first, second)
    at = stored.starts_at.astimezone(CHINA)
    said = f"和已经排好的班重叠（{at.month}月{at.day}日 {at:%H:%M} 开始的）。"
    return ours.entry.wrong("开始", said) if ours.entry else None


def _place(entry: Entry, other: Entry) -> str:
    where = "" if other.table == entry.table else f"{other.table} "
    return f"{where}第 {other.row} 行"


async def _clients(
    session: AsyncSession,
    entries: Sequence[Entry],
    firms: Mapping[str, str],
    ids: Mapping[str, str],
    troubles: list[Trouble],
) -> _Rows:
    rows = _Rows(Client, [], [], 0)
    if not entries:
        return rows
    found = await session.execute(select(Client.firm_id, Client.lawyer_id, Client.name_index))
    known = {one for firm, lawyer, index in found for one in _known(firm, lawyer, index)}
    stored = {index for _, _, index in known}  # of a former key too: a name has one index
    same = 0
    for entry in entries:
        firm, login = firms.get(entry.values["firm"]), entry.values.get("login")
        lawyer = ids.get(login or "")
        if firm is None:
            said = f"没有律所“{entry.values['firm']}”，请先导入它的律师。"
            troubles.append(entry.wrong("律所", said))
        elif login and login not in ids:
            troubles.append(entry.wrong("登录名", f"没有登录名“{login}”的律师。"))
        elif not normalised(entry.values["client"]):
            troubles.append(entry.wrong("委托人", "里面没有文字。"))
        elif any((firm, lawyer, index) in known for index in name_indices(entry.values["client"])):
            same += 1
        else:
            indices = name_indices(entry.values["client"])
            index = next((one for one in indices if one in stored), indices[0])
            rows.new.append(_client(entry, firm, lawyer, index))
            known |= _known(firm, lawyer, index)
            stored.add(index)
    return rows._replace(same=same)


def _known(
    firm: str | None, lawyer: str | None, index: str
) -> set[tuple[str | None, str | None, str]]:
    """A lawyer's client is the firm's; another lawyer's too only if told: they may leave it."""
    return {(firm, lawyer, index), (firm, None, index)}


def _client(entry: Entry, firm: str, lawyer: str | None, index: str) -> dict[str, Any]:
    row = Client(id=new_id(), name_index=index)
    row.name = entry.values["client"]
    return {
        "id": row.id, "firm_id": firm, "lawyer_id": lawyer,
        "name_sealed": row.name_sealed, "name_index": row.name_index,
    }  # fmt: skip
