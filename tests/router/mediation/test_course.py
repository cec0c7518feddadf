"""Consent on both sides, the clear no, and what an outcome does to the ticket and the referral."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from router.clock import china_date
from router.mediation.errors import MediationMovedOn, NotBothAgreed
from router.mediation.models import MediationConsent
from router.mediation.report import figures
from router.mediation.status import AT_COURT, FAILED, LABELS, NEXT, OPEN, SUCCESS, State
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency
from tests import factories


def test_every_state_has_a_next_and_a_label_and_what_failed_is_over():
    assert set(NEXT) == set(LABELS) == set(State)
    assert not any(NEXT[state] for state in FAILED)
    assert set(OPEN) | set(SUCCESS) | set(FAILED) == set(State) and set(AT_COURT) <= set(SUCCESS)


@given(st.lists(st.integers(0, 12), max_size=20))
def test_no_way_through_the_table_leads_to_an_agreement_past_both_consents(choices):
    """However the moves are drawn: agreement only after AGREED, success never back to open."""
    state, been = State.PROPOSED, [State.PROPOSED]
    for number in choices:
        following = sorted(NEXT[state])
        if not following:
            break
        state = following[number % len(following)]
        been.append(state)
    if state in SUCCESS or State.IN_SESSION in been:
        assert State.AGREED in been and State.INVITED in been
    if any(one in SUCCESS for one in been):
        first = next(n for n, one in enumerate(been) if one in SUCCESS)
        assert all(one in SUCCESS for one in been[first:])


async def test_a_session_begins_only_with_both_consents_on_record(hall):
    room, one = hall.parts.mediations, await hall.begun()
    await room.invite(one.id, "zheng")
    with pytest.raises(NotBothAgreed):
        await room.session(one.id, "zheng", "谈了")
    await room.consent(one.id, "zheng", "respondent", True, "phone")
    assert await hall.state(one) == "agreed"
    async with hall.db.read() as s:
        rows = await s.scalars(select(MediationConsent).order_by(MediationConsent.id))
        consents = [(c.side, c.agreed, c.way, c.by) for c in rows]
    assert consents == [
        ("applicant", True, "online", None), ("respondent", True, "phone", "zheng"),
    ]  # fmt: skip
    await room.session(one.id, "zheng", "谈了界墙。")
    assert await hall.state(one) == "in_session"


async def test_a_clear_no_ends_it_and_the_citizen_goes_to_the_next_door(hall):
    room = hall.parts.mediations
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    await room.invite(one.id, "zheng")
    assert (await hall.referral(one)).status == "accepted"
    await room.consent(one.id, "zheng", "respondent", False, "in_person", "对方说不谈")
    assert await hall.state(one) == "refused"
    ticket = await hall.ticket(ticket_id)
    assert (ticket.status, ticket.destination) == ("open", "duty_lawyer")
    assert "一方不同意：对方说不谈" in ticket.summary
    assert (await hall.referral(one)).status == "closed"
    await hall.fire()
    assert "有一方不愿意调解" in (await hall.said_to(talk))[-1]
    with pytest.raises(MediationMovedOn):
        await room.consent(one.id, "zheng", "respondent", True, "phone")


async def test_what_was_not_agreed_comes_back_with_other_doors_and_time_limits(hall):
    room = hall.parts.mediations
    talk = await hall.citizen()
    told = {"apply_date": "2026-03-02", "region": "990101", "party": "natural_person",
            "matter": "private_loan", "danger": "none", "violence": "none", "request": "mediation",
            "role": "claimant", "known_date": "2023-04-01"}  # fmt: skip
    decided = await hall.parts.routing.screen(talk.id, "m-0", told, "debt", {})
    assert decided["warn"]
    answer = await hall.parts.routing.open_ticket(talk.id, "m-1", "mediation")
    await hall.fire()
    one = await hall.mediation(answer["ticket"])
    await room.invite(one.id, "zheng")
    await room.consent(one.id, "zheng", "respondent", True, "phone")
    await room.session(one.id, "zheng", "谈了")
    await room.fail(one.id, "zheng", State.NO_AGREEMENT, "数额谈不拢")
    await hall.fire()
    said = (await hall.said_to(talk))[-1]
    assert "调解没有谈成：数额谈不拢" in said and "请注意期限" in said
    assert (await hall.ticket(answer["ticket"])).status == "open"


async def test_two_clicks_at_once_count_once(hall):
    room, one = hall.parts.mediations, await hall.begun()
    await room.invite(one.id, "zheng")
    yes = [room.consent(one.id, "zheng", "respondent", True, "phone") for _ in range(3)]
    await asyncio.gather(*yes, return_exceptions=True)
    assert await hall.history(one) == ["proposed", "invited", "consent", "agreed"]
    await room.session(one.id, "zheng", "谈了")
    today = china_date(hall.clock.now())
    done = await asyncio.gather(
        *(room.agree(one.id, "zheng", "oral", today) for _ in range(2)), return_exceptions=True
    )
    assert [type(one) for one in done if one] == [MediationMovedOn]
    assert (await hall.history(one)).count("agreement") == 1


async def test_an_agreement_closes_the_ticket_and_the_referral(hall):
    one = await hall.meeting()
    await hall.parts.mediations.agree(one.id, "zheng", "written", china_date(hall.clock.now()))
    referral = await hall.referral(one)
    ticket = await hall.ticket(referral.ticket_id)
    assert (referral.status, ticket.status, ticket.outcome) == (
        "closed", "closed", "referred_mediation",
    )  # fmt: skip


async def test_a_risk_alarms_a_duty_lawyer_once_and_names_110_to_the_citizen(hall):
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    await hall.parts.mediations.alarm(one.id, "zheng", "对方带人上门")
    await hall.fire()
    assert "110" in (await hall.said_to(talk))[-1]
    async with hall.db.read() as s:
        urgent = await s.scalars(select(Ticket).where(Ticket.urgency == Urgency.DANGER))
        (alarm,) = list(urgent)
    assert (alarm.conversation_id, alarm.destination) == (talk.id, "emergency_110")
    assert await hall.state(one) == "proposed", "whether to go on is the mediator's to say"


async def test_a_message_reaches_the_citizen_once_with_the_committees_number(hall):
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    await hall.parts.mediations.message(one.id, "zheng", "周三上午九点，带上房产证。")
    await hall.fire()
    said = await hall.said_to(talk)
    assert "周三上午九点" in said[-1] and "0000-0000003" in said[-1]
    assert sum("周三上午九点" in line for line in said) == 1


async def test_a_ticket_that_a_supervisor_closes_ends_its_mediation(hall, clock):
    _, ticket_id = await hall.chosen()
    boss = await factories.lawyer(hall.db, clock, "周主管", role="supervisor")
    hall.parts.events.table.clear()  # the process dies before anybody hears of it
    await hall.parts.dispatch.close(ticket_id, boss.id, "withdrawn", None)
    hall.clock._now += timedelta(minutes=2)
    for _ in range(2):  # the referral's look, then ours
        await hall.parts.dispatch.timers.fire_due()
        hall.clock._now += timedelta(minutes=2)
    assert await hall.state(await hall.mediation(ticket_id)) == "withdrawn"


async def test_whose_case_is_closed_with_the_mediation_is_promised_no_lawyer(hall, clock):
    talk, ticket_id = await hall.chosen()
    boss = await factories.lawyer(hall.db, clock, "周主管", role="supervisor")
    await hall.parts.dispatch.close(ticket_id, boss.id, "withdrawn", None)
    hall.clock._now += timedelta(minutes=2)
    for _ in range(3):
        await hall.fire()
        hall.clock._now += timedelta(minutes=2)
    [said] = [line for line in await hall.said_to(talk) if line.startswith("调解已经撤回")]
    assert "工单已经办结" in said and "律师接着" not in said


async def test_success_is_counted_from_outcomes_with_what_it_is_of(hall):
    reached = await hall.meeting()
    await hall.parts.mediations.agree(reached.id, "zheng", "oral", china_date(hall.clock.now()))
    refused = await hall.begun()
    await hall.parts.mediations.invite(refused.id, "zheng")
    await hall.parts.mediations.consent(refused.id, "zheng", "respondent", False, "phone", "不")
    await hall.begun()
    await hall.begun(label="domestic_violence")
    async with hall.db.read() as s:
        found = await figures(s, hall.clock.now() - timedelta(days=1))
    assert (found.came, found.open, found.barred) == (4, 1, 1)
    shares = {one.label: (one.count, one.of) for one in found.shares}
    assert shares == {"双方同意调解": (1, 2), "达成协议": (1, 2), "法院已确认": (0, 0)}
    assert [one.percent for one in found.shares] == ["50%", "50%", "—"]
