"""Short messages to who is on no call: which number is theirs."""

from datetime import timedelta
from typing import Any

import pytest

from router.channels.hotline.models import Call, number_indices
from router.channels.hotline.sms.cases import number_of
from router.db import new_id
from tests import factories

MINE, HERS, FIXED = "+8613800000001", "+8613800000002", "+865311234567"


async def called(parts, clock, talk, number: str, minutes: int = 0, **given: Any) -> None:
    at = clock.now() + timedelta(minutes=minutes)
    row = Call(
        **{"id": new_id(), "carrier": "cti", "entry": "citizen", "state": "ended",
           "conversation_id": talk.id, "caller_index": number_indices(number)[0],
           "created_at": at} | given
    )  # fmt: skip
    row.caller = number
    async with parts.db.write() as s:
        s.add(row)


@pytest.mark.parametrize(
    ("entry", "number", "reached"),
    [("citizen", HERS, HERS), ("citizen", FIXED, MINE), ("police", HERS, MINE)],
)
async def test_a_second_call_merged_into_the_open_case_leaves_its_number_there(
    parts, clock, entry, number, reached
):
    talk = await factories.conversation(parts.db, clock, channel="hotline")
    ticket = await factories.ticket(parts.db, clock, talk.id)
    await called(parts, clock, talk, MINE)
    other = await factories.conversation(parts.db, clock, channel="hotline")
    await called(parts, clock, other, number, 5, entry=entry, ticket_id=ticket.id)
    async with parts.db.read() as s:
        assert await number_of(s, talk.id) == reached
        assert await number_of(s, (await factories.conversation(parts.db, clock)).id) == ""
