"""What the ticket that goes on has from its duplicate."""


async def test_what_a_merge_makes_dangerous_is_offered_to_anybody_at_once(room):
    boss, li = await room.boss(), await room.lawyer(posts=["hotline"])
    kept, twin = await room.ticket(), await room.ticket(urgency=0)
    await room.dispatch.drain()
    assert await room.asked(twin) == li.id and await room.asked(kept) is None
    await room.dispatch.merge(twin.id, kept.id, boss.id)
    assert await room.asked(kept) == li.id
