"""Tables of lawyers, shifts and clients to checked entries; every cell that is wrong is named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from router.lawyers import columns
from router.lawyers.columns import Column
from router.lawyers.hours import moment
from router.lawyers.sheets import Row, Table, Trouble, Unreadable, tables_of

TITLES: Final = {"lawyers": "律师", "shifts": "班次", "clients": "委托人"}


class Entry(NamedTuple):
    """A row that can be read, and where it stands."""

    table: str
    row: int
    values: Mapping[str, Any]  # by the columns' names; only of columns that the table has

    def wrong(self, heading: str, sentence: str) -> Trouble:
        return Trouble(self.table, self.row, heading, sentence)


@dataclass
class Entries:
    home: str  # the region of a lawyer of whom none is said
    lawyers: list[Entry] = field(default_factory=list)
    shifts: list[Entry] = field(default_factory=list)
    clients: list[Entry] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


def read(files: Iterable[tuple[str, bytes]], fields: Mapping[str, str], home: str) -> Entries:
    """(name, content) each; see columns.lawyers() for the rest. Pure, and slow for a long table."""
    found = Entries(home)
    kinds: Mapping[str, Sequence[Column]] = {
        "lawyers": columns.lawyers(fields, home),
        "shifts": columns.SHIFTS,
        "clients": columns.CLIENTS,
    }
    for name, data in files:
        try:
            tables = tables_of(name, data)
            if not tables:
                found.troubles.append(Trouble(name, 0, "", "里面没有内容。"))
            for table in tables:
                _read_table(table, kinds, found)
        except Unreadable as error:
            found.troubles.append(error.trouble)
    return found


def _read_table(table: Table, kinds: Mapping[str, Sequence[Column]], found: Entries) -> None:
    top = table.headings
    told = {kind: {c.heading for c in some if c.required} for kind, some in kinds.items()}
    fitting = [kind for kind, needed in told.items() if needed <= set(top)]
    kind = max(fitting, key=lambda kind: len(told[kind]), default="")
    if not kind:
        wanted = "；".join(f"{TITLES[k]}表要有 {_headings(some)}" for k, some in kinds.items())
        found.troubles.append(Trouble(table.name, 1, "", f"看不懂表头。{wanted}。"))
        return
    known = {column.heading: column for column in kinds[kind]}
    for heading in dict.fromkeys(top):
        if heading and heading not in known:
            said = f"没有这一列；{TITLES[kind]}表可以有：{'、'.join(known)}。"
            found.troubles.append(Trouble(table.name, 1, heading, said))
        elif heading and top.count(heading) > 1:
            found.troubles.append(Trouble(table.name, 1, heading, "这一列出现了两次。"))
    there = [column for heading, column in known.items() if heading in top]
    into: list[Entry] = getattr(found, kind)
    for row in table.rows:
        entry, troubles = _read_row(table.name, row, there)
        if kind == "shifts" and not troubles:
            troubles = _span(entry)
        found.troubles += troubles
        if not troubles:
            into.append(entry)


def _headings(some: Sequence[Column]) -> str:
    return "、".join(column.heading for column in some if column.required)


def _read_row(table: str, row: Row, there: Sequence[Column]) -> tuple[Entry, list[Trouble]]:
    values, troubles = {}, []
    for column in there:
        try:
            values[column.name] = columns.checked(column, row.cells.get(column.heading, ""))
        except ValueError as error:
            troubles.append(Trouble(table, row.number, column.heading, str(error)))
    return Entry(table, row.number, values), troubles


def _span(entry: Entry) -> list[Trouble]:
    """Begin and end become moments; an end that is not later is the next day's."""
    values: dict[str, Any] = entry.values  # type: ignore[assignment]
    begin, end, on = values["begin"], values["end"], values["day"]
    if begin == 24 * 60:
        return [entry.wrong("开始", "24:00 请写成第二天的 00:00。")]
    if begin == end:
        return [entry.wrong("结束", "和开始相同。")]
    values["starts_at"] = moment(on, begin)
    values["ends_at"] = moment(on, end if end > begin else end + 24 * 60)
    return []
