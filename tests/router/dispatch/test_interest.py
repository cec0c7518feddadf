"""利害关系: a lawyer's own word that they may not act in a case."""

import pytest

from router.errors import ConflictOfInterest
from router.tickets.status import DECLINES


@pytest.mark.parametrize("how", ["assign", "hand_over"])
async def test_who_said_that_they_have_an_interest_is_not_given_it_by_hand(room, how):
    boss, li = await room.boss(), await room.lawyer("李律师")
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.decline(offer.id, li.id, DECLINES["interest"])
    wang = await room.lawyer("王律师")
    await room.dispatch.assign(ticket.id, wang.id, boss.id)
    given = {
        "assign": lambda: room.dispatch.assign(ticket.id, li.id, boss.id),
        "hand_over": lambda: room.dispatch.hand_over(ticket.id, wang.id, li.id, "请接着办"),
    }
    with pytest.raises(ConflictOfInterest):
        await given[how]()
    assert (await room.one(ticket)).owner == wang.id
