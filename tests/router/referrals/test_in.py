"""转入: what 12345, a court or a police station sends is a call-back ticket for a duty lawyer."""

import asyncio
import json
from datetime import timedelta

import pytest

from router.audit import AuditEntry
from router.conversations.models import Conversation
from router.dispatch import timers
from router.referrals import inbound
from router.referrals.models import Referral
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency
from tests.fake_partner import EXAMPLE, Way
from tests.fakes import until
from tests.router.referrals.conftest import Office


async def test_a_referral_has_a_receipt_a_deadline_and_a_number_for_the_citizen(office):
    answer = await (await office.way(days=5)).send()
    told = answer.json()
    assert answer.status_code == 201
    assert told["receipt"].startswith("ZB-") and told["reference"].startswith("JY-")
    assert (told["state"], told["state_label"], told["overdue"]) == ("sent", "等待接收", False)
    assert told["due"] == "2026-03-07T23:59:59+08:00"  # sent on the 2nd, which does not count
    assert not told["repeated"] and "notice" not in told


async def test_it_is_offered_to_a_duty_lawyer_at_once_with_whom_to_call_but_no_number_yet(office):
    wang = await office.lawyer()
    receipt = (await (await office.way()).send()).json()["receipt"]
    ticket = await office.ticket(await office.by_receipt(receipt))
    assert (ticket.status, ticket.offered_to, ticket.matter) == ("offered", wang.id, "labour_pay")
    assert "12345 热线转来" in ticket.summary and "回电" in ticket.summary
    assert EXAMPLE["person"]["phone"] not in ticket.summary
    assert EXAMPLE["person"]["name"] not in ticket.summary


async def test_all_of_it_is_with_the_ticket_and_none_of_it_is_readable_in_the_database(office):
    receipt = (await (await office.way()).send(facts={"household_size": 3})).json()["receipt"]
    referral = await office.by_receipt(receipt)
    ticket = await office.ticket(referral)
    intake = json.loads(ticket.intake)
    assert intake["facts"] == {"household_size": 3}
    assert intake["details"] == {
        "sender": "12345 热线",
        "sender_number": EXAMPLE["number"],
        "opponent": "某建筑公司",
        "told": EXAMPLE["told"],
    }
    assert ticket.call_back == {"number": "13900000000", "name": "张三", "when": "下午"}
    assert ticket.call_back_at == office.clock.now() and ticket.call_back_done_at is None
    (talk,) = await office.all(Conversation)
    assert talk.channel == "referral" and talk.token_expires_at <= office.clock.now()
    for sealed in (
        referral.body_sealed,
        ticket.intake_sealed,
        ticket.call_back_sealed,
        talk.intake_sealed,
    ):
        assert sealed and b"1390000" not in sealed and "张三".encode() not in sealed


@pytest.mark.parametrize(
    ("said", "urgency"),
    [("danger", Urgency.DANGER), ("urgent", Urgency.DEADLINE), ("ordinary", Urgency.ORDINARY)],
)
async def test_who_is_urgent_by_the_senders_word_goes_first(office, said, urgency):
    receipt = (await (await office.way()).send(urgency=said)).json()["receipt"]
    assert (await office.ticket(await office.by_receipt(receipt))).urgency == urgency


async def test_danger_in_the_words_goes_first_whatever_the_sender_ticked(office):
    told = "她说丈夫正在打她，拿着刀，救命。"
    receipt = (await (await office.way()).send(told=told)).json()["receipt"]
    assert (await office.ticket(await office.by_receipt(receipt))).urgency == Urgency.DANGER


async def test_with_nobody_on_duty_the_receipt_is_given_and_the_ticket_is_on_an_alarm(office):
    receipt = (await (await office.way()).send()).json()["receipt"]
    ticket = await office.ticket(await office.by_receipt(receipt))
    assert ticket.status == "open" and ticket.alarmed_at


# The same number again


async def test_the_same_number_is_the_same_receipt_however_often_it_comes(office):
    way = await office.way()
    first = (await way.send()).json()
    again = await way.send()
    assert again.status_code == 200 and again.json()["repeated"]
    assert again.json()["receipt"] == first["receipt"]
    assert again.json()["reference"] == first["reference"]
    assert "没有重复登记" in again.json()["notice"]
    assert await office.count(Ticket) == await office.count(Conversation) == 1


async def test_the_same_number_with_another_body_keeps_the_first_and_says_so(office):
    way = await office.way()
    first = (await way.send()).json()
    again = await way.send(told="换了说法")
    assert (again.status_code, again.json()["code"]) == (200, "SameNumberOtherBody")
    assert again.json()["receipt"] == first["receipt"]
    assert "这次的没有收下" in again.json()["notice"]
    intake = json.loads((await office.ticket(await office.by_receipt(first["receipt"]))).intake)
    assert intake["details"]["told"] == EXAMPLE["told"]
    assert await office.count(Ticket) == 1


async def test_spaces_and_the_order_of_keys_make_no_other_body(office):
    way = await office.way()
    await way.send()
    other = dict(reversed(list({**EXAMPLE, "told": f" {EXAMPLE['told']}\n"}.items())))
    assert "code" not in (await way.post(json.dumps(other, indent=4))).json()


async def test_two_organs_may_use_the_same_number_for_different_cases(office):
    hotline, court = await office.way("12345"), await office.way("court")
    one, other = (await hotline.send()).json(), (await court.send()).json()
    assert one["receipt"] != other["receipt"] and not other["repeated"]


async def test_sent_ten_times_in_one_moment_it_is_one_case(office):
    await office.lawyer()
    way = await office.way()
    answers = await asyncio.gather(*(way.send() for _ in range(10)))
    assert {a.json()["receipt"] for a in answers} == {answers[0].json()["receipt"]}
    assert sorted(a.status_code for a in answers) == [200] * 9 + [201]
    assert await office.count(Ticket) == await office.count(Referral) == 1


async def test_raced_with_two_bodies_one_wins_and_the_other_is_told(office):
    way = await office.way()
    answers = await asyncio.gather(*(way.send(told=f"说法{n % 2}") for n in range(6)))
    assert len({a.json()["receipt"] for a in answers}) == 1
    assert sum("code" in a.json() for a in answers) == 3


async def test_a_race_that_both_sides_lost_at_the_look_up_is_settled_by_the_database(
    office, monkeypatch
):
    """As on PostgreSQL, where two transactions find nothing and both store."""
    way = await office.way()
    first = (await way.send()).json()["receipt"]
    real, blind = inbound.known, [True]

    async def look(*about):
        return None if blind and blind.pop() else await real(*about)

    monkeypatch.setattr(inbound, "known", look)
    again = await way.send()
    assert (again.status_code, again.json()["receipt"]) == (200, first)
    assert await office.count(Ticket) == await office.count(Conversation) == 1


async def test_when_we_die_after_the_commit_the_case_is_offered_and_the_repeat_has_its_receipt(
    office, monkeypatch
):
    await office.lawyer()
    way = await office.way()

    async def die(*_):
        raise RuntimeError("killed")

    monkeypatch.setattr(office.parts.dispatch, "offer", die)
    assert (await way.send()).status_code == 500
    monkeypatch.undo()
    again = (await way.send()).json()
    assert again["repeated"] and again["receipt"]
    referral = await office.by_receipt(again["receipt"])
    await office.clock.leap(timers.RESUME)
    await office.parts.dispatch.timers.fire_due()  # its own timer, at any process
    assert await office.offer(referral.ticket_id)


# What becomes of it, for the sender


async def test_the_sender_sees_that_a_lawyer_took_it_and_how_it_ended(office):
    wang = await office.lawyer()
    way = await office.way()
    receipt = (await way.send()).json()["receipt"]
    referral = await office.by_receipt(receipt)
    await office.accept(referral.ticket_id)
    assert (await way.look(receipt)).json()["state"] == "accepted"
    await office.parts.dispatch.close(referral.ticket_id, wang.id, "answered", "只给同事看")
    seen = (await way.look(receipt)).json()
    assert (seen["state"], seen["outcome"], seen["seq"]) == ("closed", "answered", 3)
    assert seen["outcome_label"] == "已解答" and "words" not in seen
    assert await office.history(referral) == ["opened", "accepted", "closed"]


async def test_what_is_not_for_legal_aid_goes_back_to_the_sender_with_the_reason(office):
    wang = await office.lawyer()
    way = await office.way()
    receipt = (await way.send()).json()["receipt"]
    referral = await office.by_receipt(receipt)
    await office.accept(referral.ticket_id)
    await office.parts.dispatch.close(referral.ticket_id, wang.id, "out_of_scope")
    seen = (await way.look(receipt)).json()
    assert (seen["state"], seen["words"]) == ("returned", "不属于受理范围")


async def test_a_lawyer_who_gives_it_back_to_the_queue_changes_nothing_for_the_sender(office):
    wang = await office.lawyer()
    way = await office.way()
    receipt = (await way.send()).json()["receipt"]
    ticket = await office.accept((await office.by_receipt(receipt)).ticket_id)
    await office.parts.dispatch.give_back(ticket.id, wang.id, "临时有事")
    assert (await way.look(receipt)).json()["state"] == "accepted"


async def test_news_that_a_dying_process_kept_is_found_within_a_minute(office):
    """Killed after the lawyer's click was stored and before anybody heard of it."""
    await office.lawyer()
    way = await office.way()
    receipt = (await way.send()).json()["receipt"]
    office.parts.events.table = {}
    await office.accept((await office.by_receipt(receipt)).ticket_id)
    assert (await way.look(receipt)).json()["state"] == "sent"
    await office.clock.advance(timedelta(minutes=1))

    async def followed() -> bool:
        return (await way.look(receipt)).json()["state"] == "accepted"

    await until(followed)


# Deadlines


@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, True)])
async def test_at_the_end_of_the_last_day_it_is_overdue_and_not_before(office, seconds, late):
    receipt = (await (await office.way(days=1)).send()).json()["receipt"]
    referral = await office.by_receipt(receipt)
    await office.clock.leap(referral.due_at - office.clock.now() + timedelta(seconds=seconds))
    await office.parts.dispatch.timers.fire_due()
    assert bool((await office.by_receipt(receipt)).overdue_at) is late
    async with office.db.read() as s:
        assert await office.parts.referrals.alarms(s) == int(late)


async def test_what_was_closed_in_time_never_alarms(office):
    wang = await office.lawyer()
    way = await office.way(days=1)
    receipt = (await way.send()).json()["receipt"]
    referral = await office.by_receipt(receipt)
    await office.accept(referral.ticket_id)
    await office.parts.dispatch.close(referral.ticket_id, wang.id, "answered")
    assert await office.timers("referral_due") == []
    await office.clock.leap(timedelta(days=3))
    await office.parts.dispatch.timers.fire_due()
    assert (await office.by_receipt(receipt)).overdue_at is None
    assert not (await way.look(receipt)).json()["overdue"]


async def test_an_overdue_one_that_is_closed_at_last_alarms_no_more(office):
    wang = await office.lawyer()
    way = await office.way(days=1)
    receipt = (await way.send()).json()["receipt"]
    referral = await office.by_receipt(receipt)
    await office.accept(referral.ticket_id)
    await office.clock.leap(timedelta(days=3))

    async def late() -> bool:
        return (await way.look(receipt)).json()["overdue"]

    await until(late)
    await office.parts.dispatch.close(referral.ticket_id, wang.id, "answered")
    assert not (await way.look(receipt)).json()["overdue"]
    assert await office.history(referral) == ["opened", "accepted", "overdue", "closed"]
    async with office.db.read() as s:
        assert await office.parts.referrals.alarms(s) == 0


# The trail


async def test_what_a_partner_sends_is_in_the_audit_trail_and_its_repeats_are_not(office):
    way = await office.way()
    receipt = (await way.send()).json()["receipt"]
    await way.send()
    trail = [(row.who, row.action, row.about) for row in await office.all(AuditEntry)]
    assert trail[-1] == ("partner:12345", "referral_in", receipt)
    assert trail[0] == ("operator", "partner_added", "12345")
    assert len(trail) == 3  # and the key


async def test_nothing_of_a_person_is_in_the_log(office: Office, caplog):
    caplog.set_level("DEBUG")
    way = await office.way()
    await way.send()
    await way.send(person={"name": "李四", "phone": "没有"})
    await Way(office.client, "jy_wrong").send()
    said = caplog.text
    for word in ("张三", "李四", "1390000", EXAMPLE["told"], "jy_"):
        assert word not in said
