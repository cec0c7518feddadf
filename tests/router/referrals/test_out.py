"""转出: a case at another organ has a receipt and a deadline, and comes back if it is not taken."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.orm.attributes import set_committed_value

from router.audit import AuditEntry
from router.dispatch import timers
from router.referrals import moves
from router.referrals.errors import ReferralMovedOn
from router.referrals.models import Referral
from router.referrals.schemas import Answer
from router.referrals.status import LABELS, NEXT, OUTCOMES, State
from router.tickets.models import Note, Ticket
from router.tickets.status import OUTCOMES as TICKET_OUTCOMES
from tests import factories

BACK = Answer(to="returned", words="双方住在外县，请找当地的调解委员会。")
TAKEN = Answer(to="accepted")


def over(outcome: str = "agreed", words: str = "") -> Answer:
    return Answer(to="closed", outcome=outcome, words=words)


def test_every_state_has_a_next_and_a_label_and_the_ends_have_none():
    assert set(NEXT) == set(LABELS) == set(State)
    assert [state for state in State if not NEXT[state]] == [State.RETURNED, State.CLOSED]
    assert all(end in TICKET_OUTCOMES for _, end in OUTCOMES.values())


async def test_the_citizen_has_a_receipt_and_the_day_of_the_answer(office):
    talk = await office.citizen()
    told = await office.parts.routing.open_ticket(talk.id, "m-1", "mediation")
    referral = await office.of_ticket(told["ticket"])
    assert f"转办回执号 {referral.receipt}" in told["text"] and "4月1日前" in told["text"]
    asked = await office.parts.routing.status(talk.id)
    assert f"转办回执号 {referral.receipt}，等待接收" in asked
    assert (referral.organ, referral.direction) == ("人民调解委员会", "out")


async def test_the_same_choice_again_is_the_same_referral(office):
    talk, referral = await office.referred()
    await office.parts.routing.open_ticket(talk.id, "m-2", "mediation")
    assert await office.count(Referral) == 1
    assert (await office.by_receipt(referral.receipt)).id == referral.id


async def test_staff_write_down_for_a_paper_organ_that_it_took_the_case(office):
    talk, referral = await office.referred()
    await office.parts.referrals.answer_for("zhuguan", referral.id, TAKEN)
    await office.quiet()
    assert await office.state(referral) == "accepted"
    assert (await office.said_to(talk))[-1].startswith("人民调解委员会已经接收您的事")
    assert (await office.ticket(referral)).status == "recorded"
    trail = [(row.who, row.action, row.about) for row in await office.all(AuditEntry)]
    assert trail == [("zhuguan", "referral_accepted", referral.receipt)]


async def test_a_returned_case_goes_to_a_duty_lawyer_with_the_reason_and_the_citizen_is_told(
    office,
):
    wang = await office.lawyer()
    talk, referral = await office.referred()
    await office.parts.referrals.answer_for("zhuguan", referral.id, BACK)
    await office.quiet()
    ticket = await office.ticket(referral)
    assert (ticket.status, ticket.offered_to) == ("offered", wang.id)
    assert (ticket.destination, ticket.delivery) == ("duty_lawyer", "offer")
    assert "人民调解委员会退回：双方住在外县" in ticket.summary
    said = [line for line in await office.said_to(talk) if "退回来了" in line]
    assert len(said) == 1 and "原因：双方住在外县，请找当地的调解委员会。" in said[0]
    assert "不用重说" in said[0] and "。。" not in said[0]
    assert await office.ticket_history(ticket.id) == ["opened", "sent_back", "offered"]


async def test_a_returned_transfer_opens_a_new_case_since_the_old_one_was_over(office):
    wang = await office.lawyer()
    with_referral(office, "notary", days=10)
    talk, referral = await office.referred("notary")
    assert (await office.ticket(referral)).status == "closed"
    await office.parts.referrals.answer_for("zhuguan", referral.id, BACK)
    old, new = sorted(await office.all(Ticket), key=lambda t: t.status != "closed")
    assert (new.status, new.offered_to, new.matter) == ("offered", wang.id, old.matter)
    assert new.conversation_id == talk.id and "退回：双方住在外县" in new.summary
    assert new.opened_by == f"referral:{referral.id}:returned"


async def test_a_returned_application_that_a_lawyer_reads_is_a_note_to_that_lawyer(office):
    wang = await office.lawyer()
    _, referral = await office.referred("legal_aid_application")
    await office.accept(referral.ticket_id)
    await office.parts.referrals.answer_for("zhuguan", referral.id, BACK)
    ticket = await office.ticket(referral)
    assert (ticket.status, ticket.owner) == ("accepted", wang.id)
    (note,) = await office.all(Note)
    assert note.text.startswith("清河县法律援助中心（虚构）退回：双方住在外县")


async def test_with_nobody_on_duty_a_returned_case_waits_on_an_alarm(office):
    _, referral = await office.referred()
    await office.parts.referrals.answer_for("zhuguan", referral.id, BACK)
    ticket = await office.ticket(referral)
    assert ticket.status == "open" and ticket.alarmed_at


async def test_killed_right_after_the_return_the_case_is_offered_by_the_next_process(
    office, monkeypatch
):
    wang = await office.lawyer()

    async def die(*_):
        raise RuntimeError("killed")

    talk, referral = await office.referred()
    monkeypatch.setattr(office.parts.referrals, "_wake", die)
    with pytest.raises(RuntimeError):
        await office.parts.referrals.answer_for("zhuguan", referral.id, BACK)
    monkeypatch.undo()
    await office.clock.leap(timers.RESUME)
    await office.parts.dispatch.timers.fire_due()
    await office.quiet()
    assert (await office.ticket(referral)).offered_to == wang.id
    assert sum("退回来了" in line for line in await office.said_to(talk)) == 1


@pytest.mark.parametrize("outcome", list(OUTCOMES))
async def test_a_closed_referral_closes_the_ticket_that_waited_for_it(office, outcome):
    talk, referral = await office.referred()
    words = "协议已交双方。"
    await office.parts.referrals.answer_for("zhuguan", referral.id, over(outcome, words))
    await office.quiet()
    ticket = await office.ticket(referral)
    assert (ticket.status, ticket.outcome) == ("closed", OUTCOMES[outcome][1])
    (said,) = [line for line in await office.said_to(talk) if "办完了" in line]
    assert f"办完了您的事：{OUTCOMES[outcome][0]}。协议已交双方。" in said


async def test_a_ticket_that_the_supervisor_closes_ends_its_referral_without_a_second_message(
    office,
):
    boss = await office.lawyer("主管", role="supervisor", on_duty=False)
    talk, referral = await office.referred()
    await office.parts.dispatch.close(referral.ticket_id, boss.id, "withdrawn")
    assert await office.state(referral) == "closed"
    await office.quiet()
    assert not [line for line in await office.said_to(talk) if "办完了" in line]


@pytest.mark.parametrize(
    ("outcome", "state"), [("aid_application", "sent"), ("withdrawn", "closed")]
)
async def test_an_application_goes_on_when_its_first_reader_passes_it_on(office, outcome, state):
    wang = await office.lawyer()
    _, referral = await office.referred("legal_aid_application")
    await office.accept(referral.ticket_id)
    await office.parts.dispatch.close(referral.ticket_id, wang.id, outcome)
    assert await office.state(referral) == state


# Moves that cannot be, moves twice, moves at once


@pytest.mark.parametrize("end", [BACK, over()])
@pytest.mark.parametrize("then", [TAKEN, Answer(to="returned", words="别的原因"), over("done")])
async def test_nothing_follows_an_end(office, end, then):
    _, referral = await office.referred()
    await office.parts.referrals.answer_for("zhuguan", referral.id, end)
    with pytest.raises(ReferralMovedOn):
        await office.parts.referrals.answer_for("zhuguan", referral.id, then)
    assert await office.state(referral) == end.to


@pytest.mark.parametrize("said", [TAKEN, BACK, over()])
async def test_the_same_answer_sent_again_changes_nothing_and_is_no_fault(office, said):
    talk, referral = await office.referred()
    for _ in range(3):
        await office.parts.referrals.answer_for("zhuguan", referral.id, said)
    await office.quiet()
    assert await office.history(referral) == ["opened", said.to]
    assert len([m for m in await office.said_to(talk) if referral.organ in m]) == 1


async def test_of_two_answers_in_one_moment_one_holds_and_the_other_is_told(office):
    await office.lawyer()
    talk, referral = await office.referred()
    answer = office.parts.referrals.answer_for
    done = await asyncio.gather(
        answer("a", referral.id, BACK), answer("b", referral.id, over()), return_exceptions=True
    )
    (lost,) = [one for one in done if one is not None]
    assert isinstance(lost, ReferralMovedOn)
    await office.quiet()
    assert len(await office.history(referral)) == 2
    ended = [m for m in await office.said_to(talk) if "退回来了" in m or "办完了" in m]
    assert len(ended) == 1


async def test_who_looked_before_the_deadline_passed_does_not_write_over_the_alarm(office):
    _, referral = await office.referred()
    async with office.db.write() as s:
        await moves.overdue(s, await s.get(Referral, referral.id), office.clock.now())
    with pytest.raises(ReferralMovedOn):
        async with office.db.write() as s:
            old = await s.get(Referral, referral.id)
            set_committed_value(old, "seq", referral.seq)
            await moves.move(s, old, State.ACCEPTED, office.clock.now())
    assert await office.history(referral) == ["opened", "overdue"]


# Deadlines


@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, True)])
async def test_an_organ_that_does_not_answer_is_an_alarm_at_the_end_of_the_last_day(
    office, seconds, late
):
    _, referral = await office.referred()
    await office.parts.referrals.answer_for("zhuguan", referral.id, TAKEN)
    await office.clock.leap(referral.due_at - office.clock.now() + timedelta(seconds=seconds))
    await office.parts.dispatch.timers.fire_due()
    async with office.db.read() as s:
        assert await office.parts.referrals.alarms(s) == int(late)
    assert ("overdue" in await office.history(referral)) is late


async def test_a_deadline_that_passed_while_nobody_ran_alarms_once_at_the_next_start(office):
    _, referral = await office.referred()
    await office.parts.dispatch.stop()
    await office.clock.leap(timedelta(days=60))
    for _ in range(3):
        await office.parts.dispatch.timers.fire_due()
    assert (await office.history(referral)).count("overdue") == 1


def with_referral(office, name: str, **block) -> None:
    """As if the destination's file had this `referral:`."""
    from router.destinations.registry import Handover

    doors = office.parts.destinations
    door = doors.get(name)
    doors._known[name] = door.model_copy(update={"referral": Handover(**block)})


async def test_a_place_without_a_referral_block_gets_none(office):
    talk = await factories.conversation(office.db, office.clock)
    told = await office.parts.routing.open_ticket(talk.id, "m-1", "notary")
    assert "回执" not in told["text"]
    assert await office.count(Referral) == 0
