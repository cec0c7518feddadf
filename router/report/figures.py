"""The yearly figures in sections, as the page and the table show them: one number a row, and where
it is a share what it is of."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from router.applications.casework.ending import ANSWERS, ENDS
from router.applications.casework.models import AidCase
from router.applications.casework.quality import GRADES
from router.destinations.labels import LABELS
from router.eligibility.facts import GROUPS
from router.mediation import report as mediations
from router.mediation.report import Share
from router.report import setup
from router.report.period import Span, months
from router.report.sources import Source, counted, sources, summed

Counts = Mapping[str, int]
NO_DUTY = "有申请的和机关通知辩护的；值班律师法律帮助另计"
NO_PEOPLE = "这个地区还没有填人口（data/report.yml）"


@dataclass(frozen=True)
class Row:
    label: str
    number: int | Decimal | None  # none: cannot be told, the note says why
    unit: str = "件"
    note: str = ""
    key: str = ""  # of its list of cases; empty: none
    inner: bool = False  # part of the row above


@dataclass(frozen=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Report:
    span: Span
    region: str
    sections: tuple[Section, ...]

    def row(self, key: str) -> Row:
        """Raises StopIteration."""
        return next(row for section in self.sections for row in section.rows if row.key == key)


async def report(s: AsyncSession, span: Span, region: str = "") -> Report:
    found = sources(span, region)
    count = {name: await counted(s, source) for name, source in found.items()}
    sections = (
        Section("来访来电和去处", _came(count["came"])),
        Section("申请和受理", _accepted(count, region)),
        Section("办结", await _closed(s, found["closed"], count)),
        Section("人民调解", _mediation(count["mediation"])),
        Section("受援人满意", _asked(count["asked"])),
        Section("案件质量评查", _drawn(count["drawn"])),
    )
    return Report(span, region, sections)


async def by_month(s: AsyncSession, year: int, region: str = "") -> list[tuple[int, int]]:
    """Accepted and closed, of each month."""
    found = []
    for month in months(year):
        some = sources(month, region)
        pair = [
            (await counted(s, Source(some[one].cases, {})))[""] for one in ("accepted", "closed")
        ]
        found.append((pair[0], pair[1]))
    return found


def _came(count: Counts) -> tuple[Row, ...]:
    inner = {
        "aid": "进入法律援助申请", "mediation": "进入人民调解", "guided": "指引到别的去处",
        "answered": "当场解答",
    }  # fmt: skip
    return (
        Row("来的工单", count[""], key="came"),
        *(Row(label, count[k], key=f"came/{k}", inner=True) for k, label in inner.items()),
    )


def _accepted(count: Mapping[str, Counts], region: str) -> tuple[Row, ...]:
    received, noticed, accepted = count["received"], count["notified"], count["accepted"]
    named = {
        **{f"kind:{one}": label for one, label in setup.KINDS.items()},
        **{f"matter:{one}": label for one, label in LABELS.items()},
        "matter:": "事项没有写明",
        **{f"group:{one}": label for one, label in GROUPS.items()},
    }
    always = {f"kind:{one}" for one in setup.KINDS}
    inner = (
        Row(label, accepted[k], key=f"accepted/{k}", inner=True)
        for k, label in named.items()
        if accepted[k] or k in always
    )
    total = accepted[""]
    return (
        Row("收到申请", received[""], key="received"),
        Row("决定不予", received["refused"], key="received/refused", inner=True),
        Row("收到机关通知", noticed[""], key="notified"),
        Row("值班律师法律帮助", noticed["duty"], key="notified/duty", inner=True),
        Row("退回通知机关", noticed["returned"], key="notified/returned", inner=True),
        Row("决定给予援助", total, note=NO_DUTY, key="accepted"),
        Row("机关通知的", accepted["notified"], key="accepted/notified", inner=True),
        _per_people(total, region),
        *inner,
        Row("值班律师法律帮助", count["duty"][""], note="另计，不算办理的案件", key="duty"),
    )


def _per_people(total: int, region: str) -> Row:
    known = setup.current().population.get(region)
    label = "每万人"
    if known is None:
        return Row(label, None, note=NO_PEOPLE if region else "选一个地区才能算")
    rate = (Decimal(total) * 10_000 / known.people).quantize(Decimal("0.01"))
    note = f"{known.year}年 {known.people:,} 人（{known.source}）"
    return Row(label, rate, note=note)


async def _closed(s: AsyncSession, source: Source, counts: Mapping[str, Counts]) -> tuple[Row, ...]:
    count, terminated = counts["closed"], counts["terminated"][""]
    money = [
        ("recovered", "为受援人拿回", await summed(s, source, AidCase.recovered)),
        ("waived", "减免费用", await summed(s, source, AidCase.waived)),
    ]
    ends = {**ENDS, "": "结果没有记下"}
    inner = (
        Row(label, count[f"outcome:{end}"], key=f"closed/outcome:{end}", inner=True)
        for end, label in ends.items()
        if count[f"outcome:{end}"]
    )
    return (
        Row("办结", count[""], key="closed"),
        *inner,
        *(
            Row(label, Decimal(amount) / 100, "元", f"共 {count[k]} 件", key=f"closed/{k}")
            for k, label, amount in money
        ),
        Row("已交办案报告", count["reported"], note=_of(count, "reported", "", "办结的"),
            key="closed/reported"),
        Row("决定终止", terminated, note="不算在办结里", key="terminated"),
    )  # fmt: skip


def _mediation(count: Counts) -> tuple[Row, ...]:
    keys = [part for _, part, _, _ in mediations.SHARES]
    rows = (
        Row(one.label, one.count, note=_words(one), key=f"mediation/{key}", inner=True)
        for key, one in zip(keys, mediations.shares(dict(count)), strict=True)
    )
    return (
        Row("来的调解", count[""], key="mediation"),
        Row("还在办", count["open"], key="mediation/open", inner=True),
        Row("因暴力不调解", count["barred"], key="mediation/barred", inner=True),
        *rows,
    )


def _asked(count: Counts) -> tuple[Row, ...]:
    """Never a share of the pleased without the share of those who answered."""
    answered = _of(count, "answered", "", "问过的", "人")
    pleased = f"{_of(count, 'pleased', 'answered', '回答的', '人')}（{answered}作了回答）"
    return (
        Row("问过满不满意", count[""], "人", key="asked"),
        Row("回答了", count["answered"], "人", answered, key="asked/answered"),
        Row("满意和基本满意", count["pleased"], "人", pleased, key="asked/pleased"),
        *(
            Row(label, count[f"answer:{one}"], "人", key=f"asked/answer:{one}", inner=True)
            for one, label in ANSWERS.items()
        ),
    )


def _drawn(count: Counts) -> tuple[Row, ...]:
    return (
        Row("抽查案卷", count[""], key="drawn"),
        Row("已评定", count["graded"], note=_of(count, "graded", "", "抽查的"), key="drawn/graded"),
        *(
            Row(label, count[f"grade:{one}"], note=_of(count, f"grade:{one}", "graded", "已评定的"),
                key=f"drawn/grade:{one}", inner=True)
            for one, label in GRADES.items()
        ),
    )  # fmt: skip


def _of(count: Counts, part: str, whole: str, what: str, unit: str = "件") -> str:
    return _words(Share("", count[part], count[whole], what), unit)


def _words(share: Share, unit: str = "件") -> str:
    return f"{share.of_what} {share.of} {unit}里的 {share.percent}"
