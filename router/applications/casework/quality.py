"""案件质量评查: a sample of the closed files that anybody can draw again from its seed, each looked
at by somebody who did not have the case (法律援助法 57, 59)."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications.casework.models import AidCase, QualityDraw, QualityReview
from router.applications.errors import ApplicationMovedOn, BadDecision, OwnFile
from router.applications.models import Application
from router.clock import CHINA, Clock
from router.db import Database, new_id
from router.errors import Forbidden, NotFound
from router.lawyers.models import Lawyer

GRADES: Final = {"excellent": "优秀", "good": "良好", "passed": "合格", "failed": "不合格"}
MOST = 500


def lot(seed: str, reference: str) -> str:
    """A file's number in the draw; the lowest are taken."""
    return hashlib.sha256(f"{seed}/{reference}".encode()).hexdigest()


def chosen(files: Sequence[tuple[str, str]], seed: str, size: int) -> list[str]:
    """Ids of (id, reference), in the order of their lots; the same for any order of `files`."""
    return [one for one, _ in sorted(files, key=lambda file: lot(seed, file[1]))[:size]]


class Quality:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def draw(self, by: str, since: date, until: date, size: int, seed: str = "") -> str:
        """The draw's id. Raises BadDecision: nothing to draw from."""
        if since > until or not 1 <= size <= MOST:
            raise BadDecision()
        now = self._clock.now()
        made = QualityDraw(
            id=new_id(), drawn_at=now, by=by, seed=seed.strip()[:40] or secrets.token_hex(4),
            since=since, until=until, size=size,
        )  # fmt: skip
        try:
            async with self._db.write() as s:
                await self._draw(s, made)
                await audit.record(s, now, by, "quality_draw", made.id)
        except IntegrityError:  # somebody draws in this moment: one of the files is theirs
            raise ApplicationMovedOn(draw=made.id) from None
        return made.id

    async def _draw(self, s: AsyncSession, made: QualityDraw) -> None:
        files = await files_of(s, made)
        if not files:
            raise BadDecision()
        s.add(made)
        await s.flush()
        s.add_all(
            QualityReview(id=new_id(), draw_id=made.id, application_id=one)
            for one in chosen(files, made.seed, made.size)
        )

    async def give(self, review_id: str, by: str, reviewer: str) -> None:
        """Another lawyer reads the file. Raises OwnFile."""
        now = self._clock.now()
        async with self._db.write() as s:
            review, application = await _locked(s, review_id)
            lawyer = await s.get(Lawyer, reviewer)
            if lawyer is None or lawyer.role not in ("lawyer", "supervisor"):
                raise NotFound(lawyer=reviewer)
            if reviewer == application.lawyer_id:
                raise OwnFile(review=review_id)
            if review.grade is not None:
                raise ApplicationMovedOn(review=review_id)
            review.reviewer = reviewer
            await audit.record(s, now, by, "quality_given", application.id)

    async def grade(self, review_id: str, by: Lawyer, grade: str, reasons: str) -> None:
        """Once. Raises OwnFile, Forbidden: it was given to somebody else."""
        if grade not in GRADES or not reasons:
            raise BadDecision()
        now = self._clock.now()
        async with self._db.write() as s:
            review, application = await _locked(s, review_id)
            if by.id == application.lawyer_id:
                raise OwnFile(review=review_id)
            if review.reviewer != by.id and (by.role != "supervisor" or review.reviewer):
                raise Forbidden(review=review_id)
            if review.grade is not None:
                raise ApplicationMovedOn(review=review_id)
            review.grade, review.graded_at, review.reviewer = grade, now, by.id
            review.reasons = reasons
            await audit.record(s, now, by.id, "quality_graded", application.id)


async def files_of(s: AsyncSession, draw: QualityDraw) -> list[tuple[str, str]]:
    """What a draw is from: files closed in its span by then, and not drawn in an earlier one."""
    earlier = (
        select(QualityReview.application_id)
        .join(QualityDraw, QualityDraw.id == QualityReview.draw_id)
        .where(QualityDraw.drawn_at <= draw.drawn_at, QualityDraw.id != draw.id)
    )
    rows = await s.execute(
        select(Application.id, Application.reference)
        .join(AidCase, AidCase.id == Application.id)
        .where(
            AidCase.report_at >= _midnight(draw.since),
            AidCase.report_at < _midnight(draw.until + timedelta(days=1)),
            AidCase.report_at <= draw.drawn_at,
            Application.id.not_in(earlier),
        )
    )
    return [(one, reference) for one, reference in rows]


async def agrees(s: AsyncSession, draw: QualityDraw) -> bool:
    """Whether the draw, made again from its seed, is what was drawn."""
    kept = await s.scalars(
        select(QualityReview.application_id).where(QualityReview.draw_id == draw.id)
    )
    return set(kept) == set(chosen(await files_of(s, draw), draw.seed, draw.size))


async def reads(s: AsyncSession, application_id: str, lawyer_id: str) -> bool:
    """Whether the file was given to this lawyer to be reviewed, and is not graded yet."""
    query = select(QualityReview.id).where(
        QualityReview.application_id == application_id,
        QualityReview.reviewer == lawyer_id,
        QualityReview.grade.is_(None),
    )
    return await s.scalar(query) is not None


async def _locked(s: AsyncSession, review_id: str) -> tuple[QualityReview, Application]:
    review = await s.get(QualityReview, review_id, populate_existing=True, with_for_update=True)
    if review is None:
        raise NotFound(review=review_id)
    return review, await s.get_one(Application, review.application_id)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
