"""Moving a case by hand, and the supervisor's board, without a browser."""

from datetime import timedelta

import pytest

from router.lawyers.models import Lawyer
from tests import factories
from tests.router.web.test_desk import OURS, PAGE, SECRET, sign_in


@pytest.fixture
async def boss(parts, clock) -> Lawyer:
    return await factories.lawyer(
        parts.db, clock, "主管", login="boss", role="supervisor", on_duty=False,
        password_hash=SECRET,
    )  # fmt: skip


@pytest.fixture
async def wang(parts, clock) -> Lawyer:
    early = clock.now() - timedelta(minutes=1)
    given = {"login": "wang", "password_hash": SECRET, "idle_since": early}
    return await factories.lawyer(parts.db, clock, "王清和", **given)


@pytest.fixture
async def li(parts, clock) -> Lawyer:
    return await factories.lawyer(parts.db, clock, "李明远", login="li", password_hash=SECRET)


async def waiting(parts, clock, **given):
    talk = await factories.conversation(parts.db, clock)
    return await factories.ticket(parts.db, clock, talk.id, **{"matter": "debt"} | given)


async def now(parts, row):
    async with parts.db.read() as s:
        return await s.get(type(row), row.id)


async def test_a_supervisor_assigns_takes_back_and_queues_anew_from_the_case(
    client, parts, clock, boss, wang, li
):
    ticket = await waiting(parts, clock)
    await sign_in(client, "boss")
    page = (await client.get(f"/desk/tickets/{ticket.id}", headers=PAGE)).text
    assert "指派给一位律师" in page and "李明远" in page and "收回" not in page
    at = f"/board/tickets/{ticket.id}"
    assert (await client.post(f"{at}/assign", data={"to": li.id}, headers=OURS)).status_code == 303
    assert (await now(parts, ticket)).owner == li.id
    assert "收回" in (await client.get(f"/desk/tickets/{ticket.id}", headers=PAGE)).text
    await client.post(f"{at}/take-back", headers=OURS)
    assert (await now(parts, ticket)).offered_to == wang.id
    await parts.dispatch.duty(wang.id, False)
    assert (await now(parts, ticket)).status == "open"
    await client.post(f"{at}/requeue", headers=OURS)
    assert (await now(parts, ticket)).offered_to == li.id, "as if li had never had it"


async def test_a_supervisor_merges_a_duplicate(client, parts, clock, boss):
    kept, twin = await waiting(parts, clock), await waiting(parts, clock)
    other = await waiting(parts, clock, matter="marriage")
    await sign_in(client, "boss")
    page = (await client.get(f"/desk/tickets/{twin.id}", headers=PAGE)).text
    assert kept.id in page and other.id not in page
    at = f"/board/tickets/{twin.id}/merge"
    await client.post(at, data={"into": kept.id}, headers=OURS)
    assert (await now(parts, twin)).merged_into == kept.id
    page = (await client.get(f"/desk/tickets/{twin.id}", headers=PAGE)).text
    assert "并入另一工单" in page and "主管调度" not in page


async def test_a_lawyer_sees_and_does_none_of_it(client, parts, clock, wang, boss):
    ticket = await waiting(parts, clock)
    await parts.dispatch.assign(ticket.id, wang.id, boss.id)
    await sign_in(client, "wang")
    assert "主管调度" not in (await client.get(f"/desk/tickets/{ticket.id}", headers=PAGE)).text
    for move in ("assign", "take-back", "requeue", "merge"):
        form = {"to": wang.id, "into": ticket.id}
        answer = await client.post(f"/board/tickets/{ticket.id}/{move}", data=form, headers=OURS)
        assert answer.status_code == 403
    assert (await now(parts, ticket)).owner == wang.id


async def test_a_lawyer_hands_over_with_a_word_and_is_told(client, parts, clock, wang, li, boss):
    ticket = await waiting(parts, clock)
    await parts.dispatch.assign(ticket.id, wang.id, boss.id)
    await sign_in(client, "wang")
    page = (await client.get(f"/desk/tickets/{ticket.id}", headers=PAGE)).text
    assert "李明远" in page and f'value="{wang.id}"' not in page
    at = f"/desk/tickets/{ticket.id}/hand-over"
    empty = await client.post(at, data={"to": li.id, "note": " "}, headers=OURS)
    assert empty.status_code == 422
    answer = await client.post(at, data={"to": li.id, "note": "欠条已看"}, headers=OURS)
    assert answer.headers["location"] == "/desk?done=handed_over"
    assert "已转交" in (await client.get("/desk?done=handed_over", headers=PAGE)).text
    assert (await now(parts, ticket)).offered_to == li.id


async def test_a_stranger_to_the_case_cannot_hand_it_over(client, parts, clock, wang, li, boss):
    ticket = await waiting(parts, clock)
    await parts.dispatch.assign(ticket.id, li.id, boss.id)
    await sign_in(client, "wang")
    form = {"to": wang.id, "note": "给我"}
    at = f"/desk/tickets/{ticket.id}/hand-over"
    assert (await client.post(at, data=form, headers=OURS)).status_code == 404


async def test_who_did_not_answer_twice_reads_so_and_the_supervisor_sees_it(
    client, parts, clock, wang, boss
):
    await waiting(parts, clock)
    await parts.dispatch.drain()
    for _ in range(2):
        await clock.advance(parts.settings.OFFER_TTL)
        await parts.dispatch.timers.fire_due()
        await clock.advance(parts.settings.OFFER_PAUSE)
        await parts.dispatch.timers.fire_due()
    await sign_in(client, "wang")
    assert "没有应答" in (await client.get("/desk", headers=PAGE)).text
    await client.post("/desk/logout", headers=OURS)
    await sign_in(client, "boss")
    assert "离岗：两次没有应答" in (await client.get("/board", headers=PAGE)).text


async def test_signing_out_here_leaves_duty_to_the_browser_there(client, parts, clock, wang):
    there = await parts.lawyers.sign_in("wang", "geheim")
    await sign_in(client, "wang")
    await client.post("/desk/logout", headers=OURS)
    assert (await now(parts, wang)).on_duty
    await parts.lawyers.sign_out(there)
    await sign_in(client, "wang")
    await client.post("/desk/logout", headers=OURS)
    assert not (await now(parts, wang)).on_duty


async def test_the_board_tells_the_queue_the_offers_the_alarms_and_the_day(
    client, parts, clock, boss, wang
):
    done, asked = await waiting(parts, clock), await waiting(parts, clock)
    await parts.dispatch.close(done.id, boss.id, "referred_mediation")
    await parts.dispatch.offer(asked.id)
    await waiting(parts, clock, alarmed_at=clock.now())
    await sign_in(client, "boss")
    page = (await client.get("/board", headers=PAGE)).text
    assert "正在问 王清和" in page and "告警：无人可派" in page
    assert "今天来的 <strong>3</strong>" in page and "转人民调解 <strong>1</strong>" in page
