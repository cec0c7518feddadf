"""Short messages as rows, ordered with the move; nothing of them is kept but which and when."""

from datetime import datetime

import phonenumbers
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline import store
from router.channels.hotline.models import Call, TextMessage
from router.db import new_id

MOBILE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


def reaches(number: str) -> bool:
    """A fixed line reads no message."""
    try:
        read = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(read) in MOBILE


async def order(s: AsyncSession, call: Call, template: str, now: datetime) -> None:
    """Each of them once a call."""
    key = f"{call.id}:{template}"
    if await s.scalar(select(TextMessage.id).where(TextMessage.key == key)):
        return
    row = TextMessage(
        id=new_id(), key=key, call_id=call.id, template=template, state="ordered", created_at=now
    )
    s.add(row)
    store.task(s, call, "text", now, key=f"text:{row.id}", message=row.id)
