"""征询: who is asked to take a case, in which turn, and what follows an answer or a silence."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from router.applications import asking
from router.applications.assigning import candidates
from router.applications.errors import BadDecision, NobodyFits, NotAsked
from router.applications.models import Ask
from router.applications.status import State
from router.dispatch.models import Timer
from router.errors import NotFound
from router.lawyers.service import hash_password
from tests import factories
from tests.router.applications.test_pages import browser


async def granted(institution):
    it = await institution.submitted()
    await institution.desk.review.accept(it.id, institution.boss.id, "")
    return await institution.now(it)


async def asked(institution, it) -> Ask:
    async with institution.db.read() as s:
        return await institution.desk.asking.of(s, it)


async def lawyers(institution, *names, **given):
    made = []
    for name in names:
        made.append(await factories.lawyer(institution.db, institution.clock, name, **given))
    return made


async def turn(institution, it) -> list[str]:
    async with institution.db.read() as s:
        return [one.name for one in await candidates(s, it, institution.clock.now())]


async def test_who_was_assigned_nothing_for_longest_is_first(institution):
    first, second = await lawyers(institution, "甲律师", "乙律师")
    for one in (first, second):
        it = await granted(institution)
        await institution.desk.review.assign(it.id, institution.boss.id, one.id)
        institution.clock._now += timedelta(hours=1)
    new = (await lawyers(institution, "丙律师"))[0]
    it = await granted(institution)
    assert await turn(institution, it) == ["丙律师", "甲律师", "乙律师"]
    await institution.desk.review.assign(it.id, institution.boss.id, new.id)
    assert await turn(institution, await granted(institution)) == ["甲律师", "乙律师", "丙律师"]


async def test_the_near_come_before_the_far_and_who_knows_the_field_before_who_may_know_it(
    institution,
):
    await lawyers(institution, "邻县专家", region="990102", fields=["labour_pay"])
    await lawyers(institution, "本县通才")
    await lawyers(institution, "本县专家", fields=["labour_pay"])
    await lawyers(institution, "外市专家", region="990201", fields=["labour_pay"])
    assert await turn(institution, await granted(institution)) == [
        "本县专家", "本县通才", "邻县专家",
    ]  # fmt: skip


async def test_who_accepts_has_the_case_and_can_answer_once(institution):
    (wang,) = await lawyers(institution, "王律师")
    it = await granted(institution)
    await institution.desk.asking.ask(it.id, institution.boss.id)
    ask = await asked(institution, it)
    assert ask.lawyer_id == wang.id
    await institution.desk.asking.accept(ask.id, wang)
    now = await institution.now(it)
    assert (now.status, now.lawyer_id) == (State.ASSIGNED, wang.id)
    with pytest.raises(NotAsked):
        await institution.desk.asking.decline(ask.id, wang, "没有时间")
    async with institution.db.read() as s:
        assert await s.scalar(select(Timer).where(Timer.kind == asking.ASKED)) is None


async def test_who_declines_says_why_and_the_next_in_turn_is_asked_then_the_board_knows(
    institution,
):
    wang, zhao = await lawyers(institution, "王律师", "赵律师", fields=["labour_pay"])
    it = await granted(institution)
    await institution.desk.asking.ask(it.id, institution.boss.id)
    ask = await asked(institution, it)
    first, second = (wang, zhao) if ask.lawyer_id == wang.id else (zhao, wang)
    with pytest.raises(BadDecision):
        await institution.desk.asking.decline(ask.id, first, "")
    with pytest.raises(NotFound):  # it is nobody else's to answer
        await institution.desk.asking.decline(ask.id, second, "不熟悉")
    await institution.desk.asking.decline(ask.id, first, "和当事人有利害关系")
    ask = await asked(institution, it)
    assert ask.lawyer_id == second.id
    await institution.desk.asking.decline(ask.id, second, "出差")
    assert await asked(institution, it) is None
    assert (await institution.history(it))[-3:] == ["asked", "declined", "nobody"]
    assert (await institution.now(it)).warned_at is not None
    with pytest.raises(NobodyFits):
        await institution.desk.asking.ask(it.id, institution.boss.id)


async def test_the_reviewer_who_goes_on_to_the_next_asks_somebody_else(institution):
    await lawyers(institution, "王律师", "赵律师")
    it = await granted(institution)
    whom = []
    for _ in range(2):
        await institution.desk.asking.ask(it.id, institution.boss.id)
        whom.append((await asked(institution, it)).lawyer_id)
    assert len(set(whom)) == 2
    with pytest.raises(NobodyFits):
        await institution.desk.asking.ask(it.id, institution.boss.id)
    assert (await asked(institution, it)).lawyer_id == whom[1]  # still theirs to answer


async def test_silence_goes_on_to_the_next_after_its_hours_and_not_before(institution):
    await lawyers(institution, "王律师", "赵律师")
    it = await granted(institution)
    await institution.desk.asking.ask(it.id, institution.boss.id)
    first = await asked(institution, it)
    await institution.wait(11.9 / 24)
    assert (await asked(institution, it)).id == first.id
    await institution.wait(0.2 / 24)
    second = await asked(institution, it)
    assert second.lawyer_id not in (None, first.lawyer_id)
    assert (await institution.history(it))[-3:] == ["asked", "silent", "asked"]
    silent = await factories.lawyer(institution.db, institution.clock)
    with pytest.raises(NotFound):
        await institution.desk.asking.accept(first.id, silent)


async def test_a_firm_is_asked_and_names_its_lawyer_and_nobody_elses(institution):
    wang, other = await lawyers(institution, "王律师", "外所律师")
    (zhao,) = await lawyers(institution, "赵律师", firm_id=wang.firm_id)
    it = await granted(institution)
    await institution.desk.asking.ask(it.id, institution.boss.id, firm_id=wang.firm_id)
    ask = await asked(institution, it)
    assert ask.lawyer_id is None and ask.firm_id == wang.firm_id
    with pytest.raises(NotFound):
        await institution.desk.asking.accept(ask.id, wang, other.id)
    await institution.desk.asking.accept(ask.id, wang, zhao.id)
    assert (await institution.now(it)).lawyer_id == zhao.id


async def test_two_of_a_firm_that_answer_at_once_take_it_once(institution):
    (wang,) = await lawyers(institution, "王律师")
    (zhao,) = await lawyers(institution, "赵律师", firm_id=wang.firm_id)
    it = await granted(institution)
    await institution.desk.asking.ask(it.id, institution.boss.id, firm_id=wang.firm_id)
    ask = await asked(institution, it)
    done = await asyncio.gather(
        *(institution.desk.asking.accept(ask.id, one) for one in (wang, zhao)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "NotAsked"]
    assert (await institution.history(it)).count("assigned") == 1


async def test_assigned_on_the_telephone_nobody_owes_an_answer_any_more(institution):
    wang, zhao = await lawyers(institution, "王律师", "赵律师")
    it = await granted(institution)
    await institution.desk.asking.ask(it.id, institution.boss.id, lawyer_id=wang.id)
    ask = await asked(institution, it)
    await institution.desk.review.assign(it.id, institution.boss.id, zhao.id)
    with pytest.raises(NotAsked):
        await institution.desk.asking.accept(ask.id, wang)
    await institution.wait(1)
    assert "silent" not in await institution.history(it)


async def test_killed_while_the_next_is_asked_the_silence_is_not_lost(institution, monkeypatch):
    await lawyers(institution, "王律师", "赵律师")
    it = await granted(institution)
    await institution.desk.asking.ask(it.id, institution.boss.id)
    first = await asked(institution, it)

    async def die(*given, **more):
        raise RuntimeError("killed")

    monkeypatch.setattr(asking, "_go_on", die)
    await institution.wait(0.6)
    monkeypatch.undo()
    assert (await asked(institution, it)).id == first.id  # all of it or nothing
    await institution.fire()
    assert (await asked(institution, it)).id != first.id
    assert (await institution.history(it)).count("silent") == 1


async def test_the_lawyer_reads_both_names_and_no_more_and_answers_on_a_phone(institution, app):
    hashed = hash_password("a-good-password")
    (wang,) = await lawyers(institution, "王律师", password_hash=hashed)
    it = await granted(institution)
    await institution.desk.asking.ask(it.id, institution.boss.id)
    async with browser(app) as web:
        await web.post("/desk/login", data={"login": wang.login, "password": "a-good-password"})
        assert "问您接不接" in (await web.get("/desk")).text
        page = await web.get("/desk/asked")
        for told in ("张三", "清河县示例建筑有限公司", it.reference, "3月2日"):
            assert told in page.text
        assert "13900000000" not in page.text and "一共五万九" not in page.text
        assert (await web.get(f"/desk/applications/{it.id}")).status_code == 404
        ask = await asked(institution, it)
        empty = await web.post(f"/desk/asked/{ask.id}/decline", data={"words": " "})
        assert empty.status_code == 422
        taken = await web.post(f"/desk/asked/{ask.id}/accept")
        assert taken.status_code == 303
        late = await web.post(f"/desk/asked/{ask.id}/accept")
        assert late.status_code == 409
        assert (await web.get(f"/desk/applications/{it.id}")).status_code == 200
