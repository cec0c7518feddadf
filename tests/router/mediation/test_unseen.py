"""A request that lies where nobody reads it is an alarm on the board until somebody can."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from router.lawyers.models import Lawyer
from router.mediation import doors, unseen
from router.mediation.models import Committee, Mediator
from router.mediation.status import State
from tests import factories
from tests.router.mediation.test_pages import page, sign_in
from tests.router.web.test_desk import SECRET

LABOUR = "清河县劳动调委会"  # has no account
NIGHT = timedelta(hours=12)  # from Monday 09:00
LIES = "1 件调解</a>没有调解员看得到"


@pytest.fixture
async def boss(hall, client) -> Lawyer:
    row = await factories.lawyer(
        hall.db, hall.clock, "李主管", role="supervisor", login="boss", password_hash=SECRET,
        on_duty=False,
    )  # fmt: skip
    await sign_in(client, "boss")
    return row


async def given_to_labour(hall):
    one = await hall.begun(label="labour_pay")
    async with hall.db.read() as s:
        labour = await s.scalar(select(Committee).where(Committee.name == LABOUR))
    await hall.parts.mediations.give_to(one.id, "boss", labour.id)
    return one


async def lying(hall) -> int:
    async with hall.db.read() as s:
        return await unseen.count(s, hall.clock.now())


async def away(hall, login: str, present: bool) -> None:
    who = select(Lawyer.id).where(Lawyer.login == login).scalar_subquery()
    async with hall.db.write() as s:
        await s.execute(update(Mediator).where(Mediator.id == who).values(present=present))


async def test_a_committee_without_an_account_is_an_alarm_until_a_link_lets_somebody_in(
    hall, client, clock, boss
):
    one = await given_to_labour(hall)
    assert LIES in await page(client, "/board")
    assert "没有人看得到" in await page(client, "/mediation")
    assert "请打 0000-0000004" in await page(client, f"/mediation/{one.id}")
    await hall.parts.sides.let_committee_in(one.id, "boss", None)
    assert "没有调解员看得到" not in await page(client, "/board")
    assert "没有人看得到" not in await page(client, "/mediation")
    clock._now += doors.GOOD_FOR
    assert await lying(hall) == 1, "the link has run out"
    await hall.parts.mediations.fail(one.id, "boss", State.RETURNED, "没有调解员")
    assert await lying(hall) == 0


async def test_whose_mediators_are_all_away_reads_nothing_and_who_is_only_off_hours_does(
    hall, client, clock
):
    one = await hall.begun()
    assert await hall.committee(one) == "清河县调委会"
    clock._now += NIGHT
    assert await lying(hall) == 0
    await away(hall, "zheng", False)
    assert await lying(hall) == 1
    await away(hall, "zheng", True)
    assert await lying(hall) == 0


async def test_at_night_a_request_goes_to_who_will_read_it_not_to_an_empty_committee(hall, clock):
    clock._now += NIGHT
    assert await hall.committee(await hall.begun(label="labour_pay")) == "清河县调委会"
    await away(hall, "zheng", False)
    assert await hall.committee(await hall.begun(label="labour_pay")) == LABOUR
    assert await lying(hall) == 2
