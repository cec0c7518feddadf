"""Tables as offices keep them: CSV (UTF-8 or GBK) and XLSX, read and written row by row."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

MOST_ROWS = 200_000
MOST_BYTES = 64 * 1024 * 1024  # of a file, unpacked
MOST_CHARS = 500  # of a cell
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BROKEN = (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError)
_REPAIR = "打不开，文件可能坏了或加了密码；请另存为 .xlsx 再试。"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


Cell = str | int | Decimal


class Trouble(NamedTuple):
    """What is wrong with a table, and where: row 1 is the headings' row, 0 the file as a whole."""

    table: str
    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        row = f" 第 {self.row} 行" if self.row else ""
        column = f"，“{self.column}”列" if self.column else ""
        return f"{self.table}{row}{column}：{self.sentence}"


class Unreadable(ValueError):
    """A file that is no table."""

    def __init__(self, table: str, sentence: str, row: int = 0) -> None:
        self.trouble = Trouble(table, row, "", sentence)
        super().__init__(str(self.trouble))


class Row(NamedTuple):
    number: int  # as the spreadsheet shows it
    cells: Mapping[str, str]  # heading -> text, trimmed


class Table(NamedTuple):
    name: str  # of the file, with the sheet's in brackets
    headings: Sequence[str]
    rows: Iterable[Row]  # read while walked; Unreadable may come on the way


def tables_of(name: str, data: bytes) -> list[Table]:
    """Every table of a file; sheets without a cell are left out. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable(name, f"文件超过 {MOST_BYTES // 2**20} MB，请分成几个文件。")
    if data[:4] == b"PK\x03\x04":
        sheets = _workbook(name, data)
    elif data[:4] == b"\xd0\xcf\x11\xe0":
        raise Unreadable(name, "这是旧的 .xls 格式，请在 Excel 或 WPS 里另存为 .xlsx。")
    else:
        sheets = [(name, _lines(name, data))]
    tables = (_table(title, rows) for title, rows in sheets)
    return [table for table in tables if table]


def _workbook(name: str, data: bytes) -> list[tuple[str, Iterator[Sequence[str]]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_BYTES:
                raise Unreadable(name, f"解压后超过 {MOST_BYTES // 2**20} MB，请分成几个文件。")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Unreadable:
        raise
    except _BROKEN:
        raise Unreadable(name, _REPAIR) from None
    return [(title, _cells(title, sheet)) for title, sheet in _named(name, book)]


def _named(name: str, book: Workbook) -> list[tuple[str, Any]]:
    return [(f"{name}（{sheet.title}）", sheet) for sheet in book.worksheets]


def _cells(title: str, sheet: Any) -> Iterator[Sequence[str]]:
    sheet.reset_dimensions()  # what some programs write there is wrong
    try:
        for row in sheet.iter_rows(values_only=True):
            yield tuple(map(_text, row))
    except _BROKEN:
        raise Unreadable(title, _REPAIR) from None


def _lines(name: str, data: bytes) -> Iterator[Sequence[str]]:
    if data[:2] in _UTF16:
        raise Unreadable(name, "这是“Unicode 文本”，请另存为“CSV UTF-8”或 .xlsx。")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # GBK and all that came after it
        except UnicodeDecodeError:
            raise Unreadable(name, "文字编码认不出，请另存为“CSV UTF-8”或 .xlsx。") from None
    if "\0" in text:
        raise Unreadable(name, "这不是表格，请另存为“CSV UTF-8”或 .xlsx。")
    return _records(name, text)


def _records(name: str, text: str) -> Iterator[Sequence[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""))
    except csv.Error:
        raise Unreadable(name, "引号没有配对，或者一格太长，读不下去。") from None


def _table(name: str, lines: Iterator[Sequence[str]]) -> Table | None:
    """Headings are the first line with a text in it."""
    numbered = enumerate(lines, start=1)
    for number, line in islice(numbered, MOST_ROWS):
        headings = [_plain(cell) for cell in line]
        if any(headings):
            return Table(name, headings, _rows(name, number, headings, numbered))
    return None


def _rows(
    name: str, top: int, headings: Sequence[str], numbered: Iterator[tuple[int, Sequence[str]]]
) -> Iterator[Row]:
    for number, line in numbered:
        if number > top + MOST_ROWS:
            raise Unreadable(name, f"超过 {MOST_ROWS} 行，请分成几个文件。", number)
        cells = [_plain(cell) for cell in line]
        if any(cells):
            yield Row(number, {h: c for h, c in zip(headings, cells, strict=False) if h})


def _plain(cell: str) -> str:
    """Trimmed, and without the mark that kept a spreadsheet from taking it for a formula."""
    text = cell.strip().replace("\u3000", " ").strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def _text(value: object) -> str:
    """A cell's value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        if value.year <= 1900:  # a time of 24 hours or more
            return "24:00" if (value.hour, value.minute) == (0, 0) else f"{value:%H:%M}"
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def to_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """With a byte order mark: Excel takes it for GBK otherwise."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(
    sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]],
) -> bytes:
    """(title, headings, rows) each. A text stays text: nothing is computed, no login a number."""
    book = Workbook(write_only=True)
    for title, headings, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number in range(len(headings)):
            sheet.column_dimensions[chr(ord("A") + number)].width = 18
        top = [WriteOnlyCell(sheet, heading) for heading in headings]
        for cell in top:
            cell.font = Font(bold=True)
        sheet.append(top)
        for row in rows:
            sheet.append([_as_text(sheet, one) if isinstance(one, str) else one for one in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_text(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, guarded(text))
    cell.data_type = "s"
    return cell
