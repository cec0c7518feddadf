"""The law in force at a place on a day, and what held when: plain values for page and command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from router.eligibility import FACTS, Law
from router.eligibility.facts import MATTERS
from router.eligibility.finding import LAL_DAY
from router.eligibility.law import Article, Clause, NegativeEntry, Region, When
from router.eligibility.words import value_of
from router.web.lawtime import KINDS, Timeline, amount, dates_of, timeline

MARKS: Final = {
    "V": "已核对全文", "V2": "只见摘录，待核", "R-high": "凭记忆，把握大，待核", "CFG": "本地配置",
}  # fmt: skip
# Clause functions, not rows: router/eligibility/clauses.
_CRIMINAL: Final = {
    True: ("LAL 24", "LAL 25(1)", "LAL 25(2)", "LAL 28", "LAL 29", "LAL 30", "LAL 33"),
    False: ("REG2003 11", "REG2003 12"),
}
_NO_HARDSHIP: Final = ("LAL 32(1)", "LAL 32(2)", "LAL 32(3)", "LAL 32(4)")
# Conditions that stand for more than one fact.
_SAID: Final = {
    "civil": "民事案件", "disabled": "残疾，有残疾证", "illness": "患有重大疾病",
    "protected": "未成年人、老年人或残疾人",
}  # fmt: skip
_OTHER: Final = {
    "objection": "对不予援助有异议", "transfer": "移送", "forwards": "一处受理、代为转交",
    "urgent": "先行提供", "review": "审查期限", "foreigners": "外国人、无国籍人",
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One rule as people read it; its citations open to their text."""

    words: str
    id: str = ""
    when: tuple[str, ...] = ()
    articles: tuple[dict[str, str], ...] = ()
    dates: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    note: str = ""
    items: list[Item] = field(default_factory=list)
    empty: str = ""


@dataclass(frozen=True)
class LawOfDay:
    region: Region
    day: dt.date
    holds: bool
    sections: list[Section]
    timeline: Timeline

    @property
    def articles(self) -> list[dict[str, str]]:
        """Everything cited, once."""
        every = (article for s in self.sections for item in s.items for article in item.articles)
        return list({article["cite"]: article for article in every}.values())


def law_of(law: Law, code: str, day: dt.date) -> LawOfDay:
    """Raises KeyError for an unknown region."""
    region = law.regions[code]
    return LawOfDay(
        region, day, region.holds_on(day), list(_Sections(law, region, day).all()),
        timeline(law, region, day),
    )  # fmt: skip


def day_of(text: str) -> dt.date:
    """Raises ValueError with a sentence."""
    try:
        if len(text) != 10:  # fromisoformat also reads 20260910
            raise ValueError
        day = dt.date.fromisoformat(text)
        if not 1900 <= day.year < 2200:  # the week of 9999-12-31 has no end
            raise ValueError
        return day
    except ValueError:
        raise ValueError(f"“{text}”不是真实的日期；请写成 2026-09-10。") from None


def standard_on(region: Region, day: dt.date) -> str:
    """The line in words; empty where there is no figure."""
    line = region.standard.on(day) if region.standard and region.holds_on(day) else None
    return amount(line) if line else ""


class _Sections:
    def __init__(self, law: Law, region: Region, day: dt.date) -> None:
        self.law, self.day = law, day
        self.region = region if region.holds_on(day) else None

    def all(self) -> Iterator[Section]:
        aid_law = self.day >= LAL_DAY
        here = self.region
        yield Section("全国清单", *self.national_list())
        criminal = [cite for cite in _CRIMINAL[aid_law] if cite in self.law.articles]
        yield Section("刑事案件", "", [self.article(cite) for cite in criminal], "没有收录")
        yield from self.local_scope()
        waived = [self.article(cite) for cite in _NO_HARDSHIP] if aid_law else []
        yield Section(
            "不看经济条件", "", [*waived, *self.rows(here.waived if here else ())], "没有"
        )
        yield self.standard()
        proved = [self.article("LAL 42(1)")] if aid_law else []
        exempt = [*proved, *self.rows(self.law.exempt), *self.rows(here.exempt if here else ())]
        yield Section("免予核查经济困难", "", exempt, "没有")
        doubtful = [*self.rows(self.law.rank_open), *self.rows(here.over_the_line if here else ())]
        yield Section("超过标准，也由机构决定", "", doubtful, "没有")
        yield Section("本地不予援助的情形", "", self.rows(here.bars if here else ()), "没有")
        other = list(self.other())
        if other:
            yield Section("本地的其他规定", "", other)

    def national_list(self) -> tuple[str, list[Item], str]:
        era = self.law.era(self.day)
        if era is None:
            return "", [], "这一天没有全国清单。"
        named: dict[str, list[str]] = {}
        for matter, cite in era.matters.items():
            named.setdefault(cite, []).append(MATTERS[matter])
        for matter, cite in era.also.items():
            named.setdefault(cite, []).append(MATTERS[matter])
        items = [self.item("、".join(words), (cite,)) for cite, words in named.items()]
        return (
            f"{era.label}，{dates_of(era.since, era.until)}。这是底线，本地规定不能缩小。",
            items,
            "",
        )

    def local_scope(self) -> Iterator[Section]:
        here = self.region
        if here is None:
            yield Section(
                "本地的事项范围", "", [], "这一天本地没有可用的规定，由法律援助机构决定。"
            )
            return
        scope = here.scope_on(self.day)
        basis = [self.item("依据", scope.cites, scope.see)] if scope.cites else []
        yield Section("本地的事项范围", KINDS[scope.kind], basis)
        if scope.kind == "negative_list":
            yield Section("负面清单", "", self.rows(here.negative_list), "清单是空的")
        if here.matters:
            yield Section("本地增加的事项", "", self.rows(here.matters))
        if here.open_matters:
            yield Section("本地没有写明、由机构决定的事项", "", self.rows(here.open_matters))

    def standard(self) -> Section:
        own = self.region.standard if self.region else None
        line = own.on(self.day) if own else None
        if own is None or line is None:
            told = "没有配置金额，由法律援助机构决定。"
            return Section("经济困难标准", own.label if own else "", [], told)
        begin = max(day for day in own.values if day <= self.day)
        after = [day for day in sorted(own.values) if day > self.day]
        dates = dates_of(begin, after[0] - dt.timedelta(days=1) if after else None)
        items = [self.item(amount(line), (*own.cites, *line.cites), dates=dates)]
        if after:
            items.append(
                self.item(f"以后：{amount(own.values[after[0]])}", own.values[after[0]].cites,
                          dates=dates_of(after[0], None))
            )  # fmt: skip
        assets = self.region.assets if self.region else None
        if assets:
            words = f"财产：有 {assets.homes_from} 套或更多住房的，不符合"
            items.append(self.item(words, assets.cites))
        return Section("经济困难标准", own.label, items)

    def other(self) -> Iterator[Item]:
        for name, title in _OTHER.items():
            value = getattr(self.region, name, None)
            if isinstance(value, tuple) and value and isinstance(value[0], Clause):
                yield from self.rows(value)
            elif isinstance(value, tuple) and value:
                yield self.item(title, value)
            elif value:
                days = getattr(value, "days", None)
                span = f"{days} 日内" if days else f"{value.workdays} 个工作日内"
                yield self.item(f"{title}：{span}", value.cites)

    def rows(self, rows: Iterable[Clause | NegativeEntry]) -> list[Item]:
        shown = []
        for row in rows:
            if not row.holds_on(self.day):
                continue
            refuses = isinstance(row, NegativeEntry)
            when = conditions(row.refuse if isinstance(row, NegativeEntry) else row.when)
            if not refuses and getattr(row, "proof", False):
                when = (*when, "要有证明")
            dates = dates_of(row.since, row.until) if row.since or row.until else ""
            shown.append(self.item(row.words, row.cites, row.see, row.id, when, dates))
        return shown

    def article(self, cite: str) -> Item:
        article = self.law.articles.get(cite)
        return self.item(article.text if article else cite, (cite,))

    def item(
        self,
        words: str,
        cites: Iterable[str],
        see: Iterable[str] = (),
        row_id: str = "",
        when: tuple[str, ...] = (),
        dates: str = "",
    ) -> Item:
        opened = tuple(_opened(cite, self.law.articles.get(cite)) for cite in (*cites, *see))
        return Item(words, row_id, when, opened, dates)


def _opened(cite: str, article: Article | None) -> dict[str, str]:
    if article is None:
        return {"cite": cite, "title": cite, "text": "没有收录这一条的文字。", "mark": ""}
    mark = MARKS.get(article.mark, article.mark)
    return {"cite": cite, "title": article.title, "text": article.text, "mark": mark}


def conditions(when: When) -> tuple[str, ...]:
    """What must be told for a row to apply, in words."""
    said = []
    for name, asked in when:
        if asked == When.model_fields[name].default:
            continue
        if name in ("matters", "except_matters"):
            words = "、".join(MATTERS[matter] for matter in sorted(asked))
            said.append(f"{'事项' if name == 'matters' else '除外'}：{words}")
        elif name in _SAID and asked is True:
            said.append(_SAID[name])
        elif name.endswith(("_below", "_from")):
            told, bound = name.rsplit("_", 1)
            label = FACTS[told].label if told in FACTS else told
            limit = value_of(told, asked)
            said.append(f"{label}{'低于' if bound == 'below' else '达到'} {limit}")
        elif isinstance(asked, frozenset):
            words = "、".join(value_of(name, one) for one in sorted(asked))
            said.append(f"{FACTS[name].label}：{words}")
        else:
            label = FACTS[name].label if name in FACTS else name
            said.append(f"{label}：{value_of(name, asked)}")
    return tuple(said)
