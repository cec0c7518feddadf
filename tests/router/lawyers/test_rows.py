"""Rows as offices really write them: what one of them says must stop nobody's work."""

import pytest

from router.dispatch.duty import renew
from router.lawyers.models import Lawyer
from tests.router.dispatch.conftest import Room
from tests.router.lawyers.test_tables import LAWYERS, at, lawyer, put


@pytest.mark.parametrize("none", ["/", "、"])
async def test_who_has_a_stroke_for_no_dialect_goes_on_duty(db, clock, settings, none):
    await put(db, LAWYERS + f"示例所,王清和,wang,,,{none},,,\n")
    room, wang = Room(db, clock, settings), await lawyer(db, "wang")
    await room.dispatch.duty(wang.id, on=True)
    assert (await room.one(wang)).on_duty and wang.languages == []
    async with db.write() as s:
        await renew(s, at(1, 9))
        assert (await s.get_one(Lawyer, wang.id)).on_duty
