"""What an organ has notified us of, in the lawyer's hands: its work page, its end, its letters."""

from datetime import timedelta

import pytest

from router.applications.errors import ApplicationMovedOn
from router.clock import china_date
from router.lawyers.service import hash_password
from tests import factories
from tests.router.applications.test_casework import case_of
from tests.router.applications.test_notices import boss as boss
from tests.router.applications.test_notices import court as court
from tests.router.applications.test_pages import browser


async def in_hand(court, **given):
    file = await court.file(**given)
    wang = await factories.lawyer(
        court.db, court.clock, password_hash=hash_password("a-good-password")
    )
    await court.office.desk.review.assign(file.id, court.office.boss.id, wang.id)
    return await court.office.now(file), wang


async def test_the_lawyer_reads_the_notice_and_is_asked_for_no_agreement(court, app):
    file, wang = await in_hand(court)
    async with browser(app) as web:
        await web.post("/desk/login", data={"login": wang.login, "password": "a-good-password"})
        page = (await web.get(f"/desk/applications/{file.id}/work")).text
    for told in ("应当通知辩护", "清河县看守所", "赵法官", "通知机关会看到"):
        assert told in page
    assert "委托协议" not in page and "受援人会看到" not in page
    with pytest.raises(ApplicationMovedOn):
        await court.office.desk.casework.signed(file.id, wang.id, china_date(court.clock.now()))


async def test_only_who_applied_counts_as_asked_until_somebody_telephones(court, boss):
    file, wang = await in_hand(court)
    work = court.office.desk.casework
    await work.end(file.id, wang.id, court.office.an_end(outcome="defended", words="判处缓刑"))
    assert (await case_of(court.office, file)).asked_at is None
    assert not await work.rate(file.id, "yes")  # by nobody's talk
    rang = await boss.post(f"/desk/applications/{file.id}/work/asked", data={"answer": "mostly"})
    assert rang.status_code == 303
    kept = await case_of(court.office, file)
    assert (kept.satisfied, kept.asked_at) == ("mostly", court.clock.now())


async def test_nobody_is_said_to_be_pleased_before_the_end(institution):
    it, _ = await institution.assigned()
    assert not await institution.desk.casework.rate(it.id, "yes", institution.boss.id)
    assert (await case_of(institution, it)).satisfied is None


async def test_another_lawyer_signs_an_agreement_of_their_own_in_five_days(institution):
    it, first = await institution.assigned()
    day = china_date(institution.clock.now())
    work = institution.desk.casework
    await work.signed(it.id, first.id, day)
    await institution.desk.ending.change(it.id, institution.boss.id, "律师生病")
    second = await factories.lawyer(institution.db, institution.clock, "钱律师")
    await institution.desk.review.assign(it.id, institution.boss.id, second.id)
    assert china_date((await institution.now(it)).due_at) == day + timedelta(days=7)
    await work.signed(it.id, second.id, day)
    assert (await institution.now(it)).due_at is None
