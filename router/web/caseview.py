"""What the pages show of a case in a lawyer's hands, as plain values."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.applications.casework.ending import ANSWERS, ENDS
from router.applications.casework.models import AidCase, QualityReview
from router.applications.casework.money import yuan
from router.applications.casework.quality import GRADES
from router.applications.casework.service import NEWS, PROGRESS
from router.applications.models import Application, ApplicationEvent
from router.web import words
from router.web.citizen import names_of


@dataclass(frozen=True)
class Line:
    words: str
    at: str  # when it was written
    by: str
    told: bool  # the recipient reads it too


async def progress(s: AsyncSession, it: Application, for_recipient: bool = False) -> list[Line]:
    """Newest first."""
    moves = (NEWS,) if for_recipient else (NEWS, PROGRESS)
    query = select(ApplicationEvent).where(
        ApplicationEvent.application_id == it.id, ApplicationEvent.move.in_(moves)
    )
    events = (await s.scalars(query.order_by(ApplicationEvent.seq.desc()))).all()
    names = await names_of(s, {one.by for one in events if one.by})
    return [
        Line(e.words, words.day_time(e.at), names.get(e.by or "", ""), e.move == NEWS)
        for e in events
    ]


async def case(s: AsyncSession, it: Application, for_recipient: bool = False) -> dict[str, Any]:
    """Empty before aid was given."""
    row = await s.get(AidCase, it.id)
    if row is None:
        return {}
    return {
        "contract": words.of_day(row.contract_on) if row.contract_on else "",
        "ended": words.of_day(row.ended_on) if row.ended_on else "",
        "result": _result(row),
        "asked": row.asked_at is not None,
        "satisfied": ANSWERS.get(row.satisfied or "", ""),
        "progress": await progress(s, it, for_recipient),
    }


async def file(s: AsyncSession, it: Application) -> dict[str, str]:
    """For the staff alone: the report, and what the review said of it."""
    row = await s.get(AidCase, it.id)
    query = select(QualityReview).where(QualityReview.application_id == it.id)
    review = await s.scalar(query)
    return {
        "report": row.report if row else "",
        "grade": GRADES.get((review and review.grade) or "", ""),
        "reasons": review.reasons if review else "",
    }


def _result(row: AidCase) -> list[tuple[str, str]]:
    if row.outcome is None:
        return []
    money = [("拿回的钱", row.recovered), ("减免的费用", row.waived)]
    told = [(name, f"{yuan(amount)} 元") for name, amount in money if amount]
    return [("结果", ENDS[row.outcome]), *told]
