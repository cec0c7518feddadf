"""A lawyer closes a case as the mediators' or the aid office's: it goes there, and may return."""

import json
from datetime import timedelta

import pytest

from router.conversations.models import Conversation
from router.events import TicketClosed
from router.referrals import outbound, steps
from router.referrals.models import Referral
from router.referrals.service import LOOK
from router.referrals.status import State
from router.tickets import callbacks
from router.tickets.models import Ticket
from router.web import closing
from tests.router.referrals.test_out import BACK, TAKEN, over

PLACES = {
    "referred_mediation": ("mediation", "人民调解委员会", "4月1日"),
    "aid_application": ("legal_aid_application", "清河县法律援助中心（虚构）", "3月9日"),
}


async def closed_as(office, outcome, destination="duty_lawyer", **intake):
    """The talk, the closed ticket and its referrals."""
    wang = await office.lawyer()
    talk = await office.citizen(**intake)
    told = await office.parts.routing.open_ticket(talk.id, "m-1", destination)
    ticket = await office.accept(told["ticket"])
    await office.parts.dispatch.close(ticket.id, wang.id, outcome)
    await office.quiet()
    referrals = await office.all(Referral, Referral.ticket_id == ticket.id)
    (ticket,) = await office.all(Ticket, Ticket.id == ticket.id)
    return talk, ticket, referrals


@pytest.mark.parametrize("outcome", PLACES)
async def test_the_case_goes_on_there_with_a_receipt_a_deadline_and_the_citizens_knowledge(
    office, outcome
):
    talk, ticket, (referral,) = await closed_as(office, outcome)
    name, organ, day = PLACES[outcome]
    assert (referral.destination, referral.organ, referral.status) == (name, organ, "sent")
    assert (ticket.status, ticket.outcome) == ("closed", outcome)
    (said,) = [line for line in await office.said_to(talk) if "已经转给" in line]
    assert organ in said and referral.receipt in said and f"请对方在{day}前答复" in said
    asked = await office.parts.routing.status(talk.id)
    assert f"转办回执号 {referral.receipt}，等待接收" in asked


@pytest.mark.parametrize(
    "outcome", ["answered", "guided", "out_of_scope", "unreachable", "withdrawn"]
)
async def test_any_other_outcome_sends_nothing_anywhere(office, outcome):
    _, ticket, referrals = await closed_as(office, outcome)
    assert referrals == [] and ticket.outcome == outcome


async def test_returned_it_is_a_new_case_of_a_duty_lawyer_with_the_reason(office):
    talk, old, (referral,) = await closed_as(office, "referred_mediation")
    await office.parts.referrals.answer_for("zhuguan", referral.id, BACK)
    await office.quiet()
    (new,) = await office.all(Ticket, Ticket.id != old.id)
    assert (new.status, new.conversation_id, new.matter) == ("offered", talk.id, old.matter)
    assert "退回：双方住在外县" in new.summary
    assert any("退回来了" in line for line in await office.said_to(talk))


async def test_accepted_and_closed_there_the_citizen_hears_of_both(office):
    talk, _, (referral,) = await closed_as(office, "referred_mediation")
    await office.parts.referrals.answer_for("zhuguan", referral.id, TAKEN)
    await office.parts.referrals.answer_for("zhuguan", referral.id, over("agreed"))
    await office.quiet()
    assert await office.state(referral) == "closed"
    said = await office.said_to(talk)
    assert any("已经接收您的事" in line for line in said)
    assert any("已达成调解协议" in line for line in said)


async def test_without_an_answer_in_time_it_is_an_alarm_on_the_board(office):
    _, _, (referral,) = await closed_as(office, "aid_application")
    await office.clock.leap(timedelta(days=8))
    await office.parts.dispatch.timers.fire_due()
    assert (await office.by_receipt(referral.receipt)).overdue_at


async def test_the_look_of_each_minute_lets_it_stand(office):
    _, ticket, (referral,) = await closed_as(office, "referred_mediation")
    await office.parts.referrals.follow(TicketClosed(ticket.id, ticket.conversation_id, None, ""))
    await office.clock.advance(timedelta(minutes=2))
    await office.parts.dispatch.timers.fire_due()
    assert await office.timers(LOOK) and await office.state(referral) == "sent"
    assert await office.history(referral) == ["opened"]


async def test_an_application_that_is_under_way_there_is_not_sent_twice(office):
    _, _, referrals = await closed_as(office, "aid_application", "legal_aid_application")
    assert [one.status for one in referrals] == ["sent"]


async def test_an_application_that_becomes_mediation_ends_there_and_begins_here(office):
    _, _, referrals = await closed_as(office, "referred_mediation", "legal_aid_application")
    state = {one.destination: one.status for one in referrals}
    assert state == {"legal_aid_application": "closed", "mediation": "sent"}


async def test_what_another_organ_sent_is_answered_to_it_and_goes_on_to_the_mediators(office):
    wang, way = await office.lawyer(), await office.way()
    receipt = (await way.send()).json()["receipt"]
    came = await office.by_receipt(receipt)
    await office.accept(came.ticket_id)
    await office.parts.dispatch.close(came.ticket_id, wang.id, "referred_mediation")
    await office.quiet()
    out, back = await office.all(Referral), await office.by_receipt(receipt)
    (on,) = [one for one in out if one.direction == "out"]
    assert (back.status, on.status, on.destination) == ("closed", "sent", "mediation")


async def test_the_mediators_computer_gets_it_with_the_number_to_call(office, organ, mediators):
    wang, talk = await office.lawyer(), await office.citizen()
    told = await office.parts.routing.open_ticket(talk.id, "m-1", "duty_lawyer")
    async with office.db.write() as s:
        ticket = await s.get(Ticket, told["ticket"])
        callbacks.ask(s, ticket, {"number": "138 1234 5678"}, office.clock.now())
    await office.accept(told["ticket"])
    await office.parts.dispatch.close(told["ticket"], wang.id, "referred_mediation")
    await office.parts.dispatch.timers.fire_due()
    await office.quiet()
    (sent,) = [one for one in organ.told if one["type"] == "referral.new"]
    assert sent["case"]["call_back"] == {"number": "138 1234 5678"}


async def test_a_closing_that_fails_sends_nothing(office, monkeypatch):
    send = outbound.send

    async def fails(*about):
        if len(about) == 5:  # by a lawyer, at closing
            raise RuntimeError("no")
        return await send(*about)

    monkeypatch.setattr(outbound, "send", fails)
    with pytest.raises(RuntimeError):
        await closed_as(office, "referred_mediation")
    (ticket,) = await office.all(Ticket)
    assert ticket.status == "accepted" and await office.count(Referral) == 0


async def test_before_confirming_the_lawyer_reads_where_it_goes_and_by_when(office):
    talk = await office.citizen(outcome="OUT_OF_SCOPE")
    told = await office.parts.routing.open_ticket(talk.id, "m-1", "duty_lawyer")
    (ticket,) = await office.all(Ticket, Ticket.id == told["ticket"])
    seen = await reads(office, ticket, talk)
    assert seen["referred_mediation"]["organ"] == "人民调解委员会"
    assert seen["referred_mediation"]["due"] == "4月1日（30 天）"
    assert not seen["referred_mediation"]["doubt"], "neighbours are its like"
    assert seen["aid_application"]["due"] == "3月9日（7 天）"


async def test_where_the_file_says_working_days_the_holidays_do_not_count(office):
    doors = office.parts.destinations
    door = doors.get("mediation")
    terms = door.referral.model_copy(update={"days": 25, "working": True})
    changed = door.model_copy(update={"referral": terms})
    doors._known["mediation"] = changed
    doors._ordered = [changed if one.name == "mediation" else one for one in doors._ordered]
    talk, ticket, _ = await closed_as(office, "referred_mediation")
    seen = await reads(office, ticket, talk)
    assert seen["referred_mediation"]["due"] == "4月7日（25 个工作日）", "清明 4月4日至6日放假"
    assert any("请对方在4月7日前答复" in line for line in await office.said_to(talk))


async def test_violence_sent_to_the_mediators_is_doubted_aloud(office):
    talk = await office.citizen(outcome="OUT_OF_SCOPE", facts={"violence": "suffered"})
    told = await office.parts.routing.open_ticket(talk.id, "m-1", "duty_lawyer")
    (ticket,) = await office.all(Ticket, Ticket.id == told["ticket"])
    assert "请再看一眼" in (await reads(office, ticket, talk))["referred_mediation"]["doubt"]


async def reads(office, ticket, talk) -> dict:
    (row,) = await office.all(Conversation, Conversation.id == talk.id)
    intake = json.loads(row.intake)
    ways = closing.onward(office.parts.destinations, ticket, intake, office.clock.now())
    return {way["outcome"]: way for way in ways}


def test_a_mediators_own_ticket_ends_with_its_referral():
    """Closed by a supervisor from the list: nobody works on it there any more."""
    listed = Ticket(status="closed", delivery="queue", outcome="referred_mediation")
    referral = Referral(direction="out", destination="mediation", status="sent")
    after = {"mediation": "referred_mediation"}
    assert steps.due(referral, listed, after) == (State.CLOSED, "referred_mediation", "")
    listed.delivery = "offer"
    assert steps.due(referral, listed, after) is None
