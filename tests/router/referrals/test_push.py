"""Partners with a computer hear of everything at least once: signed, in spite of crashes, and only
where the operator said."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from router.dispatch.models import Timer
from router.referrals import delivery, partners
from router.referrals.schemas import Answer
from tests.fake_partner import EXAMPLE, Way
from tests.fakes import until


@pytest.fixture
async def hotline(office, organ) -> Way:
    """12345 has a computer that hears how its cases go on."""
    partner, secret = await office.partner(url=organ.url)
    organ.secret = secret
    return Way(office.client, await office.key(partner))


async def pass_by(office, span: timedelta) -> None:
    await office.clock.advance(span)
    await office.parts.dispatch.timers.fire_due()


# What is pushed


async def test_a_case_for_an_organ_with_a_computer_arrives_with_what_we_know_of_it(
    office, organ, mediators
):
    talk, referral = await office.referred()
    await until(lambda: organ.told)
    (told,) = organ.told
    assert (told["type"], told["receipt"], told["state"]) == (
        "referral.new", referral.receipt, "sent",
    )  # fmt: skip
    assert told["case"]["reference"] == talk.reference
    assert told["case"]["matter_label"] == "相邻、物业"
    assert organ.refused == []


async def test_the_organs_answers_come_back_over_the_same_way(office, organ, mediators):
    talk, referral = await office.referred()
    answer = await mediators.answer(referral.receipt, "accepted")
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    answer = await mediators.answer(referral.receipt, "closed", outcome="agreed", words="谈成了")
    assert (answer.json()["state"], answer.json()["seq"]) == ("closed", 3)
    await office.quiet()
    assert "已达成调解协议。谈成了。" in (await office.said_to(talk))[-1]
    assert (await office.ticket(referral)).status == "closed"
    assert organ.states(referral.receipt) == ["sent"]  # of its own answers it hears nothing


async def test_an_organ_that_returns_a_case_gives_it_to_a_duty_lawyer(office, organ, mediators):
    wang = await office.lawyer()
    _, referral = await office.referred()
    await mediators.answer(referral.receipt, "returned", words="不属于我们管")
    ticket = await office.ticket(referral)
    assert ticket.offered_to == wang.id and "退回：不属于我们管" in ticket.summary


async def test_the_sender_hears_each_step_of_its_case(office, organ, hotline):
    wang = await office.lawyer()
    receipt = (await hotline.send()).json()["receipt"]
    referral = await office.by_receipt(receipt)
    await office.accept(referral.ticket_id)
    await office.quiet()
    await office.parts.dispatch.close(referral.ticket_id, wang.id, "answered")
    await office.quiet()
    assert organ.states(receipt) == ["accepted", "closed"]
    assert {one["number"] for one in organ.told} == {EXAMPLE["number"]}
    assert all("case" not in one for one in organ.told)
    pushed = json.dumps(organ.told, ensure_ascii=False)
    assert "张三" not in pushed and "1390000" not in pushed


async def test_what_our_staff_write_down_for_a_partner_the_partner_hears(office, organ, mediators):
    _, referral = await office.referred()
    said = Answer(to="returned", words="电话里说不收")
    await office.parts.referrals.answer_for("zhuguan", referral.id, said)
    await office.quiet()
    assert organ.states(referral.receipt) == ["sent", "returned"]


# At least once


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 500, 503])
async def test_what_is_not_taken_is_sent_again_until_it_is(office, organ, mediators, status):
    organ.answers = [status, status]
    _, referral = await office.referred()
    await until(lambda: len(organ.calls) == 1)
    for calls, wait in ((2, 10), (3, 60)):
        await settled(office, tries=calls - 1)
        await pass_by(office, timedelta(seconds=wait))
        await until(lambda calls=calls: len(organ.calls) == calls)
    await office.quiet()
    assert organ.states(referral.receipt) == ["sent"]
    assert len({headers["idempotency-key"] for headers, _ in organ.calls}) == 1


async def test_an_answer_that_got_lost_makes_a_repeat_that_the_partner_knows_by_its_key(
    office, organ, mediators
):
    organ.lose_answers = 1
    await office.referred()
    await until(lambda: len(organ.calls) == 1)
    await settled(office)
    await pass_by(office, timedelta(seconds=10))
    await office.quiet()
    assert len(organ.calls) == 2 and len(organ.told) == 1


async def test_killed_between_commit_and_push_it_is_pushed_by_the_next_process(
    office, organ, mediators, monkeypatch
):
    """The process takes the timer, and dies before the partner has heard anything."""

    died = []

    async def die(self, timer):
        died.append(timer)

    monkeypatch.setattr(delivery.Deliveries, "_see_to", die)
    _, referral = await office.referred()
    await until(lambda: died)
    monkeypatch.undo()
    await pass_by(office, delivery.CLAIM - timedelta(seconds=1))
    assert organ.told == []
    await pass_by(office, timedelta(seconds=1))
    await until(lambda: organ.told)
    await office.quiet()
    assert organ.states(referral.receipt) == ["sent"]


async def test_killed_after_the_push_it_is_pushed_again_and_taken_once(
    office, organ, mediators, monkeypatch
):
    died = []

    async def die(self, s, timer, heard):
        died.append(timer)
        raise RuntimeError("killed")

    monkeypatch.setattr(delivery.Deliveries, "_settle", die)
    await office.referred()
    await until(lambda: died)
    monkeypatch.undo()
    await pass_by(office, delivery.CLAIM)
    await office.quiet()
    assert len(organ.calls) == 2 and len(organ.told) == 1


async def test_two_processes_that_see_the_same_timer_push_once(office, organ, mediators):
    organ.slow = asyncio.Event()
    await office.referred()
    await until(lambda: len(organ.calls) == 1)
    (timer,) = await office.timers("referral_push")
    seen = Timer(id=timer.id, kind=timer.kind, data=timer.data, due_at=office.clock.now())
    deliveries = office.parts.referrals._deliveries
    await deliveries.fire(seen)  # it read the row before the claim
    organ.slow.set()
    await until(lambda: not deliveries._tasks)
    assert len(organ.calls) == 1


async def test_the_citizen_hears_an_answer_once_however_often_it_is_delivered(office, monkeypatch):
    talk, referral = await office.referred()
    await office.parts.referrals.answer_for("zhuguan", referral.id, Answer(to="accepted"))
    (timer,) = await office.timers("referral_tell")
    for _ in range(3):
        assert await office.parts.referrals._deliveries._tell(timer.data["event"])
    await office.quiet()
    assert sum("已经接收" in line for line in await office.said_to(talk)) == 1


async def test_a_partner_that_does_not_answer_is_on_the_board_until_it_does(
    office, organ, mediators
):
    organ.answers = [500]
    _, referral = await office.referred()
    await until(lambda: organ.calls)
    await settled(office)
    assert (await office.by_receipt(referral.receipt)).unreached_at
    async with office.db.read() as s:
        assert await office.parts.referrals.alarms(s) == 1
    await pass_by(office, timedelta(seconds=10))
    await office.quiet()
    assert (await office.by_receipt(referral.receipt)).unreached_at is None


async def test_after_a_week_of_silence_it_is_tried_no_more_and_the_board_still_says_so(
    office, organ, mediators, monkeypatch
):
    monkeypatch.setattr(delivery, "MOST_TRIES", 2)
    organ.answers = [500, 500]
    _, referral = await office.referred()
    await until(lambda: len(organ.calls) == 1)
    await settled(office)
    await pass_by(office, timedelta(seconds=10))
    await office.quiet()
    assert organ.told == [] and (await office.by_receipt(referral.receipt)).unreached_at


async def test_a_partner_that_never_answers_holds_up_no_offer(office, organ, mediators):
    organ.slow = asyncio.Event()
    for _ in range(delivery.AT_ONCE + 2):
        await office.referred()
    await until(lambda: len(organ.calls) == delivery.AT_ONCE)
    wang = await office.lawyer()
    await office.lawyer("李律师")
    talk = await office.citizen()
    told = await office.parts.routing.open_ticket(talk.id, "m-9", "duty_lawyer")
    first = await office.offer(told["ticket"])
    await office.clock.advance(office.parts.settings.OFFER_TTL)

    async def went_on() -> bool:
        now = await office.offer(told["ticket"])
        return bool(now and now.id != first.id)

    await until(went_on)
    assert wang
    organ.slow.set()


# Signed, and to nobody else


async def test_a_push_that_somebody_plays_again_later_is_refused(office, organ, mediators, clock):
    await office.referred()
    await office.quiet()
    ((headers, body),) = organ.calls
    await clock.advance(timedelta(seconds=301))
    kept = {name: headers[name] for name in headers if name.startswith(("x-", "idem"))}
    async with httpx.AsyncClient(trust_env=False) as thief:
        assert (await thief.post(organ.url, content=body, headers=kept)).status_code == 401
        fresh = {**kept, "x-jieyuan-timestamp": str(int(clock.now().timestamp()))}
        assert (await thief.post(organ.url, content=body, headers=fresh)).status_code == 401
    assert organ.refused == ["too old", "not theirs"]


async def test_a_push_played_again_at_once_has_no_second_effect(office, organ, mediators):
    await office.referred()
    await office.quiet()
    ((headers, body),) = organ.calls
    kept = {name: headers[name] for name in headers if name.startswith(("x-", "idem"))}
    async with httpx.AsyncClient(trust_env=False) as thief:
        again = await thief.post(organ.url, content=body, headers=kept)
    assert again.json() == {"taken": True, "new": False} and len(organ.told) == 1


async def test_a_changed_word_breaks_the_signature(office, organ, mediators):
    await office.referred()
    await office.quiet()
    ((headers, body),) = organ.calls
    assert organ.fault_of(headers, body) is None
    assert organ.fault_of(headers, body.replace(b"sent", b"sent ")) == "not theirs"


async def test_an_answer_that_points_elsewhere_is_not_followed(office, organ, mediators):
    organ.answers = [302]  # Location: /elsewhere
    _, referral = await office.referred()
    await until(lambda: organ.calls)
    await settled(office)
    assert (await office.by_receipt(referral.receipt)).unreached_at
    assert len(organ.calls) == 1


async def test_to_a_revoked_partner_nothing_leaves_any_more(office, organ, mediators, clock):
    organ.answers = [500]
    await office.referred()
    await until(lambda: organ.calls)
    await settled(office)
    async with office.db.write() as s:
        await partners.revoke(s, "tiaojie", clock.now())
    await pass_by(office, timedelta(seconds=10))
    await office.quiet()
    assert len(organ.calls) == 1 and organ.told == []


async def test_a_partner_that_a_file_names_and_nobody_added_is_an_organ_by_paper(
    office, organ, mediators, clock
):
    async with office.db.write() as s:
        await partners.revoke(s, "tiaojie", clock.now())
    _, referral = await office.referred()
    assert referral.partner_id is None and not organ.calls
    assert await office.timers("referral_push") == []


async def settled(office, tries: int = 1) -> None:
    """The tries that failed are written down."""

    async def put_off() -> bool:
        return all(t.data["tried"] == tries for t in await office.timers("referral_push"))

    await until(put_off)
