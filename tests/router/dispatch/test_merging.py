"""What the ticket that goes on has from its duplicate."""

from datetime import timedelta

import pytest

from router.errors import ConflictOfInterest
from router.names import name_indices
from tests import factories


async def test_what_a_merge_makes_dangerous_is_offered_to_anybody_at_once(room):
    boss, li = await room.boss(), await room.lawyer(posts=["hotline"])
    kept, twin = await room.ticket(), await room.ticket(urgency=0)
    await room.dispatch.drain()
    assert await room.asked(twin) == li.id and await room.asked(kept) is None
    await room.dispatch.merge(twin.id, kept.id, boss.id)
    assert await room.asked(kept) == li.id


async def test_the_other_party_that_only_the_duplicate_named_is_not_asked(room):
    boss, wang = await room.boss(), await room.lawyer("王律师", on_duty=False)
    await factories.client(room.db, "张三", firm_id=wang.firm_id)
    kept, twin = await room.ticket(), await room.ticket(opponent_index=name_indices("张三")[0])
    await room.dispatch.merge(twin.id, kept.id, boss.id)
    await room.dispatch.duty(wang.id, on=True)
    assert await room.asked(kept) is None and (await room.one(wang)).on_duty


async def test_who_acts_for_the_party_that_the_duplicate_named_does_not_go_on_with_it(room):
    boss, wang = await room.boss(), await room.lawyer()
    await factories.client(room.db, "张三", firm_id=wang.firm_id)
    kept, twin = (
        await room.owned_by(wang),
        await room.ticket(opponent_index=name_indices("张三")[0]),
    )
    with pytest.raises(ConflictOfInterest):
        await room.dispatch.merge(twin.id, kept.id, boss.id)
    await room.dispatch.take_back(kept.id, boss.id)
    await room.dispatch.merge(twin.id, kept.id, boss.id)
    await room.later(room.settings.OFFER_TTL)
    await room.later(room.settings.OFFER_PAUSE)
    assert await room.asked(kept) is None and (await room.one(wang)).load == 0


async def test_who_has_the_ticket_that_goes_on_sees_at_once_what_it_has_from_the_other(room):
    boss, wang = await room.boss(), await room.lawyer()
    kept, twin = await room.owned_by(wang), await room.ticket()
    async with room.bus.waiting_for(f"lawyer:{wang.id}") as desk:
        await room.dispatch.merge(twin.id, kept.id, boss.id)
        assert await desk.wait(timedelta(0))
