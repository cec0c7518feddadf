"""The moment in which aid is given: from here on the case is counted."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.applications.casework.models import AidCase, CaseGroup
from router.applications.models import Application

PURPOSE = "group of an aid case"


def indices_of(group: str) -> list[str]:
    """Under the current key first."""
    return crypto.current().indices(group, PURPOSE)


async def given(s: AsyncSession, application: Application, now: datetime) -> None:
    """Once an application, whichever way it came to be granted. The application is locked. Another
    lawyer signs a 委托协议 of their own."""
    if found := await s.get(AidCase, application.id):
        if application.lawyer_id is None:
            found.contract_on = None
        return
    s.add(AidCase(id=application.id, accepted_at=now))
    await s.flush()
    groups = dict.fromkeys(str(one) for one in application.form.get("groups") or ())
    for group in groups:
        s.add(CaseGroup(case_id=application.id, group_index=indices_of(group)[0]))
