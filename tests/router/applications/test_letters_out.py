"""Every kind of letter: to whom it is, as PDF and as Word, and by which ways it can be sent."""

from datetime import timedelta

import pytest

from router.applications import forms, letters
from router.clock import china_date
from router.sending.errors import NotOwed
from router.sending.models import Sending
from router.sending.status import WAYS
from tests import factories
from tests.router.applications.test_notices import boss as boss
from tests.router.applications.test_notices import court as court
from tests.router.applications.test_papers import text_of

OFFICE = "清河县法律援助中心"
LIMIT = "LAL 44(1)(2)"
TO = {"name": "赵法官", "phone": "010-66660000", "address": "清河县人民法院"}


async def prior(court):
    it = await court.office.submitted()
    today = china_date(court.clock.now())
    until = today + timedelta(days=10)
    await court.office.desk.ending.prior(
        it.id, court.office.boss.id, LIMIT, None, "马上要开庭", ["身份证件"], until
    )
    return it


async def termination(court):
    it, _ = await court.office.assigned()
    ending = court.office.desk.ending
    await ending.terminate(it.id, court.office.boss.id, "LAL 48(1)(4)", "收入有了变化")
    return it


async def upheld(court):
    it = await court.office.refused()
    await court.office.desk.object(it.id, "收入算错了")
    other = await factories.lawyer(
        court.db, court.clock, "钱主管", role="supervisor", on_duty=False
    )
    await court.office.desk.review.uphold(it.id, other.id, "收入没有算错")
    return it


async def appointed(court, **given):
    it = await court.file(**given)
    wang = await factories.lawyer(court.db, court.clock)
    await court.office.desk.review.assign(it.id, court.office.boss.id, wang.id)
    return it


async def returned(court):
    it = await court.file()
    await court.office.desk.ending.send_back(it.id, court.office.boss.id, "由邻县机构管辖")
    return it


async def notified_termination(court):
    it = await appointed(court)
    ending = court.office.desk.ending
    await ending.terminate(it.id, court.office.boss.id, "LAL 48(1)(6)", "自行委托了律师")
    return it


ALL = ("link", "pickup")  # and a courier, where one is connected
PAPER = ("pickup",)


@pytest.mark.parametrize(
    ("made", "to", "says", "ways"),
    [
        (prior, "张三", "先行提供法律援助", ALL),
        (termination, "张三", "可以在2026年3月17日前", ALL),
        (upheld, "张三", "维持原决定", ALL),
        (appointed, "清河县人民法院", "提供法律援助，特此函告", PAPER),
        (returned, "清河县人民法院", "由邻县机构管辖", PAPER),
        (notified_termination, "李四", "清河县人民法院通知法律援助的盗窃一案", PAPER),
    ],
)
async def test_a_letter_is_drafted_printed_and_goes_to_whom_it_is_for(court, made, to, says, ways):
    it = await court.office.now(await made(court))
    articles, sendings = court.office.parts.law.articles, court.office.parts.sendings
    letter = letters.of(it, articles)
    assert letter["to"] == to
    word = text_of(await forms.docx("letter", it, articles, OFFICE))
    for told in (letter["title"], to, says):
        assert told in word
    assert "{{" not in word and ("您" in word) is (to == "张三")
    assert (await forms.pdf("letter", it, articles, OFFICE))[:5] == b"%PDF-"
    for way in WAYS:
        if way in ways:
            await sendings.send(it.id, court.office.boss.id, way, {})
        else:
            with pytest.raises(NotOwed):
                await sendings.send(it.id, court.office.boss.id, way, TO)


async def test_the_letter_to_the_organ_is_not_told_to_the_person_and_is_addressed_to_it(
    court, boss
):
    it = await appointed(court)
    page = (await boss.get(f"/desk/applications/{it.id}")).text
    assert "送现在这份" in page and "一次性链接" not in page
    assert "部门数据" not in page and "查过病毒" not in page  # no means test, no stranger's papers
    sent = await court.office.parts.sendings.send(it.id, court.office.boss.id, "pickup", {})
    await court.office.fire()
    assert await court.office.told(it) == []
    async with court.db.read() as s:
        assert (await s.get_one(Sending, sent)).letter["kind"] == "appointed"


async def test_who_applied_from_custody_keeps_the_letter_that_grants_it(court):
    asked = court.clock.now().isoformat()
    it = await court.file(kind="custody_application", ground="detained", asked_at=asked)
    await court.office.desk.review.accept(it.id, court.office.boss.id, "")
    wang = await factories.lawyer(court.db, court.clock)
    await court.office.desk.review.assign(it.id, court.office.boss.id, wang.id)
    assert (await court.office.now(it)).decision["kind"] == "grant"
    assert "已指派：王律师" in (await court.heard(it))[-1][1]  # the organ knows whom
