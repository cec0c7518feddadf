"""What a jurist should look at in the law's files: faults to put right, and notices.

Reading finds what is badly written (lawfile.py); here is what is well written and not meant.
"""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any, Final

from router.eligibility.facts import FACTS, MATTERS
from router.eligibility.finding import Outcome
from router.eligibility.law import (
    Dated,
    Law,
    NegativeEntry,
    Region,
    Standard,
    When,
    read_law,
)
from router.eligibility.lawcites import Key, Row, citations, code_text, row_lists
from router.eligibility.lawfile import LawFiles, Remark, Source

Span = tuple[dt.date, dt.date]
_DAY: Final = dt.timedelta(days=1)
# 法律援助法 32: in by clause functions, whatever a region's list says.
_ALWAYS_IN: Final = frozenset({"hero_personality", "good_samaritan"})
# Lists whose rows speak of some cases, not of all.
_CONDITIONAL: Final = frozenset(
    {"matters", "open_matters", "negative_list", "waived", "exempt", "bars", "over_the_line"}
)
_YEAR: Final = re.compile(r"[._@-]?(19|20)\d\d$")


def check_law(folder: Path, over: Path | None = None) -> list[Remark]:
    """Every remark, by file and line."""
    files = LawFiles(folder, over)
    law = read_law(files)
    check = _Check(files, law)
    check.unread()
    check.national()
    for region in law.regions.values():
        check.region(region)
    check.keys()
    citations(files, law)
    return sorted(files.remarks, key=lambda remark: (str(remark.path), remark.line))


class _Check:
    def __init__(self, files: LawFiles, law: Law) -> None:
        self.files, self.law = files, law

    def source(self, name: str) -> Source | None:
        return self.files.sources.get(self.files.path(name))

    def region_source(self, code: str) -> Source:
        return self.files.sources[self.files.regions()[code]]

    def say(self, source: Source, key: Key, sentence: str, fault: bool = True) -> None:
        self.files.remark(source.path, source.line(*key), sentence, fault)

    def unread(self) -> None:
        """A file that the program passes over is a rule that does not hold."""
        for folder in filter(None, (self.files.over, self.files.folder)):
            for path in sorted(folder.rglob("*.y*ml")):
                replaced = self.files.path(str(path.relative_to(folder))) != path
                known = path in self.files.sources or self.files.faulty(path)
                if not known and not replaced and path.stem not in self.law.regions:
                    told = "程序不读这个文件：地区放在 regions/，扩展名是 .yml。"
                    self.files.remark(path, 0, told)

    # The national list

    def national(self) -> None:
        source = self.source("national.yml")
        if source is None or not self.law.eras:
            return
        eras = sorted(enumerate(self.law.eras), key=lambda pair: pair[1].span[0])
        for (_, before), (number, after) in pairwise(eras):
            self._follow(source, ("eras", number), "全国清单", before, after, gap_is_fault=True)
        number, last = eras[-1]
        if last.until:
            told = f"全国清单到 {last.until} 为止，以后没有清单可用。"
            self.say(source, ("eras", number, "until"), told)
        for name, rows in row_lists(self.law):
            self._list(source, name, rows, None)

    def _follow(
        self, source: Source, key: Key, what: str, before: Dated, after: Dated, gap_is_fault: bool
    ) -> None:
        """Dated versions of one thing: no day twice, no day without."""
        (_, end), (begin, _) = before.span, after.span
        if begin <= end:
            shown = "一直有效" if end == dt.date.max else f"到 {end} 才结束"
            told = f"{what}：从 {begin} 起的一条与上一条重叠，上一条{shown}。"
            self.say(source, (*key, "since"), told)
        elif begin > end + _DAY:
            told = f"{what}：{end + _DAY} 到 {begin - _DAY} 之间没有规定。"
            self.say(source, (*key, "since"), told, gap_is_fault)

    # A region

    def region(self, region: Region) -> None:
        source = self.region_source(region.code)
        life = region.span
        if region.standard is None or not region.standard.values:
            key: Key = ("standard",) if region.standard else ("code",)
            told = "没有经济困难标准的数字：要看经济条件的，一律答“由法律援助机构决定”。"
            self.say(source, key, told, fault=False)
        if region.standard:
            self._standard(source, region, region.standard)
        for name, rows in row_lists(region):
            self._list(source, name, rows, life)
        for name, value in region:
            if isinstance(value, Dated):
                self._outside(source, (name,), "这一项", value.span, life)
        for number, entry in enumerate(region.negative_list):
            self._negative(source, number, entry, life)

    def _standard(self, source: Source, region: Region, standard: Standard) -> None:
        begins = sorted(standard.values)
        first, last = region.span
        for day, after in zip_longest(begins, begins[1:]):
            line, key = standard.values[day], ("standard", "values", str(day))
            end = after - _DAY if after else dt.date.max
            self._outside(source, key, f"从 {day} 起的标准", (day, end), (first, last))
            if not (line.cites or standard.cites or line.href):
                told = f"从 {day} 起的标准没有写依据(cites)，数字不能没有来源。"
                self.say(source, key, told, not region.fictional)
            if after and standard.values[after] == line:
                told = f"从 {after} 起的标准与前一条完全相同。"
                self.say(source, ("standard", "values", str(after)), told, fault=False)
            if after and _lowest(standard.values[after].limit) < _lowest(line.limit):
                told = f"从 {after} 起的标准比以前低，请核对数字。"
                self.say(source, ("standard", "values", str(after)), told, fault=False)
        if begins and begins[0] > first:
            shown = f"{first} 到 {begins[0] - _DAY}" if region.since else f"{begins[0]} 以前"
            told = f"{shown} 没有标准：这段时间的申请答“由法律援助机构决定”。"
            self.say(source, ("standard", "values", str(begins[0])), told, fault=False)

    def _outside(self, source: Source, key: Key, what: str, span: Span, life: Span) -> None:
        if span[1] < life[0] or span[0] > life[1]:
            told = f"{what}永远不会适用：它的日期在地区规定有效期({_shown(life)})之外。"
            self.say(source, key, told)

    def _list(self, source: Source, name: str, rows: tuple[Row, ...], life: Span | None) -> None:
        families: dict[str, list[tuple[int, Row]]] = {}
        for number, row in enumerate(rows):
            if life:
                self._outside(source, (name, number), f"“{row.id}”", row.span, life)
            when = _conditions(row)
            if when.matters and when.matters <= when.except_matters:
                told = f"“{row.id}”永远不会适用：列出的事项又全部被排除(except_matters)。"
                self.say(source, (name, number), told)
            if when == When() and name in _CONDITIONAL:
                told = f"“{row.id}”没有写条件，对任何人、任何事都适用。"
                self.say(source, (name, number), told, name in ("negative_list", "bars"))
            self._behind(source, name, number, rows)
            families.setdefault(_YEAR.sub("", row.id), []).append((number, row))
        for family in families.values():
            family.sort(key=lambda pair: pair[1].span[0])
            for (_, before), (number, after) in pairwise(family):
                if not before.meets(after):
                    self._follow(source, (name, number), f"“{after.id}”", before, after, True)

    def _behind(self, source: Source, name: str, number: int, rows: tuple[Row, ...]) -> None:
        """The first row that fits answers, so a narrower one after it never does."""
        row, span = rows[number], rows[number].span
        for earlier in rows[:number]:
            before = earlier.span
            whole_time = before[0] <= span[0] and span[1] <= before[1]
            proof = getattr(earlier, "proof", False) and not getattr(row, "proof", False)
            if earlier.id != row.id and whole_time and not proof:
                if _covers(_conditions(earlier), _conditions(row)):
                    told = f"“{row.id}”永远轮不到：前面的“{earlier.id}”在同样的情形下已经适用。"
                    self.say(source, (name, number), told)
                    return

    def _negative(self, source: Source, number: int, entry: NegativeEntry, life: Span) -> None:
        """The list only narrows what a region adds: 法律援助法 31、32 stay."""
        named = entry.refuse.matters
        begin, end = max(entry.span[0], life[0]), min(entry.span[1], life[1])
        eras = [era for era in self.law.eras if era.span[0] <= end and begin <= era.span[1]]
        if not named or not eras or getattr(entry.refuse, "role", None) == {"respondent"}:
            return
        floor = frozenset.intersection(*(frozenset(era.matters) for era in eras)) | _ALWAYS_IN
        shown = "、".join(MATTERS[matter] for matter in sorted(named & floor))
        key: Key = ("negative_list", number)
        if named <= floor:
            told = f"“{entry.id}”永远不起作用：{shown}是法律规定必须援助的事项，清单不能缩小它。"
            self.say(source, key, told)
        elif shown:
            told = f"“{entry.id}”里的{shown}是法律规定必须援助的事项，清单对它不起作用。"
            self.say(source, key, told, fault=False)

    # Names and citations

    def keys(self) -> None:
        """Keys that are words of the vocabulary: a typing error would silently do nothing."""
        outcomes = {outcome.value for outcome in Outcome}
        matters = set(MATTERS)
        if source := self.source("limits.yml"):
            told = matters | {*FACTS["role"].values, *FACTS["request"].values}
            told |= {name for name in source.data if f'"{name}"' in code_text()}
            self._known(source, (), told, "事项、身份或请求")
            for matter, rows in self.law.limits.items():
                said = [(row.words, row.since, row.until) for row in rows]
                for number, row in enumerate(said):
                    if row in said[:number]:
                        self.say(source, (matter, number), f"“{row[0]}”写了两次。")
        if source := self.source("doors.yml"):
            self._known(source, ("matters",), matters, "事项")
            self._known(source, ("roles",), set(FACTS["role"].values), "身份")
            self._known(source, ("danger",), set(FACTS["danger"].values), "危险")
            self._known(source, ("outcomes",), outcomes, "结论")

    def _known(self, source: Source, key: Key, allowed: set[str], what: str) -> None:
        rows: Any = source.data
        for part in key:
            rows = rows.get(part)
        for name in rows if isinstance(rows, dict) else ():
            if name not in allowed:
                self.say(source, (*key, name), f"没有“{name}”这个{what}，这一条不会被用到。")


def _conditions(row: Row) -> When:
    return row.refuse if isinstance(row, NegativeEntry) else row.when


def _covers(wide: When, narrow: When) -> bool:
    """Whether everybody whom `narrow` fits is fitted by `wide`."""
    for name, asked in wide:
        if asked == type(wide).model_fields[name].default:
            continue
        given = getattr(narrow, name)
        if name == "except_matters":
            fits = asked <= given or bool(narrow.matters and not narrow.matters & asked)
        elif isinstance(asked, frozenset):
            fits = bool(given) and given <= asked
        elif name.endswith("_below"):
            fits = given is not None and given <= asked
        elif name.endswith("_from"):
            fits = given is not None and given >= asked
        else:
            fits = given == asked
        if not fits:
            return False
    return True


def _shown(span: Span) -> str:
    begin = "" if span[0] == dt.date.min else f"{span[0]} "
    return f"{begin}至今" if span[1] == dt.date.max else f"{begin}到 {span[1]}"


def _lowest(limit: float | dict[Any, float]) -> float:
    return min(limit.values()) if isinstance(limit, dict) else limit
