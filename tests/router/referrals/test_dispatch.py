"""A case that was referred is dispatched as carefully as one from the chat."""

from datetime import UTC, datetime, timedelta

import pytest

from router.clock import CHINA
from router.dispatch.rules import USUAL
from router.referrals.deadlines import due_after
from router.referrals.schemas import Answer
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency
from tests import factories
from tests.fake_partner import EXAMPLE

BACK = Answer(to="returned", words="不归我们管。")


async def acts_for(office, lawyer, name: str) -> None:
    await factories.client(office.db, name, firm_id=lawyer.firm_id)


async def test_who_acts_for_the_other_side_is_not_asked_to_call_the_citizen_back(office):
    theirs = await office.lawyer("对方的律师")
    await acts_for(office, theirs, EXAMPLE["opponent"])
    receipt = (await (await office.way()).send()).json()["receipt"]
    referral = await office.by_receipt(receipt)
    assert await office.offer(referral.ticket_id) is None
    other = await office.lawyer("别的律师")
    await office.parts.dispatch.offer(referral.ticket_id)
    assert (await office.ticket(referral)).offered_to == other.id


@pytest.mark.parametrize("destination", ["mediation", "other_organ"])
async def test_nor_when_another_organ_sends_a_case_back(office, destination):
    theirs = await office.lawyer("对方的律师")
    await acts_for(office, theirs, "老赵")
    doors = office.parts.destinations
    sent = doors.get("mediation").referral
    doors._known["other_organ"] = doors.get("mediation").model_copy(
        update={"name": "other_organ", "delivery": "transfer", "referral": sent}
    )
    talk = await office.citizen(details={"opponent": "老赵", "language": "yue"})
    told = await office.parts.routing.open_ticket(talk.id, "m-1", destination)
    await office.parts.referrals.answer_for(
        "zhuguan", (await office.of_ticket(told["ticket"])).id, BACK
    )
    tickets = await office.all(Ticket, Ticket.destination == "duty_lawyer")
    assert [(one.status, one.language) for one in tickets] == [("open", "yue")]
    assert await office.parts.dispatch.offer(tickets[0].id) is None


@pytest.mark.parametrize(
    ("said", "urgency"), [("ordinary", Urgency.DETAINED), ("urgent", Urgency.DEADLINE)]
)
async def test_the_facts_may_make_a_case_more_urgent_than_its_sender_said(office, said, urgency):
    sent = await (await office.way()).send(urgency=said, facts={"detained": True})
    ticket = await office.ticket(await office.by_receipt(sent.json()["receipt"]))
    assert ticket.urgency == urgency


async def test_a_lawyer_who_is_to_telephone_does_not_lose_the_case_for_writing_nothing(office):
    wang = await office.lawyer()
    referral = await office.by_receipt((await (await office.way()).send()).json()["receipt"])
    await office.accept(referral.ticket_id)
    await office.clock.leap(timedelta(minutes=4 * USUAL.silence))
    await office.parts.dispatch.timers.fire_due()
    ticket = await office.ticket(referral)
    assert (ticket.status, ticket.owner) == ("accepted", wang.id)


async def test_a_duplicate_that_was_merged_goes_on_for_its_sender_with_the_other_ticket(office):
    wang, boss = await office.lawyer(), await office.lawyer("主管", role="supervisor")
    way = await office.way()
    told = [(await way.send(number=number)).json()["receipt"] for number in ("一", "二")]
    first, twin = [await office.by_receipt(receipt) for receipt in told]
    await office.parts.dispatch.merge(twin.ticket_id, first.ticket_id, boss.id)
    assert (await way.look(told[1])).json()["state"] == "sent"
    await office.accept(first.ticket_id)
    assert [(await way.look(one)).json()["state"] for one in told] == ["accepted"] * 2
    await office.parts.dispatch.close(first.ticket_id, wang.id, "answered")
    ends = [(await way.look(one)).json() for one in told]
    assert [(end["state"], end["outcome"]) for end in ends] == [("closed", "answered")] * 2


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=1)])
async def test_a_clock_that_is_set_moves_no_organs_deadline(office, jump):
    _, referral = await office.referred()
    office.clock.jump(jump)
    await office.parts.dispatch.timers.fire_due()
    (timer,) = await office.timers("referral_due")
    assert timer.due_at == referral.due_at


@pytest.mark.parametrize(
    ("days", "working", "last"),
    [
        (1, False, "2026-02-14"),
        (1, True, "2026-02-14"),  # a Saturday that is worked
        (2, False, "2026-02-15"),
        (2, True, "2026-02-24"),  # after the Spring Festival
        (7, False, "2026-02-20"),
        (6, True, "2026-02-28"),  # another worked Saturday
        (7, True, "2026-03-02"),
    ],
)
def test_the_day_it_was_sent_does_not_count_and_holidays_only_among_calendar_days(
    days, working, last
):
    sent = datetime(2026, 2, 13, 23, 0, tzinfo=CHINA).astimezone(UTC)
    end = datetime.fromisoformat(f"{last}T23:59:59+08:00")
    assert due_after(sent, days, working) == end
