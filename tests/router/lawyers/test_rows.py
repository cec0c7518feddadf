"""Rows as offices really write them: what one of them says must stop nobody's work."""

import os

import pytest

from router import crypto
from router.dispatch import conflicts
from router.dispatch.duty import renew
from router.lawyers.models import Lawyer
from router.names import name_indices
from tests.router.dispatch.conftest import Room
from tests.router.lawyers.test_tables import (
    CLIENTS,
    LAWYERS,
    SHIFTS,
    WANG,
    at,
    lawyer,
    put,
    refused,
)


@pytest.mark.parametrize("none", ["/", "、"])
async def test_who_has_a_stroke_for_no_dialect_goes_on_duty(db, clock, settings, none):
    await put(db, LAWYERS + f"示例所,王清和,wang,,,{none},,,\n")
    room, wang = Room(db, clock, settings), await lawyer(db, "wang")
    await room.dispatch.duty(wang.id, on=True)
    assert (await room.one(wang)).on_duty and wang.languages == []
    async with db.write() as s:
        await renew(s, at(1, 9))
        assert (await s.get_one(Lawyer, wang.id)).on_duty


async def test_two_lawyers_of_a_firm_act_for_one_client_and_both_are_barred_wherever_they_go(db):
    li = "示例所,李知远,li,,,,,,\n"
    await put(db, LAWYERS + WANG + li)
    table = CLIENTS + "示例所,,某某公司\n示例所,wang,某某公司\n示例所,li,某某公司\n"
    assert await put(db, table) == {"clients": (3, 0, 0)}
    assert await put(db, table) == {"clients": (0, 0, 3)}
    await put(db, LAWYERS + WANG.replace("示例所", "新所") + li.replace("示例所", "新所"))
    async with db.read() as s:
        barred = await conflicts.acting_for(s, name_indices("某某公司"))
    assert barred.bars(await lawyer(db, "wang")) and barred.bars(await lawyer(db, "li"))


async def test_a_client_of_two_firms_bars_both_though_the_data_key_changed_in_between(db):
    old, new = os.urandom(32), os.urandom(32)
    crypto.use(crypto.Keyring([old]))
    await put(db, LAWYERS + WANG + "新所,李知远,li,,,,,,\n", CLIENTS + "示例所,,某某公司\n")
    crypto.use(crypto.Keyring([new, old]))
    await put(db, CLIENTS + "新所,,某某公司\n")
    async with db.read() as s:
        asked = await conflicts.index_of(s, name_indices("某某公司"))
        barred = await conflicts.acting_for(s, [asked])
    assert barred.bars(await lawyer(db, "wang")) and barred.bars(await lawyer(db, "li"))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
async def test_a_day_of_no_calendar_is_named_with_its_row(db, day):
    (told,) = await refused(db, LAWYERS + WANG, SHIFTS + f"wang,{day},00:00,24:00,,,\n")
    assert told == f"表.csv 第 2 行，“日期”列：“{day}”的年份不对。"
