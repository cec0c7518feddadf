"""Each clock that runs is seen by who waits for it and by who owes it, with its last day."""

from datetime import date

import pytest
from sqlalchemy import select

from router.applications import clocks
from router.applications.models import Application
from router.applications.status import State
from router.web.applyform import day_of
from tests import factories
from tests.router.applications.test_cut_off import BEFORE, do
from tests.router.applications.test_pages import begin, fill, reviewer  # noqa: F401


@pytest.mark.parametrize(
    "path",
    [BEFORE[State.ENDED], BEFORE[State.SUPPLEMENTED], BEFORE[State.OBJECTED],
     BEFORE[State.TERMINATED]],
    ids=["aid", "supplement", "objection", "termination"],
)  # fmt: skip
async def test_applicant_and_staff_read_the_last_day_of_the_clock_that_runs(
    institution, client, reviewer, path  # noqa: F811
):  # fmt: skip
    institution.lawyer = await factories.lawyer(institution.db, institution.clock)
    reference, _ = await begin(institution, client)
    await fill(client)
    async with institution.db.read() as s:
        it = await s.scalar(select(Application).where(Application.reference == reference))
    was = State.DRAFT
    for to in path:
        await do(institution, it, was, to)
        was, now = to, await institution.now(it)
        name, day = clocks.running(to), day_of(now.due_at)
        citizen = (await client.get("/apply/status")).text
        staff = (await reviewer.get(f"/desk/applications/{it.id}")).text
        assert f"{day}前" in citizen, name
        assert f"{clocks.rules()[name].label}期限 {day}" in staff, name


async def test_who_has_aid_before_the_papers_reads_both_clocks(institution, client, reviewer):  # noqa: F811
    reference, _ = await begin(institution, client)
    await fill(client)
    async with institution.db.read() as s:
        it = await s.scalar(select(Application).where(Application.reference == reference))
    await do(institution, it, State.DRAFT, State.SUBMITTED)
    given = (it.id, institution.boss.id, "LAL 44(1)(2)", None, "保全", ["身份证件"])
    await institution.desk.ending.prior(*given, date(2026, 3, 16))
    for page in (
        (await client.get("/apply/status")).text,
        (await reviewer.get(f"/desk/applications/{it.id}")).text,
    ):
        assert "3月5日" in page and "3月16日" in page
