"""What has really begun today of what people were passed on to, whatever was chosen at closing."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.applications.models import Application
from router.mediation.models import Mediation


async def grown(s: AsyncSession, since: datetime) -> list[tuple[str, int]]:
    """For the board's funnel."""
    found = []
    for label, of in (("开始的援助申请", Application), ("开始的人民调解", Mediation)):
        count = select(func.count()).select_from(of).where(of.created_at >= since)
        found.append((label, await s.scalar(count) or 0))
    return found
